import type { LogEntry } from "@/api/types";
import { partyText } from "@/features/events/summary";
import { AllowedMark, ProofBadge, RefusedMark } from "@/ui/marks/Marks";
import { Go } from "@/ui/parts/Go";
import type { Column } from "@/ui/table/columns";
import { utcFull, utcTime } from "@/ui/time/format";

const refused = (entry: LogEntry) => /refused|rejected|denied|failed/.test(entry.event?.type ?? "");

/** columns of the log: which entry, when, who, what, on what, with what outcome, proved or not. */
export function columns(href: (index: number) => string): readonly Column<LogEntry>[] {
  return [
    { id: "entry", header: "Entry", width: 84, phone: "fact", cell: (e) => (e.sealed ? <Go href={href(e.index)} className="mono" data-row>{e.index.toLocaleString("en")}</Go> : <span className="mono ink3">waiting</span>) },
    { id: "time", header: "Time, UTC", width: 116, phone: "fact", cell: (e) => (e.event ? <span className="mono ink2" title={utcFull(Date.parse(e.event.time))}>{utcTime(Date.parse(e.event.time))}</span> : null) },
    { id: "actor", header: "Actor", width: "16%", phone: "fact", cell: (e) => (e.event ? partyText(e.event.initiator) : <span className="fail" title={e.broken}>does not verify</span>) },
    { id: "action", header: "Action", width: "20%", phone: "title", cell: (e) => <span className="mono">{e.event?.type ?? ""}</span> },
    { id: "object", header: "Object", cell: (e) => <span className="ink2">{e.event ? partyText(e.event.receiver) : ""}</span> },
    { id: "outcome", header: "Outcome", width: 92, cell: (e) => (!e.event ? null : refused(e) ? <RefusedMark /> : <AllowedMark />) },
    { id: "proof", header: "Proof", width: 118, align: "right", phone: "status", cell: (e) => <ProofBadge proof={e.broken ? "broken" : e.sealed ? "sealed" : "waiting"} /> },
  ];
}
