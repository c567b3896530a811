import { type ReactNode, useState } from "react";
import { figure } from "../kit/format";
import { useSay } from "../kit/settings";
import { words } from "./words";
import { changed, type Chosen, type Drawing, isPose, type Point } from "./scene";

interface Props {
  drawing: Drawing;
  misfit: number | null;
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  change: (next: Drawing) => void;
}

const USUAL = { height_m: 4, tilt_deg: 30, fov_deg: 70 };

export function GroundFields({ drawing, misfit, chosen, choose, change }: Props): ReactNode {
  const say = useSay(words);
  const { ground } = drawing;
  const posed = isPose(ground);
  const points = ground !== null && !posed;
  return (
    <section className="group">
      <h2>{say("editGround")}</h2>
      <p className="quiet">{say("editGroundHow")}</p>
      <div className="shape">
        <button
          type="button"
          aria-pressed={chosen?.kind === "ground"}
          onClick={() => {
            if (!points) change({ ...drawing, ground: { image: [], metres: [] } });
            choose(chosen?.kind === "ground" ? null : { kind: "ground" });
          }}
        >
          {say("editByPoints")}
        </button>
        <button
          type="button"
          aria-pressed={posed}
          onClick={() => {
            choose(null);
            if (!posed) change({ ...drawing, ground: USUAL });
          }}
        >
          {say("editByPose")}
        </button>
        {ground && (
          <button
            type="button"
            aria-label={say("editRemove", { name: say("editGround") })}
            onClick={() => {
              choose(null);
              change({ ...drawing, ground: null });
            }}
          >
            ✕
          </button>
        )}
      </div>
      {posed &&
        (
          [
            ["height_m", say("editHeight")],
            ["tilt_deg", say("editTilt")],
            ["fov_deg", say("editView")],
          ] as const
        ).map(([field, label]) => (
          <label key={field}>
            {label}
            <Metres
              value={ground[field]}
              give={(n) => change({ ...drawing, ground: { ...ground, [field]: n } })}
            />
          </label>
        ))}
      {points &&
        ground.metres.map((place, n) => (
          <div className="shape" key={n}>
            {say("editPoint", { n: n + 1 })}
            {place.map((value, axis) => (
              <Metres
                key={axis}
                label={say(axis === 0 ? "editMetresX" : "editMetresY", { n: n + 1 })}
                value={value}
                give={(given) => {
                  const next: Point = axis === 0 ? [given, place[1]] : [place[0], given];
                  const metres = changed(ground.metres, n, () => next);
                  change({ ...drawing, ground: { ...ground, metres } });
                }}
              />
            ))}
            m
          </div>
        ))}
      {points && misfit !== null && ground.image.length > 4 && (
        <p className="quiet">{say("editMisfit", { n: figure(misfit) })}</p>
      )}
    </section>
  );
}

/** A number that is being written: taken as soon as it is one. What it was set to elsewhere replaces what is written. */
function Metres(props: { value: number; label?: string; give: (n: number) => void }): ReactNode {
  const [text, setText] = useState(String(props.value));
  const current = text === "" || Number(text) === props.value;
  return (
    <input
      type="number"
      step="any"
      aria-label={props.label}
      value={current ? text : String(props.value)}
      onBlur={() => setText(String(props.value))}
      onChange={(event) => {
        setText(event.target.value);
        if (event.target.value !== "" && Number.isFinite(event.target.valueAsNumber))
          props.give(event.target.valueAsNumber);
      }}
    />
  );
}
