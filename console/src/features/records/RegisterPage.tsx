import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { dutySummary, registerKinds, type Entry } from "@/api/records";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { EntryForm } from "./EntryForm";
import { RecordTabs } from "./RecordTabs";
import { plural, wordsOf } from "./say";
import "./records.css";

/** RegisterPage lists what else there is that records are about: suppliers, links, releases and the like. */
export default function RegisterPage() {
  const { params, change } = useAddress();
  const may = useMay();
  const { data: summary } = useQuery(dutySummary);
  const { data: kinds } = useQuery(registerKinds);
  const [adding, setAdding] = useState(false);
  const title = (kind: string) => kinds?.find((each) => each.kind === kind)?.title ?? wordsOf(kind);
  const fields: Field[] = [{ name: "kind", label: "Kind", values: (kinds ?? []).map((kind) => kind.kind) }, { name: "owner", label: "Owner" }, { name: "system", label: "System", elsewhere: true }, { name: "site", label: "Site", elsewhere: true }];
  const filter = readFilter(params, fields);
  const list = useList<Entry>("/register", { ...filter.fields, q: filter.words });
  const columns: readonly Column<Entry>[] = [
    { id: "name", header: "Name", width: "24%", phone: "title", cell: (e) => <Go href={`/records/register/${e.id}`} data-row>{e.name}</Go> },
    { id: "kind", header: "Kind", width: "22%", phone: "fact", cell: (e) => <span className="ink2">{title(e.kind)}</span> },
    { id: "place", header: "System, site", phone: "fact", cell: (e) => <span className="ink2">{[e.system, e.site].filter(Boolean).join(", ") || "–"}</span> },
    { id: "owner", header: "Owner", width: "14%", phone: "fact", cell: (e) => <span className="ink2">{e.owner || "nobody"}</span> },
    { id: "changed", header: "Changed", width: 110, align: "right", cell: (e) => <span className="ink2"><RelativeTime at={e.changed} /></span> },
    { id: "state", header: "State", width: 76, phone: "status", cell: (e) => <span className={e.retired ? "ink3" : "ink2"}>{e.retired ? "Retired" : "Kept"}</span> },
  ];
  const chosen = kinds?.find((kind) => kind.kind === filter.fields["kind"]);
  return (
    <Page title={list.pending ? "Register" : chosen ? `${plural(list.total ?? list.rows.length, chosen.title.toLowerCase(), `entries: ${chosen.title.toLowerCase()}`)}` : `${plural(list.total ?? list.rows.length, "entry", "entries")} in the register`} tab="Register" note={chosen?.purpose} tabs={<RecordTabs active="register" summary={summary} />}
      actions={may("record:write") ? <Button kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Add an entry">Add an entry</Button> : null}
      rail={kinds ? (
        <section className="section">
          <SectionHead title="What the register holds" note={plural(kinds.length, "kind")} />
          <ul>{kinds.map((kind) => <li key={kind.kind} className="obligation"><Go href={`/records/register?kind=${kind.kind}`} className="plain obligation-status" {...(kind.kind === chosen?.kind ? { "aria-current": "true" as const } : {})}>{kind.title}</Go><span className="grow small ink2">{kind.purpose}</span></li>)}</ul>
        </section>
      ) : null}>
      <FilterBar filter={filter} fields={fields} placeholder="name, kind:supplier" onChange={(next) => change({ ...Object.fromEntries(fields.map((field) => [field.name, next.fields[field.name]])), q: next.words })} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The register could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Register" rows={list.rows} columns={columns} keyOf={(entry) => entry.id} href={(entry) => `/records/register/${entry.id}`} tint={() => undefined} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title={filter.words || Object.keys(filter.fields).length > 0 ? "No entry matches" : "The register is empty"} command="thingward register create --kind supplier --name NAME">{chosen?.purpose ?? "Enter suppliers, services, links and releases that no other part of the platform knows. Records are owed about each."}</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding && kinds ? <EntryForm kinds={kinds} kind={chosen?.kind ?? kinds[0]?.kind ?? ""} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}
