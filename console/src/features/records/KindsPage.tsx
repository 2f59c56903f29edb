import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { dutySummary, recordKinds, type RecordKind } from "@/api/records";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { Tag } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { readSort, writeSort, type Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ImportRecords } from "./ImportRecords";
import { RecordTabs } from "./RecordTabs";
import { plural, wordsOf } from "./say";
import "./records.css";

const served = (kind: RecordKind) => [...new Set((kind.serves ?? []).map((each) => each.control))];

/** lifeText says how long a record counts. */
export function lifeText(days: number): string {
  if (days === 0) return "no end";
  return days % 365 === 0 ? plural(days / 365, "year") : plural(days, "day");
}

const columns: readonly Column<RecordKind>[] = [
  { id: "title", header: "Kind", width: "26%", phone: "title", sortBy: (k) => k.title, cell: (k) => <Go href={`/records/${k.name}`} data-row>{k.title}</Go> },
  { id: "purpose", header: "What it proves", phone: "fact", cell: (k) => <span className="ink2" title={k.purpose}>{k.purpose}</span> },
  { id: "about", header: "About each", width: 120, phone: "fact", sortBy: (k) => k.about, cell: (k) => <span className="ink2">{wordsOf(k.about)}</span> },
  { id: "life", header: "Counts for", width: 90, align: "right", sortBy: (k) => k.lifeDays, cell: (k) => <span className="ink2">{lifeText(k.lifeDays)}</span> },
  { id: "serves", header: "Serves", width: "20%", phone: "status", cell: (k) => <span className="row controltags">{served(k).slice(0, 3).map((id) => <Go key={id} href={`/controls/${id}`}><Tag>{id}</Tag></Go>)}{served(k).length > 3 ? <span className="small ink3">+{served(k).length - 3}</span> : null}</span> },
];

/** KindsPage lists every kind of record: what it proves, about what, for how long, and which controls it serves. */
export default function KindsPage() {
  const { params, change } = useAddress();
  const may = useMay();
  const query = useQuery(recordKinds);
  const { data: summary } = useQuery(dutySummary);
  const [importing, setImporting] = useState(false);
  const fields: Field[] = [{ name: "about", label: "About", values: [...new Set((query.data ?? []).map((kind) => kind.about))] }, { name: "control", label: "Control" }];
  const filter = readFilter(params, fields);
  const rows = (query.data ?? []).filter((kind) => (!filter.fields["about"] || kind.about === filter.fields["about"]) && (!filter.fields["control"] || served(kind).includes(filter.fields["control"].toUpperCase())) && `${kind.name} ${kind.title} ${kind.purpose}`.toLowerCase().includes(filter.words.toLowerCase()));
  const controls = new Set((query.data ?? []).flatMap(served)).size;
  return (
    <Page title={query.data ? `${plural(query.data.length, "kind")} of record, serving ${plural(controls, "control")}` : "Kinds of record"} tab="Kinds of record" tabs={<RecordTabs active="kinds" summary={summary} />}
      actions={<>
        <a className="btn btn-plain" href="/api/v1/records/export" download="records.json"><Icon name="download" size={13} />Export all</a>
        {may("record:write") ? <Button icon={<Icon name="upload" size={13} />} onClick={() => setImporting(true)} data-command="Import records">Import…</Button> : null}
      </>}>
      <FilterBar filter={filter} fields={fields} placeholder="word, about:system, control:" onChange={(next) => change({ about: next.fields["about"], control: next.fields["control"], q: next.words })} />
      {query.error ? <ErrorState trouble={trouble(query.error, "The kinds could not be read")} again={() => void query.refetch()} /> : null}
      {rows.length > 0 ? <DataTable label="Kinds of record" rows={rows} columns={columns} keyOf={(kind) => kind.name} href={(kind) => `/records/${kind.name}`} sort={readSort(params["sort"])} onSort={(sort) => change({ sort: writeSort(sort) })} /> : null}
      {query.data && rows.length === 0 ? <EmptyState title="No kind matches">Drop a condition to see more.</EmptyState> : null}
      {importing ? <ImportRecords onClose={() => setImporting(false)} /> : null}
    </Page>
  );
}
