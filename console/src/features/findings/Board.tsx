import type { FindingSummary } from "@/api/findings";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { SectionHead } from "@/ui/parts/Parts";
import { share } from "./say";

type Line = { key: string; name: string; open: number; overdue: number; field: string; value: string; severity?: string };
const order = ["critical", "high", "medium", "low", "info"];
const most = 6;

/** Board shows what is owed by owner and clock: who has how much of it, and how much of that is late. */
export function Board({ summary, narrow }: { summary: FindingSummary; narrow: (next: Record<string, string>) => void }) {
  if (summary.open === 0) return null;
  const owners: Line[] = (summary.owners ?? []).filter((each) => each.owner).map((each) => ({ key: each.owner ?? "", name: each.owner ?? "", open: each.open, overdue: each.overdue, field: "owner", value: each.owner ?? "" }));
  const nobody: Line[] = summary.unowned > 0 ? [{ key: "none", name: "Nobody", open: summary.unowned, overdue: (summary.owners ?? []).find((each) => !each.owner)?.overdue ?? 0, field: "owner", value: "none" }] : [];
  const domains: Line[] = (summary.domains ?? []).map((each) => ({ key: each.domain ?? "", name: each.domain ?? "", open: each.open, overdue: each.overdue, field: "domain", value: each.domain ?? "" }));
  const severities: Line[] = order.flatMap((each) => { const n = summary.severities?.[each] ?? 0; return n > 0 ? [{ key: each, name: each, open: n, overdue: 0, field: "severity", value: each, severity: each }] : []; });
  const late = (a: Line, b: Line) => b.overdue - a.overdue || b.open - a.open;
  return (
    <div className="board">
      <Column title="By owner" note="overdue first" lines={[...nobody, ...owners.toSorted(late)]} narrow={narrow} />
      <Column title="By domain" lines={domains.toSorted(late)} narrow={narrow} />
      <Column title="By severity" lines={severities} narrow={narrow} />
    </div>
  );
}

function Column({ title, note, lines, narrow }: { title: string; note?: string; lines: readonly Line[]; narrow: (next: Record<string, string>) => void }) {
  const longest = Math.max(1, ...lines.map((line) => line.open));
  const rest = lines.length - most;
  return (
    <section className="section board-column">
      <SectionHead title={title} {...(note ? { note } : {})} />
      <ul>
        {lines.slice(0, rest > 0 ? most - 1 : most).map((line) => (
          <li key={line.key}>
            <button type="button" className="board-line" onClick={() => narrow({ [line.field]: line.value })}>
              <span className="trunc">{line.severity ? <SeverityMark severity={asSeverity(line.severity)} word /> : line.name}</span>
              <span className="board-bar" aria-hidden><span className="board-late" style={{ width: `${share(line.overdue, longest)}%` }} /><span className="board-open" style={{ width: `${share(line.open - line.overdue, longest)}%` }} /></span>
              <span className="right">{line.open.toLocaleString("en")}<span className="hidden"> open</span></span>
              <span className={line.overdue > 0 ? "fail right nowrap" : "ink3 right"}>{line.severity ? "" : line.overdue > 0 ? `${line.overdue.toLocaleString("en")} late` : ""}</span>
              <span className="hidden">Show only these</span>
            </button>
          </li>
        ))}
        {rest > 0 ? <li className="small ink3 board-rest">{rest + 1} more</li> : null}
      </ul>
    </section>
  );
}
