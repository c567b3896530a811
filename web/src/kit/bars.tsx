import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "./chart";
import { useSettings } from "./settings";
import { tone } from "./tone";

const HEIGHT = 190;
const LEAST_WIDTH = 200;
const GROUP = 0.66;

/** Draws the bars of all series, side by side in each group, straight onto the canvas. */
function drawn(series: readonly Series[], tones: readonly string[]): (plot: uPlot) => void {
  return (plot) => {
    const { ctx } = plot;
    const step = Math.abs(plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true));
    const wide = (step * GROUP) / series.length;
    const ground = plot.valToPos(0, "y", true);
    for (const [at, one] of series.entries()) {
      ctx.fillStyle = tones[at] ?? "gray";
      for (const [index, value] of one.values.entries()) {
        const left = plot.valToPos(index, "x", true) - (step * GROUP) / 2 + at * wide;
        const top = plot.valToPos(value, "y", true);
        ctx.fillRect(Math.round(left), top, Math.max(1, Math.round(wide) - 1), ground - top);
      }
    }
  };
}

function options(element: HTMLElement, labels: readonly string[], series: readonly Series[]): uPlot.Options {
  const axis = {
    stroke: tone(element, "--ink-quiet"),
    font: `13px ${getComputedStyle(element).fontFamily}`,
    ticks: { show: false },
  };
  const tones = series.map((_, index) => tone(element, `--series-${index}`));
  return {
    width: Math.max(LEAST_WIDTH, element.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 6, 0, 0],
    scales: {
      x: { time: false, range: [-0.6, labels.length - 0.4] },
      y: { range: (_, _low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: [1, 2, 3, 6, 12],
        space: 64,
        size: 30,
        values: (_, at) => at.map((index) => labels[index] ?? ""),
      },
      {
        ...axis,
        grid: { stroke: tone(element, "--line"), width: 1 },
        size: 44,
        incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1000],
      },
    ],
    series: [{}, ...series.map(() => ({ stroke: "transparent", points: { show: false }, width: 0 }))],
    hooks: { drawAxes: [drawn(series, tones)] },
  };
}

interface Props {
  title: string;
  labels: readonly string[];
  series: readonly Series[];
}

/** The drawing alone; `Chart` shows it beside its table. */
export default function Bars({ title, labels, series }: Props): ReactNode {
  const { theme } = useSettings();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const data: uPlot.AlignedData = [
      labels.map((_, index) => index),
      ...series.map((one) => [...one.values]),
    ];
    const plot = new uPlot(options(element, labels, series), data, element);
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(LEAST_WIDTH, element.clientWidth), height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [labels, series, theme]);
  return <div ref={box} className="bars" role="img" aria-label={title} />;
}
