import { useQuery } from "@tanstack/react-query";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { dutySummary, recordKinds, type Duty, type DutyState } from "@/api/records";
import { useAddress } from "@/ui/address";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { Tag } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { readSort, writeSort, type Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { DutyMark } from "./DutyMark";
import { dutyHref, dutyStates, dutyWords, headline, wordsOf } from "./say";
import { RecordTabs } from "./RecordTabs";
import "./records.css";

const columns: readonly Column<Duty>[] = [
  { id: "title", header: "Record", phone: "title", sortBy: (d) => d.title, cell: (d) => <Go href={dutyHref(d)} data-row>{d.title}</Go> },
  { id: "object", header: "About", width: "20%", phone: "fact", sortBy: (d) => d.object.name, cell: (d) => <span className="ink2" title={wordsOf(d.object.kind)}>{d.object.name}{d.object.system && d.object.system !== d.object.name ? <span className="ink3">, {d.object.system}</span> : null}</span> },
  { id: "owner", header: "Owner", width: "13%", phone: "fact", sortBy: (d) => d.owner ?? "", cell: (d) => (d.owner ? <span className="ink2">{d.owner}</span> : <span className="ink3">nobody</span>) },
  { id: "controls", header: "Serves", width: "17%", cell: (d) => <span className="row controltags">{(d.controls ?? []).slice(0, 3).map((id) => <Go key={id} href={`/controls/${id}`}><Tag>{id}</Tag></Go>)}{(d.controls ?? []).length > 3 ? <span className="small ink3">+{(d.controls ?? []).length - 3}</span> : null}</span> },
  { id: "ends", header: "Ends", width: 160, align: "right", phone: "fact", sortBy: (d) => d.record?.expires ?? "9", cell: (d) => <span className="ink2"><Due at={d.record?.expires} none="–" past="since" /></span> },
  { id: "state", header: "State", width: 190, phone: "status", sortBy: (d) => dutyStates.indexOf(d.state), cell: (d) => <DutyMark state={d.state} {...(d.state === "missing" && d.record?.state === "draft" ? { note: "draft begun" } : {})} /> },
];

// What asks something of somebody stands above what is in order.
const worstFirst = { column: "state", descending: false };

/** RecordsPage answers "what is owed, by whom, by when?" for everything that persons have to show. */
export default function RecordsPage() {
  const { params, change } = useAddress();
  const { data: summary } = useQuery(dutySummary);
  const { data: kinds } = useQuery(recordKinds);
  const fields: Field[] = [
    { name: "state", label: "State", values: dutyStates }, { name: "kind", label: "Kind", values: (kinds ?? []).map((kind) => kind.name) }, { name: "about", label: "About", values: [...new Set((kinds ?? []).map((kind) => kind.about))] },
    { name: "owner", label: "Owner" }, { name: "system", label: "System", elsewhere: true }, { name: "site", label: "Site", elsewhere: true },
  ];
  const filter = readFilter(params, fields);
  const list = useList<Duty>("/duties", { ...filter.fields, q: filter.words }, { limit: 1000 });
  // Without a filter, what is not owed is left out: it asks nothing of anybody.
  const rows = filter.fields["state"] ? list.rows : list.rows.filter((duty) => duty.state !== "not-owed");
  // The summary counts for the whole organisation: narrowed, its figures would be of something else.
  const place = filter.fields["site"] ?? filter.fields["system"];
  const pick = (state: DutyState) => change({ state: filter.fields["state"] === state ? undefined : state });
  return (
    <Page title={place ? `What is owed in ${place}` : summary ? headline(summary) : "Records"} tab="Records" tabs={<RecordTabs active="" summary={summary} />}>
      {summary && !place ? (
        <ul className="dutycounts">
          {dutyStates.filter((state) => (summary.counts[state] ?? 0) > 0).map((state) => (
            <li key={state}><button type="button" className={filter.fields["state"] === state ? "dutycount dutycount-on" : "dutycount"} aria-pressed={filter.fields["state"] === state} onClick={() => pick(state)} title={`Show only: ${dutyWords[state]}`}><b>{(summary.counts[state] ?? 0).toLocaleString("en")}</b><DutyMark state={state} /></button></li>
          ))}
        </ul>
      ) : null}
      <FilterBar filter={filter} fields={fields} placeholder="word, state:missing, kind:" onChange={(next) => change({ ...Object.fromEntries(fields.map((field) => [field.name, next.fields[field.name]])), q: next.words })} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The duties could not be read")} again={list.again} /> : null}
      {rows.length > 0 ? (
        <DataTable label="Duties" rows={rows} columns={columns} keyOf={(duty) => `${duty.kind} ${duty.object.id}`} href={dutyHref}
          sort={readSort(params["sort"]) ?? worstFirst} onSort={(sort) => change({ sort: writeSort(sort) })} />
      ) : null}
      {!list.pending && !list.error && rows.length === 0 ? <None narrowed={Object.keys(filter.fields).length > 0 || filter.words !== ""} /> : null}
      {list.rows.length > 0 ? <ListEnd shown={rows.length} total={filter.fields["state"] ? list.total : list.more ? undefined : rows.length} more={list.more} loading={list.loading} /> : null}
    </Page>
  );
}

function None({ narrowed }: { narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No duty matches">Drop a condition to see more.</EmptyState>;
  return <EmptyState title="Nobody owes a record" command="thingward record duties">Records are owed about the organisation, systems, sites, device types, and what stands in the register.</EmptyState>;
}
