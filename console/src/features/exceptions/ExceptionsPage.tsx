import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { exception, findingSummary, type Exception } from "@/api/findings";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { useAddress, writeSearch } from "@/ui/address";
import { Panel } from "@/ui/overlay/Panel";
import { Go } from "@/ui/parts/Go";
import { Page, Tabs } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { plural } from "@/features/records/say";
import { ExceptionActs } from "./ExceptionActs";
import { ExceptionFacts, ExceptionMark, Without } from "./ExceptionFacts";
import { measured, scopeText } from "./say";

const fields: readonly Field[] = [{ name: "state", label: "State", values: ["requested", "approved", "refused", "withdrawn", "ended"] }, { name: "control", label: "Control" }];
const order = ["requested", "approved", "ended", "refused", "withdrawn"];

const columns: readonly Column<Exception>[] = [
  { id: "control", header: "Control", width: 84, phone: "fact", sortBy: (x) => x.control, cell: (x) => <Go href={`/exceptions/${x.id}`} className="mono" data-row>{x.control}</Go> },
  { id: "scope", header: "Covers", width: "16%", phone: "title", cell: (x) => scopeText(x) },
  { id: "why", header: "Because", phone: "fact", cell: (x) => <span className="ink2" title={x.justification}>{x.justification}</span> },
  { id: "measured", header: "Measured", width: 132, cell: (x) => <span className="ink2">{x.state === "approved" || x.state === "requested" ? measured(x).replace("still tested; ", "") : "–"}</span> },
  { id: "requester", header: "Asked by", width: 110, cell: (x) => <span className="ink2">{x.requester}</span> },
  { id: "ends", header: "Ends", width: 150, align: "right", phone: "fact", sortBy: (x) => x.ends, cell: (x) => <Due at={x.ends} done={x.state !== "approved" && x.state !== "requested"} past="since" /> },
  { id: "state", header: "State", width: 150, phone: "status", sortBy: (x) => order.indexOf(x.state), cell: (x) => <ExceptionMark exception={x} /> },
];

/** ExceptionsPage lists what is excused, by whom and until when, and what waits for a second person. */
export default function ExceptionsPage() {
  const { id } = useParams({ strict: false });
  const { params, change } = useAddress();
  const router = useRouter();
  const filter = readFilter(params, fields);
  const list = useList<Exception>("/exceptions", { ...filter.fields, q: filter.words });
  const rows = list.rows.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.ends.localeCompare(b.ends));
  const waiting = rows.filter((each) => each.state === "requested").length;
  const inForce = rows.filter((each) => each.state === "approved").length;
  const search = writeSearch(params);
  const { data: summary } = useQuery(findingSummary);
  return (
    <div className="withpanel">
      <div className="withpanel-list">
        <Page title={list.pending ? "Exceptions" : `${inForce === 0 ? "No exception is" : plural(inForce, "exception is", "exceptions are")} in force, ${waiting === 0 ? "none waits" : plural(waiting, "waits", "wait")} for a decision`} tab="Exceptions"
          tabs={<Tabs label="Findings" tabs={[{ label: "Open", href: "/findings", active: false, count: summary?.open }, { label: "Excepted", href: "/findings?state=excepted", active: false, count: summary?.excepted }, { label: "Closed", href: "/findings?state=closed", active: false }, { label: "All", href: "/findings?state=all", active: false }, { label: "Exceptions", href: "/exceptions", active: true }]} />}>
          <FilterBar filter={filter} fields={fields} placeholder="word, state:requested, control:" onChange={(next) => change({ state: next.fields["state"], control: next.fields["control"], q: next.words })} />
          {list.error ? <ErrorState trouble={trouble(list.error, "The exceptions could not be read")} again={list.again} /> : null}
          {rows.length > 0 ? <DataTable label="Exceptions" rows={rows} columns={id ? columns.filter((column) => ["control", "scope", "state"].includes(column.id)) : columns} keyOf={(x) => x.id} href={(x) => `/exceptions/${x.id}${search}`} tint={(x) => (x.id === id ? "current" : undefined)} /> : null}
          {!list.pending && !list.error && rows.length === 0 ? <None narrowed={search !== ""} /> : null}
          {rows.length > 0 ? <ListEnd shown={rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
        </Page>
      </div>
      {id === undefined ? null : <Shown key={id} id={id} close={() => void router.navigate({ href: `/exceptions${search}` })} />}
    </div>
  );
}

function None({ narrowed }: { narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No exception matches">Drop a condition to see more.</EmptyState>;
  return <EmptyState title="Nothing is excused" command="thingward exception request TSP-02 --ends 2027-03-31">An exception is asked for on a control or a finding, approved by another person, and ends by itself. It never makes a control pass.</EmptyState>;
}

function Shown({ id, close }: { id: string; close: () => void }) {
  const query = useQuery(exception(id));
  return (
    <Panel title="Exception" onClose={close}>
      {query.error ? <ErrorState trouble={trouble(query.error, "The exception could not be read")} again={() => void query.refetch()} /> : null}
      {query.data ? <><ExceptionFacts exception={query.data} />{query.data.state === "approved" ? <Without exception={query.data} /> : null}<ExceptionActs exception={query.data} /></> : null}
    </Panel>
  );
}
