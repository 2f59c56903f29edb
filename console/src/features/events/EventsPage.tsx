import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { get } from "@/api/client";
import { countOf, useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { items } from "@/api/queries";
import type { Event, EventType, List } from "@/api/types";
import { useAddress } from "@/ui/address";
import { RefusedMark } from "@/ui/marks/Marks";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { useHeld } from "@/ui/table/held";
import { HeldRows } from "@/ui/table/HeldRows";
import { ListEnd } from "@/ui/table/ListEnd";
import { utcFull, utcTime } from "@/ui/time/format";
import { subjectHref } from "@/features/alerts/words";
import { EventPanel } from "./EventPanel";
import { partyText, summary } from "./summary";

const keyOf = (event: Event) => event.id;
const refused = (event: Event) => /refused|rejected|denied/.test(event.type);

function columns(openHref: (id: string) => string, proof: boolean): Column<Event>[] {
  return [
    { id: "time", header: "Time, UTC", width: 112, phone: "fact", cell: (e) => <Go href={openHref(e.id)} className="mono" data-row title={utcFull(Date.parse(e.time))}>{utcTime(Date.parse(e.time))}</Go> },
    { id: "severity", header: "Severity", width: 96, phone: "status", cell: (e) => <SeverityMark severity={asSeverity(e.severity)} word /> },
    { id: "type", header: "Type", width: "19%", phone: "fact", cell: (e) => <span className="mono">{e.type}</span> },
    { id: "what", header: "What happened", phone: "title", cell: (e) => (refused(e) ? <RefusedMark text={summary(e)} /> : summary(e)) },
    { id: "who", header: "Initiator", width: "15%", phone: "fact", cell: (e) => <span className="ink2">{partyText(e.initiator)}</span> },
    { id: "to", header: "Receiver", width: "15%", cell: (e) => { const href = subjectHref(e.receiver); return href ? <Go href={href} className={e.receiver.kind === "device" ? "link mono" : "link"}>{partyText(e.receiver)}</Go> : <span className="ink2">{partyText(e.receiver)}</span>; } },
    ...(proof ? [{ id: "entry", header: "Log entry", width: 90, align: "right" as const, cell: (e: Event) => (e.entry === undefined ? <span className="ink3">waiting</span> : <Go href={`/audit/${e.entry}`} className="link mono">{e.entry.toLocaleString("en")}</Go>) }] : []),
  ];
}

/** EventsPage is the ledger of everything that happened, newest first. */
export default function EventsPage() {
  const { params, change } = useAddress();
  const may = useMay();
  const { data: types } = useQuery({ queryKey: ["event-types"], staleTime: Infinity, queryFn: () => get<List<EventType> | EventType[]>("/event-types").then(items) });
  const fields = useMemo((): Field[] => [
    { name: "type", label: "Type", values: (types ?? []).map((type) => type.name) },
    { name: "severity", label: "Severity", values: ["critical", "high", "medium", "low", "info"] },
    { name: "subject", label: "Subject" }, { name: "from", label: "From" }, { name: "to", label: "To" },
  ], [types]);
  const filter = readFilter(params, fields);
  const asked = { ...filter.fields, q: filter.words };
  const list = useList<Event>("/events", asked);
  const box = useRef<HTMLDivElement>(null);
  const open = params["event"];
  const held = useHeld(list.rows, keyOf, box, JSON.stringify([asked, list.rows.length > 100 ? Math.floor(list.rows.length / 100) : 0]), open !== undefined);
  const openHref = (id: string) => `/events?${new URLSearchParams({ ...params, event: id }).toString()}`;
  const current = held.rows.find((event) => event.id === open);
  return (
    <div className="withpanel">
      <div className="withpanel-list">
        <Page title={list.pending ? "Events" : `${countOf(list)} ${list.rows.length === 1 ? "event" : "events"}${Object.keys(filter.fields).length > 0 || filter.words ? " match" : ", each kept in the log"}`} tab="Events">
          <FilterBar filter={filter} fields={fields} placeholder="word, type:session.refused" onChange={(next) => change({ ...Object.fromEntries(fields.map((f) => [f.name, next.fields[f.name]])), q: next.words, event: undefined })}><HeldRows newer={held.newer} show={held.show} what="events" /></FilterBar>
          {list.error ? <ErrorState trouble={trouble(list.error, "The events could not be read")} again={list.again} /> : null}
          <div ref={box}>
            {held.rows.length > 0 ? (
              <DataTable label="Events" rows={held.rows} columns={columns(openHref, may("audit:read"))} keyOf={keyOf} href={(event) => openHref(event.id)} dimmed={held.gone}
                tint={(event) => (event.id === open ? "current" : undefined)} />
            ) : null}
          </div>
          {!list.pending && !list.error && held.rows.length === 0 ? <EmptyState title="No event matches">Drop a condition to see more. Every connection, change and refusal is an event.</EmptyState> : null}
          {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
        </Page>
      </div>
      {current ? <EventPanel event={current} onClose={() => change({ event: undefined })} /> : null}
    </div>
  );
}
