import type { Posture } from "@/api/types";
import { SectionHead } from "@/ui/parts/Parts";
import { dayText } from "@/ui/time/format";

type Trended = { at: string; passPercent: number; coveragePercent: number }[];

/** Trend draws passing and coverage over the time that is kept, on one labelled scale. */
export function Trend({ trend: all }: { trend: NonNullable<Posture["trend"]> }) {
  const trend = all.flatMap((point) => (point.passPercent === null ? [] : [{ ...point, passPercent: point.passPercent }]));
  const first = trend[0];
  const last = trend.at(-1);
  if (!first || !last || trend.length < 2) return null;
  const [from, to] = [Date.parse(first.at), Date.parse(last.at)];
  const low = Math.max(0, Math.floor((Math.min(...trend.flatMap((p) => [p.passPercent, p.coveragePercent])) - 2) / 25) * 25);
  const line = (value: (p: Trended[number]) => number) =>
    trend.map((p) => `${((100 * (Date.parse(p.at) - from)) / Math.max(1, to - from)).toFixed(2)},${(96 - (92 * (value(p) - low)) / (100 - low)).toFixed(2)}`).join(" ");
  const said = `Passing went from ${first.passPercent.toFixed(1)} to ${last.passPercent.toFixed(1)} percent, coverage from ${first.coveragePercent.toFixed(1)} to ${last.coveragePercent.toFixed(1)} percent.`;
  return (
    <section className="section">
      <SectionHead title="Posture over time"><span className="small ink2 row"><Key tone="var(--pass)" />passing <Key tone="var(--ink2)" dashed />coverage</span></SectionHead>
      <div className="trend" role="img" aria-label={said}>
        <span className="trend-scale caption" aria-hidden><span>100</span><span>{(100 + low) / 2}</span><span>{low}</span></span>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
          {[4, 50, 96].map((y) => <path key={y} d={`M0 ${y}H100`} stroke="var(--line)" vectorEffect="non-scaling-stroke" />)}
          <polyline points={line((p) => p.coveragePercent)} fill="none" stroke="var(--ink2)" strokeWidth="1.2" strokeDasharray="3 3" vectorEffect="non-scaling-stroke" />
          <polyline points={line((p) => p.passPercent)} fill="none" stroke="var(--pass)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
        </svg>
        <span className="trend-axis caption" aria-hidden><span>{label(from, to - from)}</span><span>{label((from + to) / 2, to - from)}</span><span>now</span></span>
      </div>
    </section>
  );
}

function label(at: number, length: number): string {
  if (length > 2 * 86_400_000) return dayText(at);
  const time = new Date(at);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}

function Key({ tone, dashed = false }: { tone: string; dashed?: boolean }) {
  return <svg width="16" height="6" aria-hidden><path d="M0 3H16" stroke={tone} strokeWidth="1.5" strokeDasharray={dashed ? "3 3" : undefined} /></svg>;
}
