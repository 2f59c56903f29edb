import type { Finding } from "@/api/findings";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { StatusGlyph, StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import type { Column } from "@/ui/table/columns";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";

const order = ["critical", "high", "medium", "low", "info"];

/** FindingState says whether the check fails now, is excused, or passed again. */
export function FindingState({ finding }: { finding: Pick<Finding, "state" | "closed"> }) {
  if (finding.state === "excepted") return <StatusMark status="excepted" />;
  if (finding.state === "open") return <StatusMark status="fail" />;
  return <span className="mark ink2"><StatusGlyph status="pass" /><span>Closed{finding.closed ? <> <RelativeTime at={finding.closed} /></> : null}</span></span>;
}

const all: readonly Column<Finding>[] = [
  { id: "severity", header: "Severity", width: 84, phone: "fact", sortBy: (f) => order.indexOf(f.severity), cell: (f) => <SeverityMark severity={asSeverity(f.severity)} word /> },
  { id: "title", header: "What fails", phone: "title", cell: (f) => <Go href={`/findings/${f.id}`} data-row title={`${f.title}: ${f.reason}`}>{f.title}</Go> },
  { id: "subject", header: "Object", width: "14%", phone: "fact", sortBy: (f) => f.subject.name || f.subject.id, cell: (f) => <span className="mono ink2" title={f.subject.kind}>{f.subject.name || f.subject.id}</span> },
  { id: "control", header: "Control", width: 78, phone: "fact", sortBy: (f) => f.control, cell: (f) => <span className="mono ink2">{f.control}</span> },
  { id: "owner", header: "Owner", width: "10%", phone: "fact", sortBy: (f) => f.owner ?? "", cell: (f) => (f.owner ? <span className="ink2">{f.owner}</span> : <span className="ink3">nobody</span>) },
  { id: "opened", header: "Open for", width: 76, align: "right", sortBy: (f) => f.opened, cell: (f) => <span className="ink2"><RelativeTime at={f.opened} bare /></span> },
  { id: "due", header: "Due", width: 152, align: "right", phone: "fact", sortBy: (f) => f.due ?? "9", cell: (f) => <Due at={f.due} none="no date" done={f.state !== "open"} past="late by" /> },
  { id: "state", header: "State", width: 96, phone: "status", sortBy: (f) => f.state, cell: (f) => <FindingState finding={f} /> },
];

const beside: Record<string, string | number> = { title: "auto", subject: 150, owner: 110, state: 96 };

/** columns of the list; beside an open finding only what identifies a row, whose it is and its state. */
export function columns(narrow: boolean): readonly Column<Finding>[] {
  return narrow ? all.flatMap((column) => (beside[column.id] === undefined ? [] : [{ ...column, width: beside[column.id] }])) : all;
}
