import { words } from "@/words";
import { barOrder, type Counts, type Status } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { fill } from "./patterns";
import "./charts.css";

/** sentence reads a bar aloud: "113 pass, 4 excepted, 11 fail". */
export function sentence(counts: Counts): string {
  const parts = barOrder.filter((status) => (counts[status] ?? 0) > 0).map((status) => `${counts[status]} ${words.status[status].toLowerCase()}`);
  return parts.length === 0 ? words.noData : parts.join(", ");
}

/** StackBar draws how many objects stand at each status; failures are taller than the rest. */
export function StackBar({ counts, height = 8 }: { counts: Counts; height?: number }) {
  const shown = barOrder.filter((status) => (counts[status] ?? 0) > 0);
  const tall = height + (height > 10 ? 6 : 4);
  return (
    <div className="stackbar" role="img" aria-label={sentence(counts)} style={{ height: tall }}>
      {shown.map((status) => (
        <Segment key={status} status={status} share={counts[status] ?? 0} height={status === "fail" ? tall : height} />
      ))}
    </div>
  );
}

function Segment({ status, share, height }: { status: Status; share: number; height: number }) {
  const outline = status === "not-assessed";
  return (
    <svg height={height} style={{ flex: `${share} 1 0`, minWidth: 3 }} aria-hidden>
      <rect x={outline ? 0.5 : 0} y={outline ? 0.5 : 0} width="100%" height={outline ? height - 1 : height} fill={fill(status)}
        className={outline ? "bar-outline" : ""} stroke={outline ? "var(--none)" : "none"} />
    </svg>
  );
}

function Swatch({ status }: { status: Status }) {
  const outline = status === "not-assessed";
  return (
    <svg width="9" height="9" aria-hidden style={{ flex: "none" }}>
      <rect x=".5" y=".5" width="8" height="8" fill={fill(status)} stroke={outline ? "var(--none)" : "none"} />
    </svg>
  );
}

/** BarLegend names what StackBar shows, with the counts; what is not applicable stands beside it. */
export function BarLegend({ counts, swatches = true }: { counts: Counts; swatches?: boolean }) {
  const order: readonly Status[] = [...barOrder, "not-applicable"];
  return (
    <ul className="legend">
      {order.filter((status) => (counts[status] ?? 0) > 0).map((status) => (
        <li key={status}>
          {swatches && status !== "not-applicable" ? <Swatch status={status} /> : null}
          <StatusGlyph status={status} size={12} />
          <span>{counts[status]?.toLocaleString("en")} {words.status[status].toLowerCase()}</span>
        </li>
      ))}
    </ul>
  );
}
