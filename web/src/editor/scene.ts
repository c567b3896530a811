/** A drawing: the part of scene.json that the page changes. Points are pixels of the picture. */

export type Point = [number, number];

export interface Zone {
  id: string;
  polygon: Point[];
  profile?: string;
}

export interface Line {
  id: string;
  from: Point;
  to: Point;
  exit?: string;
  way?: string;
}

export interface KnownPoints {
  image: Point[];
  metres: Point[];
}

export interface Pose {
  height_m: number;
  tilt_deg: number;
  fov_deg: number;
}

export interface Drawing {
  ground: KnownPoints | Pose | null;
  zones: Zone[];
  lines: Line[];
  /** Shown and kept as they are: the darkroom does not hide them yet, so none are drawn here. */
  forbidden: Point[][];
}

/** Which shape is drawn at. The ground has no number. */
export type Chosen = { kind: "ground" } | { kind: "zone" | "line"; index: number } | null;

export const profiles = ["walkway", "queue", "standing-event"] as const;
export const exits = ["level", "level-alcohol", "stepped", "stepped-alcohol"] as const;
export const ways = ["both", "in", "out"] as const;

/** What a file says, in the page's form. */
export function opened(content: Record<string, unknown>): Drawing {
  const areas = (content.forbidden as (Point[] | { polygon: Point[] })[] | undefined) ?? [];
  return {
    ground: (content.ground as KnownPoints | Pose | undefined) ?? null,
    zones: (content.zones as Zone[] | undefined) ?? [],
    lines: (content.lines as Line[] | undefined) ?? [],
    forbidden: areas.map((area) => (Array.isArray(area) ? area : area.polygon)),
  };
}

/** The drawing as the file has it. */
export function written(drawing: Drawing): string {
  return JSON.stringify({ version: 1, ...drawing });
}

export function isPose(ground: Drawing["ground"]): ground is Pose {
  return ground !== null && "height_m" in ground;
}

/** The corners of a shape, in order. */
export function corners(drawing: Drawing, chosen: Chosen): Point[] {
  if (!chosen) return [];
  if (chosen.kind === "ground") return drawing.ground && !isPose(drawing.ground) ? drawing.ground.image : [];
  if (chosen.kind === "zone") return drawing.zones[chosen.index]?.polygon ?? [];
  const line = drawing.lines[chosen.index];
  return line ? [line.from, line.to] : [];
}

/** The drawing with other corners of one shape. A line keeps its two ends; a ground's new points ask for metres. */
export function withCorners(drawing: Drawing, chosen: Chosen, points: Point[]): Drawing {
  if (!chosen) return drawing;
  if (chosen.kind === "ground") {
    const known = drawing.ground && !isPose(drawing.ground) ? drawing.ground.metres : [];
    return {
      ...drawing,
      ground: { image: points, metres: points.map((_, n) => known[n] ?? [0, 0]) },
    };
  }
  const { index } = chosen;
  if (chosen.kind === "zone") {
    return { ...drawing, zones: changed(drawing.zones, index, (z) => ({ ...z, polygon: points })) };
  }
  const [from, to] = points;
  if (!from || !to) return drawing;
  return { ...drawing, lines: changed(drawing.lines, index, (line) => ({ ...line, from, to })) };
}

/** One more corner. Of a line, the second end moves instead. */
export function withCorner(drawing: Drawing, chosen: Chosen, point: Point): Drawing {
  const points = corners(drawing, chosen);
  const first = points[0];
  if (chosen?.kind === "line" && first) return withCorners(drawing, chosen, [first, point]);
  return withCorners(drawing, chosen, [...points, point]);
}

/** One corner less; a ground's metres go with it. A line keeps both ends. */
export function withoutCorner(drawing: Drawing, chosen: Chosen, corner: number): Drawing {
  const others = <T>(list: T[]): T[] => list.filter((_, n) => n !== corner);
  if (chosen?.kind === "line") return drawing;
  if (chosen?.kind === "ground" && drawing.ground && !isPose(drawing.ground)) {
    const { image, metres } = drawing.ground;
    return { ...drawing, ground: { image: others(image), metres: others(metres) } };
  }
  return withCorners(drawing, chosen, others(corners(drawing, chosen)));
}

/** The drawing without one shape. */
export function without(drawing: Drawing, chosen: Chosen): Drawing {
  if (!chosen) return drawing;
  if (chosen.kind === "ground") return { ...drawing, ground: null };
  const others = <T>(list: T[]): T[] => list.filter((_, n) => n !== chosen.index);
  if (chosen.kind === "zone") return { ...drawing, zones: others(drawing.zones) };
  return { ...drawing, lines: others(drawing.lines) };
}

/** The first of "name 1", "name 2", … that is still free. */
export function freeName(name: string, taken: string[]): string {
  for (let n = 1; ; n++) if (!taken.includes(`${name} ${n}`)) return `${name} ${n}`;
}

/** A list with one item changed. */
export function changed<T>(list: T[], index: number, change: (item: T) => T): T[] {
  return list.map((item, n) => (n === index ? change(item) : item));
}

/** A point within the picture, to a tenth of a pixel. */
export function within([x, y]: Point, [width, height]: Point): Point {
  const held = (value: number, most: number): number =>
    Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
  return [held(x, width), held(y, height)];
}

/** The line as another kind of exit; none if empty. */
export function withExit(line: Line, exit: string): Line {
  const next = { ...line };
  delete next.exit;
  return exit ? { ...next, exit } : next;
}
