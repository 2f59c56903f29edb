import { useRef } from "react";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import type { Alert } from "@/api/types";
import { useAddress } from "@/ui/address";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Go } from "@/ui/parts/Go";
import { Page, Tabs } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { readSort, writeSort } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { useHeld } from "@/ui/table/held";
import { HeldRows } from "@/ui/table/HeldRows";
import { ListEnd } from "@/ui/table/ListEnd";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { alertState } from "./words";

const order = ["critical", "high", "medium", "low", "info"];
const fields: readonly Field[] = [
  { name: "severity", label: "Severity", values: order }, { name: "rule", label: "Rule" }, { name: "subject", label: "Subject" },
];

const columns: readonly Column<Alert>[] = [
  { id: "severity", header: "Severity", width: 96, phone: "fact", sortBy: (a) => order.indexOf(a.severity), cell: (a) => <SeverityMark severity={asSeverity(a.severity)} word /> },
  { id: "title", header: "Alert", phone: "title", cell: (a) => <Go href={`/alerts/${a.id}`} data-row>{a.title}</Go> },
  { id: "subject", header: "Object", width: "18%", phone: "fact", sortBy: (a) => a.subject.name ?? a.subject.id, cell: (a) => <span className="mono ink2">{a.subject.name ?? a.subject.id}</span> },
  { id: "control", header: "Control", width: 84, phone: "fact", cell: (a) => <span className="mono ink2">{a.control}</span> },
  { id: "count", header: "Times", width: 72, align: "right", sortBy: (a) => a.count, cell: (a) => a.count.toLocaleString("en") },
  { id: "last", header: "Last seen", width: 110, align: "right", sortBy: (a) => a.last, cell: (a) => <span className="ink2"><RelativeTime at={a.last} /></span> },
  { id: "raised", header: "Raised", width: 110, align: "right", phone: "status", sortBy: (a) => a.raised, cell: (a) => <span className="ink2"><RelativeTime at={a.raised} /></span> },
  { id: "owner", header: "State", width: "14%", sortBy: (a) => a.state, cell: (a) => alertState(a) },
];

const keyOf = (alert: Alert) => alert.id;

/** AlertsPage answers "what is happening, who has it, what next?" */
export default function AlertsPage() {
  const { params, change } = useAddress();
  const state = params["state"] ?? "open";
  const filter = readFilter(params, fields);
  const list = useList<Alert>("/alerts", { state: state === "all" ? undefined : state, ...filter.fields });
  const shown = filter.words === "" ? list.rows : list.rows.filter((alert) => `${alert.title} ${alert.subject.name ?? ""}`.toLowerCase().includes(filter.words.toLowerCase()));
  const box = useRef<HTMLDivElement>(null);
  const held = useHeld(shown, keyOf, box, JSON.stringify([state, filter]), false);
  const critical = list.rows.filter((alert) => alert.severity === "critical").length;
  const total = list.total ?? list.rows.length;
  return (
    <Page title={list.pending ? "Alerts" : headline(state, total, critical)} tab="Alerts"
      tabs={<Tabs label="Alert state" tabs={["open", "acknowledged", "closed", "all"].map((each) => ({ label: each.charAt(0).toUpperCase() + each.slice(1), href: each === "open" ? "/alerts" : `/alerts?state=${each}`, active: each === state }))} />}>
      <FilterBar filter={filter} fields={fields} placeholder="word, severity:high" onChange={(next) => change({ ...Object.fromEntries(fields.map((f) => [f.name, next.fields[f.name]])), q: next.words })}><HeldRows newer={held.newer} show={held.show} what="alerts" /></FilterBar>
      {list.error ? <ErrorState trouble={trouble(list.error, "The alerts could not be read")} again={list.again} /> : null}
      <div ref={box}>
        {held.rows.length > 0 ? (
          <DataTable label="Alerts" rows={held.rows} columns={columns} keyOf={keyOf} href={(alert) => `/alerts/${alert.id}`} dimmed={held.gone}
            sort={readSort(params["sort"])} onSort={(sort) => change({ sort: writeSort(sort) })} />
        ) : null}
      </div>
      {!list.pending && !list.error && held.rows.length === 0 ? <None state={state} narrowed={Object.keys(filter.fields).length > 0 || filter.words !== ""} /> : null}
      {list.rows.length > 0 ? <ListEnd shown={shown.length} total={list.total} more={list.more} loading={list.loading} /> : null}
    </Page>
  );
}

function headline(state: string, total: number, critical: number): string {
  const count = `${total.toLocaleString("en")} ${total === 1 ? "alert" : "alerts"}`;
  if (state === "open") return total === 0 ? "No alert is open" : `${count} ${total === 1 ? "waits" : "wait"} for somebody${critical > 0 ? `, ${critical} critical` : ""}`;
  return state === "all" ? `${count} in all` : `${count} ${state}`;
}

function None({ state, narrowed }: { state: string; narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No alert matches">Drop a condition to see more.</EmptyState>;
  return <EmptyState title={state === "open" ? "Nobody has to act now" : `No alert is ${state}`}>Detection rules raise alerts from events; the rules and their thresholds stand under System.</EmptyState>;
}
