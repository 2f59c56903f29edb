import { StatusGlyph } from "@/ui/marks/StatusMark";
import type { Proven, Verdict } from "./proofs";

const status = { good: "pass", bad: "fail", unknown: "unknown" } as const;

/** VerdictWord says what the verification in this browser found, and how long it took. */
export function VerdictWord({ proven }: { proven: Proven }) {
  const said: Record<Verdict, string> = { good: "Verified here", bad: "Verification failed", unknown: "Verified in part" };
  return (
    <span className={`mark small ${proven.verdict === "good" ? "pass" : proven.verdict === "bad" ? "fail" : ""}`}>
      <StatusGlyph status={status[proven.verdict]} />
      <span>{said[proven.verdict]}, {proven.ms < 10 ? proven.ms.toFixed(1) : Math.round(proven.ms)} ms</span>
    </span>
  );
}

/** Steps lists each thing that was checked, with the value it was checked on. */
export function Steps({ proven }: { proven: Proven }) {
  return (
    <ol className="steps">
      {proven.steps.map((each) => (
        <li key={each.text}>
          <StatusGlyph status={status[each.verdict]} label={each.verdict} />
          <span className="grow">{each.text}</span>
          <span className="mono ink3" title={each.detail}>{each.detail}</span>
        </li>
      ))}
    </ol>
  );
}
