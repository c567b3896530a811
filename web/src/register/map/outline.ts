import type { Feature, FeatureCollection, Position } from "geojson";

const SCALE = 10_000;
/** Side of a cell of the detailed coast, in degrees; build/outlines.ts cuts it so. */
export const CELL = 10;

/** Polygons of rings, each of steps in ten-thousandths of a degree. */
export type Packed = readonly (readonly (readonly number[])[])[];

function unpacked(steps: readonly number[]): Position[] {
  const ring: Position[] = [];
  let [x, y] = [0, 0];
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at] ?? 0;
    y += steps[at + 1] ?? 0;
    ring.push([x / SCALE, y / SCALE]);
  }
  return ring;
}

const onEdge = (degrees: number): boolean => degrees % CELL === 0;

/** A ring's coast: without the pieces that run along its cell's edge, which are only cuts. */
function coastOf(ring: readonly Position[], cut: boolean): Position[][] {
  if (!cut) return [[...ring, ...ring.slice(0, 1)]];
  const lines: Position[][] = [];
  let line: Position[] = [];
  for (const [index, point] of ring.entries()) {
    const next = ring[(index + 1) % ring.length] ?? point;
    if (line.length === 0) line = [point];
    const [x = 0, y = 0] = point;
    const along = (x === next[0] && onEdge(x)) || (y === next[1] && onEdge(y));
    if (along) {
      if (line.length > 1) lines.push(line);
      line = [];
    } else line.push(next);
  }
  if (line.length > 1) lines.push(line);
  return lines;
}

/** Land and coast as the map takes them.
 *
 * @param packed Of a file of outlines.
 * @param cut Whether it is a cell, cut out of the whole.
 */
export function outline(packed: Packed, cut: boolean): FeatureCollection {
  const polygons = packed.map((rings) => rings.map(unpacked));
  const land: Feature = {
    type: "Feature",
    properties: { kind: "land" },
    geometry: {
      type: "MultiPolygon",
      coordinates: polygons.map((rings) => rings.map((ring) => [...ring, ...ring.slice(0, 1)])),
    },
  };
  const coast: Feature = {
    type: "Feature",
    properties: { kind: "coast" },
    geometry: {
      type: "MultiLineString",
      coordinates: polygons.flatMap((rings) => rings.flatMap((ring) => coastOf(ring, cut))),
    },
  };
  return { type: "FeatureCollection", features: [land, coast] };
}
