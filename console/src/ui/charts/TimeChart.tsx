import { lazy, Suspense, useState } from "react";
import { utcTime } from "@/ui/time/format";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { spread, type Point } from "./Spark";
import "./charts.css";

const Canvas = lazy(() => import("./TimeChartCanvas"));

export interface TimeChartProps {
  name: string;
  unit?: string;
  points: readonly Point[];
  from: number;
  to: number;
  height?: number;
  /** axis is drawn under the last chart of a page; the others share it. */
  axis?: boolean;
  marks?: readonly { at: number; text: string }[];
  limit?: { value: number; text: string };
}

/** TimeChart is one series over time: canvas for the eye, a sentence and a table for everyone. */
export function TimeChart(props: TimeChartProps) {
  const [asTable, setAsTable] = useState(false);
  const last = props.points.findLast((point) => point.value !== null)?.value;
  return (
    <figure className="timechart">
      <figcaption className="row">
        <span>{props.name}</span>
        <b>{last?.toLocaleString("en", { maximumFractionDigits: 2 }) ?? "no data"}</b>
        <span className="small ink3">{props.unit ?? ""}</span>
        <span className="grow" />
        <Button kind="quiet" aria-pressed={asTable} icon={<Icon name="table" size={13} />} onClick={() => setAsTable(!asTable)} aria-label={`${props.name} as table`} />
      </figcaption>
      <p className="hidden">{spoken(props)}</p>
      {asTable ? <Rows {...props} /> : (
        <div style={{ height: (props.height ?? 76) + (props.axis === false ? 0 : 16) }}>
          <Suspense fallback={null}><Canvas {...props} /></Suspense>
        </div>
      )}
    </figure>
  );
}

function spoken({ name, unit = "", points, marks = [] }: TimeChartProps): string {
  const range = spread(points);
  if (range === undefined) return `${name}: no data in this stretch of time.`;
  const events = marks.length === 0 ? "" : ` Marked: ${marks.map((mark) => mark.text).join(", ")}.`;
  return `${name} lay between ${range[0]} and ${range[1]} ${unit}, over ${points.length} values.${events}`;
}

function Rows({ name, unit = "", points }: TimeChartProps) {
  return (
    // A scrolling region has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="timechart-table" tabIndex={0} role="region" aria-label={`${name} values`}>
      <table>
        <thead><tr><th scope="col">Time, UTC</th><th scope="col">{name} {unit}</th></tr></thead>
        <tbody>
          {points.toReversed().map((point) => (
            <tr key={point.at}><td className="mono">{utcTime(point.at, false)}</td><td>{point.value ?? "gap"}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
