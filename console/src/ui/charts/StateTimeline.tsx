import { words } from "@/words";
import type { Status } from "@/ui/marks/status";
import { clockTime, dayText, whenText } from "@/ui/time/format";
import { fill } from "./patterns";
import "./charts.css";

export interface StateSpan { from: number; to: number; status: Status }
export interface StateRow { label: string; spans: readonly StateSpan[]; lead?: boolean }

/** StateTimeline draws which status held when, one line per row, over the same stretch of time. */
export function StateTimeline({ rows, from, to, end = "now" }: { rows: readonly StateRow[]; from: number; to: number; end?: string }) {
  const marks = [0, 1 / 3, 2 / 3, 1].map((share) => from + share * (to - from));
  return (
    <div className="statelines">
      {rows.map((row) => (
        <div key={row.label} className="stateline">
          <span className={row.lead ? "stateline-name stateline-lead" : "stateline-name"}>{row.label}</span>
          <Line row={row} from={from} to={to} />
        </div>
      ))}
      <div className="stateline" aria-hidden>
        <span />
        <div className="stateaxis caption">{marks.map((at) => <span key={at}>{at === to ? end : to - from < 36 * 3_600_000 ? clockTime(at) : dayText(at, to)}</span>)}</div>
      </div>
    </div>
  );
}

function said(spans: readonly StateSpan[]): string {
  return spans.map((span) => `${words.status[span.status]} from ${whenText(span.from)}`).join("; ") || words.noData;
}

function Line({ row, from, to }: { row: StateRow; from: number; to: number }) {
  const thin = row.lead ? 12 : 6;
  const tall = row.lead ? 18 : 11;
  const x = (at: number) => (100 * (Math.min(Math.max(at, from), to) - from)) / Math.max(1, to - from);
  return (
    <svg className="grow" height={18} role="img" aria-label={`${row.label}: ${said(row.spans)}`}>
      {row.spans.map((span) => {
        const height = span.status === "fail" ? tall : thin;
        const outline = span.status === "not-assessed" || span.status === "not-applicable";
        return (
          <rect key={span.from} x={`${x(span.from)}%`} width={`${Math.max(0.4, x(span.to) - x(span.from))}%`} y={(18 - height) / 2} height={height}
            fill={fill(span.status)} stroke={outline ? "var(--none)" : "none"}>
            <title>{`${words.status[span.status]}, ${whenText(span.from)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
