import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { dutySummary, recordKinds, type Item } from "@/api/records";
import { useAddress } from "@/ui/address";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { FinishItem, MoveItem } from "./FinishItem";
import { RecordTabs } from "./RecordTabs";
import { plural, wordsOf } from "./say";
import "./records.css";

/** ItemsPage lists what records say must be done, by whom and by when, until it is done. */
export default function ItemsPage() {
  const { params, change } = useAddress();
  const may = useMay();
  const { data: summary } = useQuery(dutySummary);
  const { data: kinds } = useQuery(recordKinds);
  const [finishing, setFinishing] = useState<Item>();
  const [moving, setMoving] = useState<Item>();
  const fields: Field[] = [{ name: "state", label: "State", values: ["open", "closed", "all"] }, { name: "kind", label: "Kind", values: (kinds ?? []).map((kind) => kind.name) }, { name: "owner", label: "Owner" }, { name: "overdue", label: "Overdue", values: ["true"] }];
  const filter = readFilter(params, fields);
  const state = filter.fields["state"] ?? "open";
  const list = useList<Item>("/items", { ...filter.fields, state: state === "all" ? undefined : state });
  const columns: readonly Column<Item>[] = [
    { id: "title", header: "What is to be done", phone: "title", cell: (i) => <Go href={`/records/${i.kind}/${i.record}`} data-row>{i.title}</Go> },
    { id: "kind", header: "From", width: "20%", phone: "fact", cell: (i) => <span className="ink2">{kinds?.find((kind) => kind.name === i.kind)?.title ?? wordsOf(i.kind)}</span> },
    { id: "object", header: "About", width: "13%", phone: "fact", cell: (i) => <span className="ink2">{i.object.name}</span> },
    { id: "owner", header: "Owner", width: 104, phone: "fact", cell: (i) => <span className="ink2">{i.owner}</span> },
    { id: "due", header: "Due", width: 156, align: "right", phone: "status", cell: (i) => (parse(i.closed) === undefined ? <Due at={i.due} past="late by" /> : <span className="ink2">done <RelativeTime at={i.closed} /></span>) },
    { id: "acts", header: "", width: 150, align: "right", cell: (i) => (parse(i.closed) !== undefined ? <span className="ink2" title={i.outcome}><StatusGlyph status="pass" size={12} /> {i.outcome}</span> : may("record:write") ? <><Button kind="quiet" onClick={() => setMoving(i)}>Change…</Button><Button kind="quiet" onClick={() => setFinishing(i)}>Close…</Button></> : null) },
  ];
  const { open = 0, overdue = 0 } = summary?.items ?? {};
  return (
    <Page title={summary ? (open === 0 ? "No item is open" : `${plural(open, "item is", "items are")} open, ${overdue === 0 ? "none overdue" : `${overdue.toLocaleString("en")} overdue`}`) : "Items"} tab="Items" tabs={<RecordTabs active="items" summary={summary} />}>
      <FilterBar filter={filter} fields={fields} placeholder="owner:, overdue:true, state:closed" onChange={(next) => change(Object.fromEntries(fields.map((field) => [field.name, next.fields[field.name]])))} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The items could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Items" rows={list.rows} columns={columns} keyOf={(item) => item.id} href={(item) => `/records/${item.kind}/${item.record}`} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title={state === "open" ? "Nothing is to be done" : "No item matches"}>Items come from approved records: deviations to close, findings of an assessment, lessons of a drill.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {finishing ? <FinishItem item={finishing} onClose={() => setFinishing(undefined)} /> : null}
      {moving ? <MoveItem item={moving} onClose={() => setMoving(undefined)} /> : null}
    </Page>
  );
}
