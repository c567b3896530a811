import type { ReactNode } from "react";
import { figure } from "../kit/format";
import { useSay } from "../kit/settings";
import { words } from "./words";
import { GroundFields } from "./ground-fields";
import { nameOf } from "./names";
import {
  changed,
  type Chosen,
  type Drawing,
  exits,
  freeName,
  type Line,
  profiles,
  ways,
  withExit,
  without,
  type Zone,
} from "./scene";
import type { Measures } from "./service";

interface Props {
  drawing: Drawing;
  measures: Measures | null;
  size: [number, number];
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  change: (next: Drawing) => void;
}

export function Panel(props: Props): ReactNode {
  const { drawing, measures, size, choose, change } = props;
  const say = useSay(words);
  const { zones, lines } = drawing;
  const zoned = (index: number, next: Partial<Zone>): void =>
    change({ ...drawing, zones: changed(zones, index, (zone) => ({ ...zone, ...next })) });
  const lined = (index: number, next: (line: Line) => Line): void =>
    change({ ...drawing, lines: changed(lines, index, next) });
  const addLine = (): void => {
    const id = freeName(
      say("editLine"),
      lines.map((line) => line.id),
    );
    const [x, y] = [size[0] / 2, size[1] / 2];
    const line: Line = { id, from: [x - size[0] / 8, y], to: [x + size[0] / 8, y] };
    change({ ...drawing, lines: [...lines, line] });
    choose({ kind: "line", index: lines.length });
  };
  const addZone = (): void => {
    const id = freeName(
      say("editZone"),
      zones.map((zone) => zone.id),
    );
    change({ ...drawing, zones: [...zones, { id, polygon: [], profile: "walkway" }] });
    choose({ kind: "zone", index: zones.length });
  };
  return (
    <>
      <GroundFields {...props} misfit={measures?.misfit_m ?? null} />
      <Group title={say("editZones")} add={say("editAddZone")} onAdd={addZone}>
        {zones.map((zone, index) => (
          <Shape key={index} {...props} shape={{ kind: "zone", index }}>
            <Name name={zone.id} rename={(id) => zoned(index, { id })} />
            <Choice
              label={say("editProfile", { name: zone.id })}
              value={zone.profile ?? "walkway"}
              options={profiles.map((value) => [value, say(`profile_${value}`)])}
              choose={(profile) => zoned(index, { profile })}
            />
            <Measure value={measures?.zones[index]} unit="m²" />
          </Shape>
        ))}
      </Group>
      <Group title={say("editLines")} add={say("editAddLine")} onAdd={addLine}>
        {lines.length > 0 && <p className="quiet">{say("editWayHow")}</p>}
        {lines.map((line, index) => (
          <Shape key={index} {...props} shape={{ kind: "line", index }}>
            <Name name={line.id} rename={(id) => lined(index, (old) => ({ ...old, id }))} />
            <Choice
              label={say("editWay", { name: line.id })}
              value={line.way ?? "both"}
              options={ways.map((value) => [value, say(`way_${value}`)])}
              choose={(way) => lined(index, (old) => ({ ...old, way }))}
            />
            <Choice
              label={say("editExit", { name: line.id })}
              value={line.exit ?? ""}
              options={[["", say("exit_none")], ...exits.map((v) => [v, say(`exit_${v}`)] as const)]}
              choose={(exit) => lined(index, (old) => withExit(old, exit))}
            />
            <Measure value={measures?.lines[index]} unit="m" />
          </Shape>
        ))}
      </Group>
    </>
  );
}

function Group(props: { title: string; add: string; onAdd: () => void; children: ReactNode }): ReactNode {
  return (
    <section className="group">
      <h2>{props.title}</h2>
      {props.children}
      <button type="button" onClick={props.onAdd}>
        {props.add}
      </button>
    </section>
  );
}

function Shape({
  shape,
  children,
  drawing,
  chosen,
  choose,
  change,
}: Props & { shape: NonNullable<Chosen>; children: ReactNode }): ReactNode {
  const say = useSay(words);
  const name = nameOf(say, drawing, shape);
  const here = JSON.stringify(chosen) === JSON.stringify(shape);
  return (
    <div className={here ? "shape chosen" : "shape"} role="group" aria-label={name}>
      <button
        type="button"
        aria-pressed={here}
        aria-label={say("editChoose", { name })}
        onClick={() => choose(here ? null : shape)}
      >
        ✎
      </button>
      {children}
      <button
        type="button"
        aria-label={say("editRemove", { name })}
        onClick={() => {
          choose(null);
          change(without(drawing, shape));
        }}
      >
        ✕
      </button>
    </div>
  );
}

function Name({ name, rename }: { name: string; rename: (id: string) => void }): ReactNode {
  const say = useSay(words);
  return (
    <input
      aria-label={say("editName", { name })}
      value={name}
      maxLength={40}
      onChange={(event) => rename(event.target.value)}
    />
  );
}

function Choice(props: {
  label: string;
  value: string;
  options: (readonly [string, string])[];
  choose: (value: string) => void;
}): ReactNode {
  return (
    <select
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.choose(event.target.value)}
    >
      {props.options.map(([value, word]) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  );
}

function Measure({ value, unit }: { value: number | null | undefined; unit: string }): ReactNode {
  return value == null ? null : (
    <span className="quiet">
      {figure(value)} {unit}
    </span>
  );
}
