import { useQuery } from "@tanstack/react-query";
import { riskTrend, type TrendDay } from "@/api/risks";
import { SectionHead } from "@/ui/parts/Parts";
import { dayText } from "@/ui/time/format";
import { Spark } from "@/ui/charts/Spark";

const high = (levels: number[] | null) => (levels?.[3] ?? 0) + (levels?.[4] ?? 0);
const lines: readonly { name: string; value: (day: TrendDay) => number; tone?: string }[] = [
  { name: "Open", value: (day) => day.open, tone: "var(--accent)" }, { name: "High and very high, as rated", value: (day) => high(day.levels) },
  { name: "High and very high, remaining", value: (day) => high(day.remaining) }, { name: "Undecided", value: (day) => day.undecided }, { name: "With a late mitigation", value: (day) => day.overdue },
];

/** RiskTrend shows how the register changed over ninety days: what is open, what is high, what waits. */
export function RiskTrend({ scoped }: { scoped: boolean }) {
  const { data } = useQuery(riskTrend);
  const last = data?.at(-1);
  if (!data || !last) return null;
  return (
    <section className="section">
      <SectionHead title={scoped ? "90 days, the whole organisation" : "90 days"} note={`since ${dayText(Date.parse(data[0]?.at ?? last.at))}`} />
      <ul className="risktrend">
        {lines.map((line) => (
          <li key={line.name}>
            <span className="ink2 small">{line.name}</span>
            <b className="right">{line.value(last).toLocaleString("en")}</b>
            <Spark label={`${line.name}, 90 days`} points={data.map((day) => ({ at: Date.parse(day.at), value: line.value(day) }))} height={26} min={0} max={Math.max(1, ...data.map(line.value))} {...(line.tone ? { tone: line.tone } : {})} />
          </li>
        ))}
      </ul>
    </section>
  );
}
