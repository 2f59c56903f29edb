import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { trouble } from "@/api/problem";
import { telemetry } from "@/api/queries";
import type { Device, Series } from "@/api/types";
import { TimeChart } from "@/ui/charts/TimeChart";
import { SectionHead } from "@/ui/parts/Parts";
import { Wait } from "@/ui/parts/Wait";
import { useAddress } from "@/ui/address";

const ranges: readonly [string, number][] = [["1 h", 1], ["24 h", 24], ["7 d", 168], ["30 d", 720]];
const minute = 60_000;

/** Charts draws the telemetry of a device: one chart per property, all over the same stretch of time, which the address keeps. */
export function Charts({ device, most }: { device: Device; most: number }) {
  const { params, change } = useAddress();
  const [opened] = useState(() => Math.ceil(Date.now() / minute) * minute);
  const young = opened - Date.parse(device.created) < 120 * minute;
  const chosen = ranges.find(([name]) => name === params["range"])?.[1] ?? (young ? 1 : 24);
  const from = opened - chosen * 60 * minute;
  const query = useQuery({ ...telemetry(device.name, new Date(from).toISOString(), new Date(opened).toISOString()), refetchInterval: minute });
  return (
    <>
      <SectionHead title="Telemetry" note={`${chosen <= 48 ? `${chosen} h` : `${chosen / 24} d`}, minimum and maximum kept`}>
        <span className="ranges" role="group" aria-label="Range">
          {ranges.map(([name, length]) => <button key={name} type="button" className="sortby" aria-pressed={length === chosen} onClick={() => change({ range: name })}>{name}</button>)}
        </span>
      </SectionHead>
      <Wait query={query} say={(error) => trouble(error, "The telemetry could not be read")}>
        {(data) => {
          const series = (data.series ?? []).filter((each) => each.points.length > 0);
          if (series.length === 0) return <p className="ink3 small pad">No value arrived in this stretch of time.</p>;
          return <div className="charts">{series.slice(0, most).map((each, i, shown) => <One key={each.stream + each.property} series={each} from={from} to={opened} last={i === shown.length - 1} />)}</div>;
        }}
      </Wait>
    </>
  );
}

function One({ series, from, to, last }: { series: Series; from: number; to: number; last: boolean }) {
  return <TimeChart name={series.property} unit={series.unit ?? ""} points={series.points.map(([at, value]) => ({ at, value }))} from={from} to={to} axis={last} />;
}
