import "./charts.css";

export interface Point { at: number; value: number | null }

/** spread tells the smallest and largest value, or nothing when there is none. */
export function spread(points: readonly Point[]): [number, number] | undefined {
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  return values.length === 0 ? undefined : [Math.min(...values), Math.max(...values)];
}

/** runs cuts a series at its gaps, so that a gap stays a gap. */
export function runs(points: readonly Point[]): { at: number; value: number }[][] {
  const found: { at: number; value: number }[][] = [[]];
  for (const point of points) {
    if (point.value === null) found.push([]);
    else found[found.length - 1]?.push({ at: point.at, value: point.value });
  }
  return found.filter((run) => run.length > 0);
}

type Props = { points: readonly Point[]; label: string; height?: number; min?: number; max?: number; tone?: string; bounds?: boolean };

/** Spark is a small line without axes; `bounds` writes the range beside it, since it need not start at zero. */
export function Spark({ points, label, height = 36, min, max, tone = "var(--ink2)", bounds = true }: Props) {
  const range = spread(points);
  const first = points[0]?.at ?? 0;
  const last = points[points.length - 1]?.at ?? 1;
  if (range === undefined) return <div className="spark spark-none" style={{ height }} role="img" aria-label={`${label}: no data`} />;
  const low = min ?? Math.min(0, range[0]);
  const high = Math.max(max ?? range[1], low + 1e-9);
  const x = (at: number) => (100 * (at - first)) / Math.max(1, last - first);
  const y = (value: number) => height - 1.5 - ((height - 3) * (value - low)) / (high - low);
  const line = (run: { at: number; value: number }[]) => run.map((p) => `${x(p.at).toFixed(2)},${y(p.value).toFixed(2)}`).join(" ");
  const end = runs(points).at(-1)?.at(-1);
  return (
    <div className="spark" role="img" aria-label={`${label}: from ${range[0].toLocaleString("en")} to ${range[1].toLocaleString("en")}, now ${end?.value.toLocaleString("en") ?? "nothing"}`}>
      <div className="spark-plot" style={{ height }}>
        <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" width="100%" height={height} aria-hidden>
          {runs(points).map((run) => (
            <polyline key={run[0]?.at} points={line(run)} fill="none" stroke={tone} strokeWidth="1.3" vectorEffect="non-scaling-stroke" />
          ))}
        </svg>
        {end ? <span className="spark-end" style={{ left: `${x(end.at)}%`, top: y(end.value), background: tone }} /> : null}
      </div>
      {bounds ? <Bounds low={low} high={high} /> : null}
    </div>
  );
}

function Bounds({ low, high }: { low: number; high: number }) {
  const text = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 1, notation: value >= 10_000 ? "compact" : "standard" });
  return <span className="spark-bounds caption" aria-hidden><span>{text(high)}</span><span>{text(low)}</span></span>;
}
