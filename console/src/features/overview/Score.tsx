import { useQuery } from "@tanstack/react-query";
import { profiles } from "@/api/frameworks";
import type { Posture } from "@/api/types";
import { BarLegend, StackBar } from "@/ui/charts/StackBar";
import { Go } from "@/ui/parts/Go";
import { Figure } from "@/ui/parts/Parts";
import { percent } from "./say";

/** Score never stands alone: coverage and freshness beside it, what it is with exceptions and weighted, and the bar of every control. */
export function Score({ posture: { score, counts } }: { posture: Posture }) {
  const { data: profileList } = useQuery(profiles);
  const active = profileList?.find((each) => each.active);
  const fresh = score.freshPercent === null ? 0 : Math.round((score.freshPercent * score.measured) / 100);
  const excepted = counts.excepted ?? score.excepted ?? 0;
  const share = (value: number | null | undefined) => (value === null || value === undefined ? { value: "–" } : { value: percent(value), unit: "%" });
  return (
    <section className="ov-score" aria-label="Score">
      <div className="ov-figures">
        <Figure lead label="Controls passing" value={score.passPercent === null ? "–" : percent(score.passPercent)} unit={score.passPercent === null ? undefined : "%"} caption={score.passPercent === null ? "insufficient data" : `${score.passing} of ${score.applicable}`} />
        <Figure label="Coverage" value={percent(score.coveragePercent)} unit="%" caption={`${score.measured} of ${score.applicable} measured`} />
        <Figure label="Freshness" {...share(score.freshPercent)} caption={`${fresh} of ${score.measured} still count`} />
        <Figure label="With exceptions" {...share(score.withExceptionsPercent ?? score.passPercent)} caption={excepted === 0 ? "none is in force" : `${excepted} excepted`} />
        <Figure label="Weighted" {...share(score.weightedPercent ?? score.passPercent)} caption={<Go href="/frameworks" className="plain">{active ? `as ${active.name.toLowerCase()}` : "every control alike"}</Go>} />
      </div>
      <StackBar counts={counts} height={9} />
      <BarLegend counts={counts} />
    </section>
  );
}
