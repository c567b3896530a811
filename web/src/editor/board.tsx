import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useSay } from "../kit/settings";
import { words } from "./words";
import {
  changed,
  type Chosen,
  corners,
  type Drawing,
  type Point,
  within,
  withCorner,
  withCorners,
  withoutCorner,
} from "./scene";
import type { Opened } from "./service";
import { nameOf } from "./names";

interface Props {
  file: Opened;
  drawing: Drawing;
  chosen: Chosen;
  ruler: [number, number, number][];
  /** Show it without remembering it: a corner is on its way. */
  preview: (drawing: Drawing) => void;
  /** Show it, and remember what was before. */
  change: (next: Drawing, before: Drawing) => void;
}

const STEPS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function Board({ file, drawing, chosen, ruler, preview, change }: Props): ReactNode {
  const say = useSay(words);
  const [width, height] = file.size;
  const canvas = useRef<SVGSVGElement>(null);
  const [held, setHeld] = useState<{ corner: number; before: Drawing } | null>(null);
  const points = corners(drawing, chosen);
  const name = chosen ? nameOf(say, drawing, chosen) : "";

  const placeOf = (event: PointerEvent): Point => {
    const box = canvas.current?.getBoundingClientRect() ?? new DOMRect(0, 0, width, height);
    const x = ((event.clientX - box.left) / box.width) * width;
    return within([x, ((event.clientY - box.top) / box.height) * height], file.size);
  };
  const moved = (corner: number, to: Point): Drawing =>
    withCorners(
      drawing,
      chosen,
      changed(points, corner, () => to),
    );
  const press = (event: KeyboardEvent, corner: number): void => {
    const step = STEPS[event.key];
    const point = points[corner];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      change(withoutCorner(drawing, chosen, corner), drawing);
    } else if (step && point) {
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      const to = within([point[0] + step[0] * far, point[1] + step[1] * far], file.size);
      change(moved(corner, to), drawing);
    }
  };

  return (
    <section className="board">
      <Backdrop video={file.video} size={file.size}>
        <svg
          ref={canvas}
          viewBox={`0 0 ${width} ${height}`}
          className={chosen ? "drawing" : undefined}
          onPointerDown={(event) => {
            if (chosen && event.button === 0) change(withCorner(drawing, chosen, placeOf(event)), drawing);
          }}
          onPointerMove={(event) => held && preview(moved(held.corner, placeOf(event)))}
          onPointerUp={() => {
            if (held && held.before !== drawing) change(drawing, held.before);
            setHeld(null);
          }}
        >
          <Shapes drawing={drawing} chosen={chosen} />
          {ruler.map(([x, y, tall]) => (
            <g key={`${x} ${y}`} className="ruler" aria-hidden="true">
              <line x1={x} y1={y} x2={x} y2={y - tall} />
              <circle cx={x} cy={y} r={3} />
            </g>
          ))}
          {points.map(([x, y], corner) => (
            <circle
              key={corner}
              className="corner"
              cx={x}
              cy={y}
              r={Math.max(width, height) / 110}
              tabIndex={0}
              role="button"
              aria-label={say("editCorner", { name, n: corner + 1, of: points.length })}
              onKeyDown={(event) => press(event, corner)}
              onPointerDown={(event) => {
                event.stopPropagation();
                canvas.current?.setPointerCapture(event.pointerId);
                setHeld({ corner, before: drawing });
              }}
            />
          ))}
        </svg>
      </Backdrop>
      {ruler.length > 0 && <p className="quiet">{say("editRuler")}</p>}
      {chosen && chosen.kind !== "line" && (
        <button
          type="button"
          onClick={() =>
            change(withCorner(drawing, chosen, within([width / 2, height / 2], file.size)), drawing)
          }
        >
          {say("editAddCorner")}
        </button>
      )}
    </section>
  );
}

function Backdrop(props: { video: boolean; size: Point; children: ReactNode }): ReactNode {
  const say = useSay(words);
  const video = useRef<HTMLVideoElement>(null);
  const [length, setLength] = useState(0);
  const [width, height] = props.size;
  return (
    <>
      <div className="view">
        {props.video ? (
          <video
            ref={video}
            src="picture"
            width={width}
            height={height}
            muted
            preload="auto"
            onLoadedMetadata={(event) => setLength(event.currentTarget.duration)}
          />
        ) : (
          <img src="picture" width={width} height={height} alt="" />
        )}
        {props.children}
      </div>
      {props.video && (
        <label className="moment">
          {say("editMoment")}
          <input
            type="range"
            min={0}
            max={length}
            step="any"
            defaultValue={0}
            onChange={(event) => {
              if (video.current) video.current.currentTime = Number(event.target.value);
            }}
          />
        </label>
      )}
    </>
  );
}

function Shapes({ drawing, chosen }: { drawing: Drawing; chosen: Chosen }): ReactNode {
  const style = (kind: string, index: number): string =>
    chosen?.kind === kind && "index" in chosen && chosen.index === index ? `${kind} chosen` : kind;
  return (
    <g aria-hidden="true">
      {drawing.forbidden.map((area, n) => (
        <polygon key={n} className="forbidden" points={area.join(" ")} />
      ))}
      {drawing.zones.map((zone, n) => (
        <polygon key={n} className={style("zone", n)} points={zone.polygon.join(" ")} />
      ))}
      {drawing.lines.map((line, n) => (
        <g key={n} className={style("line", n)}>
          <line x1={line.from[0]} y1={line.from[1]} x2={line.to[0]} y2={line.to[1]} />
          <polyline points={arrow(line.from, line.to).join(" ")} />
        </g>
      ))}
      {chosen?.kind === "ground" && (
        <polygon className="ground" points={corners(drawing, chosen).join(" ")} />
      )}
    </g>
  );
}

/** An arrow from the middle of a line to its right, which is "in", looking from its start to its end. */
function arrow([x1, y1]: Point, [x2, y2]: Point): Point[] {
  const [along, across] = [(x2 - x1) / 8, (y2 - y1) / 8];
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [
    [x - along / 2, y - across / 2],
    [x - across, y + along],
    [x + along / 2, y + across / 2],
  ];
}
