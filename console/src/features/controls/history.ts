import type { HistoryCounts, HistoryEntry } from "@/api/types";
import type { ShareStep } from "@/ui/charts/ShareTimeline";
import type { StateSpan } from "@/ui/charts/StateTimeline";
import { asStatus, type Counts } from "@/ui/marks/status";
import { span } from "@/ui/time/format";

const day = 86_400_000;
export const kept = 90 * day;

/** spansOf turns a list of changes (any order) into stretches of one status, up to now; before the first nothing was assessed. */
export function spansOf(entries: readonly HistoryEntry[], from: number, now: number): StateSpan[] {
  const changes = entries.map((entry) => ({ at: Date.parse(entry.at), status: asStatus(entry.status) })).toSorted((a, b) => a.at - b.at);
  const first = changes[0];
  const spans: StateSpan[] = first && first.at > from ? [{ from, to: first.at, status: "not-assessed" }] : [];
  changes.forEach((change, i) => {
    const to = changes[i + 1]?.at ?? now;
    if (to > from) spans.push({ from: Math.max(from, change.at), to, status: change.status });
  });
  return spans;
}

/** countsOf reads the counts of a step. */
export function countsOf(counts: HistoryCounts | undefined): Counts {
  if (!counts) return {};
  const { notAssessed, ...rest } = counts;
  return { ...rest, "not-assessed": notAssessed };
}

/** stepsOf turns the changes of a check (any order) into steps of counts, up to now; before the first nothing is drawn. */
export function stepsOf(entries: readonly HistoryEntry[], from: number, now: number): ShareStep[] {
  const changes = entries.map((entry) => ({ at: Date.parse(entry.at), counts: countsOf(entry.counts) })).toSorted((a, b) => a.at - b.at);
  return changes.flatMap((change, i) => {
    const to = changes[i + 1]?.at ?? now;
    return to > from ? [{ from: Math.max(from, change.at), to, counts: change.counts }] : [];
  });
}

/** passing says for which share of the time since the first judgement a control passed. */
export function passing(spans: readonly StateSpan[]): string {
  const known = spans.filter((each) => each.status !== "not-assessed");
  const length = (list: readonly StateSpan[]) => list.reduce((sum, each) => sum + each.to - each.from, 0);
  const fails = known.filter((each) => each.status === "fail");
  if (length(known) === 0) return "nothing was judged yet";
  const share = (Math.floor((1000 * length(known.filter((each) => each.status === "pass"))) / length(known)) / 10).toFixed(1);
  if (fails.length === 0) return `${share} % of the time pass, no failure`;
  return `${share} % of the time pass; ${fails.length} ${fails.length === 1 ? "failure" : "failures"}, longest ${span(Math.max(...fails.map((each) => each.to - each.from)))}`;
}
