import type { Posture } from "@/api/types";
import { BarLegend, StackBar } from "@/ui/charts/StackBar";
import { Figure } from "@/ui/parts/Parts";
import { percent } from "./say";

/** Score never stands alone: coverage and freshness beside it, and the bar of every control. */
export function Score({ posture: { score, counts } }: { posture: Posture }) {
  const fresh = score.freshPercent === null ? 0 : Math.round((score.freshPercent * score.measured) / 100);
  return (
    <section className="ov-score" aria-label="Score">
      <div className="ov-figures">
        <Figure lead label="Controls passing" value={score.passPercent === null ? "–" : percent(score.passPercent)} unit={score.passPercent === null ? undefined : "%"} caption={score.passPercent === null ? "insufficient data" : undefined} />
        <Figure label="Coverage" value={percent(score.coveragePercent)} unit="%" caption={`${score.measured} of ${score.applicable} measured`} />
        <Figure label="Freshness" value={score.freshPercent === null ? "–" : percent(score.freshPercent)} unit={score.freshPercent === null ? undefined : "%"} caption={`${fresh} of ${score.measured} still count`} />
        <Figure label="Obligations" value={score.assessed} unit={`of ${score.obligations}`} caption="assessed by something" />
      </div>
      <StackBar counts={counts} height={9} />
      <BarLegend counts={counts} />
    </section>
  );
}
