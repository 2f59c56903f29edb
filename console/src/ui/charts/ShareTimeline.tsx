import { words } from "@/words";
import { barOrder, type Counts, type Status } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { clockTime, dayText, whenText } from "@/ui/time/format";
import { fill } from "./patterns";
import { sentence } from "./StackBar";
import "./charts.css";

/** ShareStep is how many objects stood at each status, from a moment up to the next step. */
export interface ShareStep { from: number; to: number; counts: Counts }
const height = 96;

/** ShareTimeline draws which share of the objects stood at which status when: failures at the foot, so that they stand on the line. */
export function ShareTimeline({ steps, from, to, label, end = "now" }: { steps: readonly ShareStep[]; from: number; to: number; label: string; end?: string }) {
  const x = (at: number) => (100 * (Math.min(Math.max(at, from), to) - from)) / Math.max(1, to - from);
  const marks = [0, 1 / 3, 2 / 3, 1].map((share) => from + share * (to - from));
  const shown = barOrder.filter((status) => steps.some((step) => (step.counts[status] ?? 0) > 0));
  return (
    <div className="sharetime">
      <div className="sharetime-plot">
        <div className="sharetime-scale caption" aria-hidden><span>100 %</span><span>50 %</span><span>0 %</span></div>
        <svg height={height} role="img" aria-label={`${label}: ${steps.map((step) => `${whenText(step.from)} ${sentence(step.counts)}`).join("; ") || words.noData}`}>
          {steps.map((step) => <Step key={step.from} step={step} left={x(step.from)} width={Math.max(0.2, x(step.to) - x(step.from))} />)}
          {[0, 0.5, 1].map((share) => <line key={share} x1="0" x2="100%" y1={0.5 + share * (height - 1)} y2={0.5 + share * (height - 1)} stroke="var(--line)" strokeDasharray={share === 0.5 ? "2 3" : "none"} />)}
        </svg>
      </div>
      <div className="stateaxis caption" aria-hidden>{marks.map((at) => <span key={at}>{at === to ? end : to - from < 36 * 3_600_000 ? clockTime(at) : dayText(at, to)}</span>)}</div>
      <ul className="legend">{shown.map((status) => <li key={status}><StatusGlyph status={status} size={12} /><span>{words.status[status]}</span></li>)}</ul>
    </div>
  );
}

// From the foot up: what fails stands on the line, what passes lies on top of it all.
const upward = [...barOrder].toSorted((a, b) => order(a) - order(b));
function order(status: (typeof barOrder)[number]): number {
  return status === "fail" ? 0 : status === "pass" ? 9 : 1 + barOrder.indexOf(status);
}

/** stacked lays the counts of a step on top of each other: y and height of each status within the plot. */
export function stacked(counts: Counts, plot: number): { status: Status; y: number; tall: number }[] {
  const all = barOrder.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
  let foot = plot;
  return upward.filter((status) => (counts[status] ?? 0) > 0).map((status) => {
    const tall = Math.max(2, (plot * (counts[status] ?? 0)) / all); // one of very many is still drawn
    foot -= tall;
    return { status, y: Math.max(0, foot), tall };
  });
}

function Step({ step, left, width }: { step: ShareStep; left: number; width: number }) {
  const parts = stacked(step.counts, height);
  return (
    <g>
      <title>{`${whenText(step.from)}: ${sentence(step.counts)}`}</title>
      {parts.length === 0 ? <rect x={`${left}%`} width={`${width}%`} y={0} height={height} fill="url(#fill-gap)" /> : null}
      {parts.map(({ status, y, tall }) => <rect key={status} x={`${left}%`} width={`${width}%`} y={y} height={tall} fill={fill(status)} {...(status === "not-assessed" ? { stroke: "var(--none)", strokeDasharray: "3 2" } : {})} />)}
    </g>
  );
}
