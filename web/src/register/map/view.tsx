import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button, ButtonLink } from "../../kit/button";
import { number } from "../../kit/format";
import { Link, useQuery } from "../../kit/router";
import { useSay, useSettings } from "../../kit/settings";
import { Empty, ProblemBox } from "../../kit/states";
import { useAsked } from "../../kit/use-asked";
import { type Filter, type MapMark, mapPart, PHASES, queryOf } from "../service";
import { PhaseTag, said, useAbout } from "../shown";
import { words } from "../words";
import type { Drawing, Part } from "./draw";
import "./map.css";

const LISTED = 12;

function lendsGl(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

function pointOf(text: string | null): readonly [number, number] | null {
  const [lat = NaN, lon = NaN] = (text ?? "").split(",").map(Number);
  return Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? [lat, lon] : null;
}

/** The cameras on a map; what stands below it says the same in words. */
export default function MapView({ filter }: { filter: Filter }): ReactNode {
  const say = useSay(words);
  const [gl] = useState(lendsGl);
  return gl ? (
    <Shown filter={filter} />
  ) : (
    <Empty title={say("mapNoGl")}>
      <p>{say("mapNoGlHint")}</p>
      <ButtonLink to={`/${queryOf(filter)}`}>{say("asList")}</ButtonLink>
    </Empty>
  );
}

function Shown({ filter }: { filter: Filter }): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const { language, theme } = useSettings();
  const at = useQuery().get("at");
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const [part, setPart] = useState<Part | null>(null);
  const [picked, setPicked] = useState<readonly MapMark[]>([]);
  const [drawn, setDrawn] = useState(0);
  const key = part ? `${part.zoom} ${part.box} ${queryOf(filter)}` : "";
  const marks = useAsked(key, async (signal) => (part ? mapPart(filter, part.box, part.zoom, signal) : null));

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let over = false;
    let made: Drawing | null = null;
    const wants = {
      tiles: about.tiles,
      bounds: about.bounds,
      at: pointOf(at),
      label: say("mapLabel"),
      language,
      moved: setPart,
      picked: setPicked,
    };
    void import("./draw")
      .then(({ draw }) => draw(element, wants))
      .then((found) => {
        if (over) {
          found.end();
          return;
        }
        made = found;
        drawing.current = found;
        setDrawn((n) => n + 1);
      });
    return () => {
      over = true;
      drawing.current = null;
      made?.end();
    };
  }, [about, at, language, say, theme]);

  useEffect(() => {
    if (marks.value) drawing.current?.show(marks.value.items);
  }, [marks.value, drawn]);

  const shown = marks.value?.items.reduce((sum, mark) => sum + mark.count, 0) ?? 0;
  const singles = marks.value?.items.filter((mark) => mark.id) ?? [];
  return (
    <section className="map" aria-label={say("asMap")}>
      <p className="unseen" id="map-hint">
        {say("mapHint")}
      </p>
      <div className="map-frame">
        <div ref={box} className="map-box" aria-describedby="map-hint" />
        {drawn === 0 && (
          <p className="map-wait" role="status">
            {say("mapLoading")}
          </p>
        )}
        <div className="map-buttons">
          <Button onClick={() => drawing.current?.closer(1)} aria-label={say("mapZoomIn")}>
            +
          </Button>
          <Button onClick={() => drawing.current?.closer(-1)} aria-label={say("mapZoomOut")}>
            −
          </Button>
          <Button onClick={() => drawing.current?.all()}>{say("mapAll")}</Button>
        </div>
      </div>
      {marks.refused && <ProblemBox refused={marks.refused} again={marks.again} />}
      <div className="map-below">
        <p role="status">
          {marks.value && say("mapShown", { n: number(shown, language) })}{" "}
          {marks.value !== null && marks.value !== undefined && marks.value.without_place > 0 && (
            <span className="quiet">
              {say("mapWithout", { n: number(marks.value.without_place, language) })}
            </span>
          )}
        </p>
        <MarkList marks={picked.length > 0 ? picked : singles.slice(0, LISTED)} />
        {!about.tiles && <p className="quiet small">{say("mapOutlines")}</p>}
      </div>
    </section>
  );
}

function MarkList({ marks }: { marks: readonly MapMark[] }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  if (marks.length === 0) return null;
  return (
    <ul className="marks" aria-label={say("mapThis")}>
      {marks.map((mark) => {
        const phase = PHASES.find((one) => mark.phases[one]);
        const name = said({ texts: mark.texts ?? {} }, "name", mark.name ?? "", language);
        return (
          <li key={mark.id}>
            <Link to={`/cameras/${mark.id ?? ""}`}>{name}</Link> {phase && <PhaseTag phase={phase} />}
          </li>
        );
      })}
    </ul>
  );
}
