import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import { bounds, clock, people } from "./format";
import { useNow } from "./now";
import { useSay, useSettings } from "../kit/settings";
import { tone } from "../kit/tone";
import { words as kitWords } from "../kit/words";
import { words } from "./words";
import type { Count } from "./types";

const SPAN_S = 300;
const HEIGHT = 132;
const ROWS = 10;

function options(element: HTMLElement, language: string): uPlot.Options {
  const quiet = tone(element, "--ink-quiet");
  const grid = { stroke: tone(element, "--line"), width: 1 };
  const font = "12px system-ui, sans-serif";
  const bound = { stroke: "transparent", width: 0, points: { show: false } };
  return {
    width: Math.max(120, element.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    scales: { x: { time: true }, y: { range: (_, _low, high) => [0, Math.max(4, Math.ceil(high * 1.15))] } },
    axes: [
      {
        stroke: quiet,
        font,
        grid: { show: false },
        ticks: { show: false },
        space: 90,
        size: 26,
        values: (_, times) => times.map((t) => clock(t, language).slice(0, 5)),
        incrs: [60, 120],
      },
      {
        stroke: quiet,
        font,
        grid,
        ticks: { show: false },
        size: 34,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      },
    ],
    series: [
      {},
      { ...bound },
      { ...bound },
      { stroke: tone(element, "--accent"), width: 2, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: tone(element, "--accent-soft") }],
  };
}

/** People over the last minutes, with the interval as a band. It moves every second, with or without a new count. */
export function PeopleChart({ counts }: { counts: readonly Count[] }): ReactNode {
  const say = useSay(words);
  const kitSay = useSay(kitWords);
  const { language, theme } = useSettings();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useNow();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(options(element, language), [[], [], [], []], element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: Math.max(120, element.clientWidth), height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [language, theme]);

  // After every rendering: the window moves each second, and a plot that was made anew is empty.
  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    const shown = counts.filter((c) => c.time > now - SPAN_S - 30);
    made.batch(() => {
      made.setData(
        [
          shown.map((c) => c.time),
          shown.map((c) => c.low),
          shown.map((c) => c.high),
          shown.map((c) => c.people),
        ],
        false,
      );
      made.setScale("x", { min: now - SPAN_S, max: now });
    });
  });

  const label = say("chart", { n: SPAN_S / 60 });
  return (
    <figure className="chart">
      <figcaption className="quiet">
        {label} <span className="swatch" aria-hidden="true" /> {say("chartBand")}
      </figcaption>
      <div ref={box} className="plot" role="img" aria-label={label} />
      <details>
        <summary>{kitSay("table")}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{say("time")}</th>
              <th scope="col">{say("people")}</th>
              <th scope="col">{say("range")}</th>
            </tr>
          </thead>
          <tbody>
            {counts
              .slice(-ROWS)
              .reverse()
              .map((c) => {
                const { low, high } = bounds(c.low, c.high);
                return (
                  <tr key={c.time}>
                    <td>{clock(c.time, language)}</td>
                    <td>{people(c.people)}</td>
                    <td>
                      {low}–{high}
                    </td>
                  </tr>
                );
              })}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
