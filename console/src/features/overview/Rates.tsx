import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { rates } from "@/api/queries";
import type { Device, List, Pair } from "@/api/types";
import { Spark } from "@/ui/charts/Spark";

const points = (pairs: Pair[] | null) => (pairs ?? []).map(([at, value]) => ({ at, value }));
const number = (value: number) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });

/** Rates are the three live figures of the last half hour. */
export function Rates() {
  const { data } = useQuery(rates);
  const { data: devices } = useQuery({ queryKey: ["count", "devices"], queryFn: () => get<List<Device>>("/devices", { limit: 1 }) });
  if (!data) return <section className="ov-rates" aria-label="Rates" />;
  const peak = Math.max(0, ...(data.refused ?? []).map(([, value]) => value ?? 0));
  return (
    <section className="ov-rates" aria-label="Rates">
      <Rate name="Messages" now={number(data.now.messages)} unit="/s" note="30 min" series={data.messages} tone="var(--accent)" />
      <Rate name="Connected" now={number(data.now.connected)} unit={devices?.total === undefined ? "" : `of ${number(devices.total)}`} note="30 min" series={data.connected} />
      <Rate name="Refused" now={number(data.now.refused)} unit="/min" note={`peak ${number(peak)}`} series={data.refused} />
    </section>
  );
}

type RateProps = { name: string; now: string; unit: string; note: string; series: Pair[] | null; tone?: string };

function Rate({ name, now, unit, note, series, tone }: RateProps) {
  return (
    <div className="ov-rate">
      <div className="row small ink2"><span>{name}</span><span className="grow" /><span className="ink3 ov-ratenote">{note}</span></div>
      <div className="figure-value">{now} <span className="figure-unit">{unit}</span></div>
      <Spark points={points(series)} label={`${name}, 30 minutes`} {...(tone ? { tone } : {})} height={40} />
    </div>
  );
}
