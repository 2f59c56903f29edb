import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { controlHistory } from "@/api/queries";
import type { Control, HistoryEntry } from "@/api/types";
import { StateTimeline, type StateSpan } from "@/ui/charts/StateTimeline";
import { asStatus } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { SectionHead } from "@/ui/parts/Parts";
import { Timeline } from "@/ui/parts/Timeline";
import { Wait } from "@/ui/parts/Wait";
import { span, utcFull } from "@/ui/time/format";
import { useAt } from "@/ui/past/past";
import { useNow } from "@/ui/time/clock";
import { words } from "@/words";

const day = 86_400_000;

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

/** HistoryTab shows how a control stood over the time that is kept, and each change with its reason. */
export function HistoryTab({ control }: { control: Control }) {
  const query = useQuery(controlHistory(control.id));
  const past = useAt();
  const clock = useNow();
  const now = past === undefined ? clock : Date.parse(past);
  return (
    <Wait query={query} say={(error) => trouble(error, "The history could not be read")}>
      {(all) => {
        const entries = all.filter((entry) => Date.parse(entry.at) <= now);
        const oldest = Math.min(now - 3_600_000, ...entries.map((entry) => Date.parse(entry.at)));
        const from = Math.max(now - 90 * day, oldest - (now - oldest) * 0.05);
        const spans = spansOf(entries, from, now);
        const moments = entries.toSorted((a, b) => b.at.localeCompare(a.at)).map((entry, i) => ({
          key: entry.at + i, at: Date.parse(entry.at), time: utcFull(Date.parse(entry.at), false), mark: <StatusGlyph status={asStatus(entry.status)} />,
          text: words.status[asStatus(entry.status)], note: entry.reason,
        }));
        return (
          <>
            <section className="section">
              <SectionHead title="History" note={passing(spans)} />
              <div className="pad"><StateTimeline rows={[{ label: control.id, spans, lead: true }]} from={from} to={now} /></div>
            </section>
            <section className="section"><SectionHead title="Changes" note={`${entries.length}, newest first`} /><Timeline moments={moments} label="Changes" yields="note" /></section>
          </>
        );
      }}
    </Wait>
  );
}
