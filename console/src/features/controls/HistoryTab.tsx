import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { controlHistory } from "@/api/queries";
import type { Check, Control, HistoryEntry } from "@/api/types";
import { useAddress } from "@/ui/address";
import { ShareTimeline } from "@/ui/charts/ShareTimeline";
import { sentence } from "@/ui/charts/StackBar";
import { StateTimeline } from "@/ui/charts/StateTimeline";
import { asStatus } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState } from "@/ui/parts/States";
import { Timeline } from "@/ui/parts/Timeline";
import { Wait } from "@/ui/parts/Wait";
import { useAt } from "@/ui/past/past";
import { useStillNow } from "@/ui/time/clock";
import { whenText } from "@/ui/time/format";
import { words } from "@/words";
import { countsOf, kept, passing, spansOf, stepsOf } from "./history";

/** HistoryTab shows how a control stood over the time that is kept, or one of its checks, and each change with its reason. */
export function HistoryTab({ control }: { control: Control }) {
  const { params, change } = useAddress();
  const checks = control.checks ?? [];
  const check = checks.find((each) => each.id === params["check"]);
  const query = useQuery(controlHistory(control.id, check?.id));
  const past = useAt();
  const now = useStillNow();
  const title = checks.length === 0 ? "History" : (
    <>
      <label className="hidden" htmlFor="history-check">History of</label>
      <select id="history-check" className="headpick historypick" value={check?.id ?? ""} onChange={(event) => change({ check: event.target.value || undefined })}>
        <option value="">The whole control</option>
        {checks.map((each) => <option key={each.id} value={each.id}>{each.title}</option>)}
      </select>
    </>
  );
  return (
    <Wait query={query} say={(error) => trouble(error, "The history could not be read")}>
      {(all) => {
        const entries = all.filter((entry) => Date.parse(entry.at) <= now);
        const oldest = Math.min(now - 3_600_000, ...entries.map((entry) => Date.parse(entry.at)));
        const from = Math.max(now - kept, oldest - (now - oldest) * 0.05);
        const stretch = { from, to: now, end: past === undefined ? "now" : "then" };
        const spans = spansOf(entries, from, now);
        return (
          <>
            <section className="section historyhead">
              <SectionHead title={title} note={passing(spans)} />
              <div className="pad"><StateTimeline rows={[{ label: check ? "The check" : control.id, spans, lead: true }]} {...stretch} /></div>
            </section>
            {check && entries.length > 0 ? <Objects check={check} entries={entries} {...stretch} /> : null}
            <Changes entries={entries} />
          </>
        );
      }}
    </Wait>
  );
}

function Objects({ check, entries, from, to, end }: { check: Check; entries: readonly HistoryEntry[]; from: number; to: number; end: string }) {
  const steps = stepsOf(entries, from, to);
  return (
    <section className="section">
      <SectionHead title="Its objects" note={`share of them by status; ${end}: ${sentence(steps.at(-1)?.counts ?? {})}`} />
      <div className="historyshare"><ShareTimeline steps={steps} from={from} to={to} end={end} label={`Objects of ${check.title}`} /></div>
    </section>
  );
}

function Changes({ entries }: { entries: readonly HistoryEntry[] }) {
  const moments = entries.toSorted((a, b) => b.at.localeCompare(a.at)).map((entry, i) => {
    const counts = entry.counts ? sentence(countsOf(entry.counts)) : undefined;
    return {
      key: entry.at + i, at: Date.parse(entry.at), time: whenText(Date.parse(entry.at)), mark: <StatusGlyph status={asStatus(entry.status)} />,
      text: words.status[asStatus(entry.status)], note: [counts, entry.reason].filter(Boolean).join("; "),
    };
  });
  return (
    <section className="section historychanges">
      <SectionHead title="Changes" note={`${entries.length.toLocaleString("en")}, newest first`} />
      {moments.length === 0 ? <EmptyState title="Nothing changed yet">A line appears here each time the status changes, with what was seen.</EmptyState> : <Timeline moments={moments} label="Changes" yields="note" />}
    </section>
  );
}
