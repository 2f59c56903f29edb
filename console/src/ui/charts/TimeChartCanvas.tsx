import { LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { TimeChartProps } from "./TimeChart";

register([LineChart, GridComponent, TooltipComponent, MarkLineComponent, MarkAreaComponent, CanvasRenderer]);

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// gaps are stretches where nothing was measured; they are shaded instead of bridged.
function gaps(points: TimeChartProps["points"]): [{ xAxis: number }, { xAxis: number }][] {
  const found: [{ xAxis: number }, { xAxis: number }][] = [];
  points.forEach((point, i) => {
    if (point.value !== null) return;
    const start = points[i - 1]?.at ?? point.at;
    const end = points.slice(i).find((next) => next.value !== null)?.at ?? point.at;
    if (found.at(-1)?.[1].xAxis !== end) found.push([{ xAxis: start }, { xAxis: end }]);
  });
  return found;
}

function lines({ marks = [], limit }: TimeChartProps) {
  const label = { color: token("--fail"), fontSize: 11, fontFamily: "Inter" };
  return [
    ...marks.map((mark) => ({ xAxis: mark.at, lineStyle: { color: token("--fail"), type: "solid" as const }, label: { show: false } })),
    ...(limit ? [{ yAxis: limit.value, lineStyle: { color: token("--fail"), type: "dashed" as const }, label: { ...label, formatter: limit.text, position: "insideStartTop" as const } }] : []),
  ];
}

function option(props: TimeChartProps): EChartsCoreOption {
  const text = { color: token("--ink3"), fontSize: 11, fontFamily: "Inter" };
  const values = props.points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const least = Math.min(0, ...values);
  const low = least < 0 ? -nice(-least) : 0;
  const high = Math.max(...values) <= 0 && low < 0 ? 0 : nice(Math.max(...values, 0));
  return {
    animation: false,
    grid: { left: 44, right: 8, top: 6, bottom: props.axis === false ? 4 : 20 },
    tooltip: {
      trigger: "axis", backgroundColor: token("--raised"), borderColor: token("--line2"), borderWidth: 1, padding: [4, 8],
      textStyle: { color: token("--ink"), fontSize: 12, fontFamily: "Inter" }, axisPointer: { lineStyle: { color: token("--edge") } },
    },
    xAxis: { type: "time", min: props.from, max: props.to, axisLabel: { ...text, hideOverlap: true, show: props.axis !== false, formatter: { day: "{d} {MMM}" } }, axisLine: { lineStyle: { color: token("--line2") } }, axisTick: { show: false } },
    yAxis: { type: "value", min: low, max: high, interval: high - low, axisLabel: text, splitLine: { lineStyle: { color: token("--line") } } },
    series: [{
      type: "line", name: props.name, showSymbol: false, connectNulls: false, data: props.points.map((point) => [point.at, point.value]),
      lineStyle: { color: token("--accent"), width: 1.5 }, itemStyle: { color: token("--accent") },
      markLine: { symbol: "none", silent: true, data: lines(props) },
      markArea: { silent: true, itemStyle: { color: hatch() }, data: gaps(props.points) },
    }],
  };
}

// hatch paints a gap in stripes, as everywhere else in the console.
function hatch(): { image: HTMLCanvasElement; repeat: "repeat" } | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const pen = tile.getContext("2d");
  if (!pen) return token("--line");
  pen.strokeStyle = token("--line2");
  for (const x of [-6, 0, 6]) {
    pen.moveTo(x, 6);
    pen.lineTo(x + 6, 0);
  }
  pen.stroke();
  return { image: tile, repeat: "repeat" };
}

function nice(value: number): number {
  if (value <= 0) return value === 0 ? 1 : 0;
  const step = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * step).find((limit) => limit >= value) ?? value;
}

/** TimeChartCanvas draws the series with the chart library; it is loaded only by pages that show one. */
export default function TimeChartCanvas(props: TimeChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<ECharts>(undefined);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    if (!box.current) return undefined;
    const chart = init(box.current);
    drawn.current = chart;
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, []);
  useEffect(() => { drawn.current?.setOption(option(props), true); }, [props, scheme]); // oxlint-disable-line react/exhaustive-effect-dependencies -- the scheme changes the tokens that option reads
  return <div ref={box} style={{ width: "100%", height: "100%" }} aria-hidden />;
}
