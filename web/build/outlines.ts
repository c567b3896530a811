import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";
import type { Plugin } from "vite";

type Point = [number, number];
type Ring = Point[];

const MODULE = "virtual:outlines";
/** Side of a cell of the detailed coast, in degrees. */
const CELL = 10;
const SCALE = 10_000;
const require = createRequire(import.meta.url);

function polygons(name: string): Ring[][] {
  const atlas = JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`), "utf8")) as never;
  const found = feature(atlas, "land" as never) as unknown as {
    features?: { geometry: Geometry }[];
    geometry?: Geometry;
  };
  const geometries = found.features?.map((one) => one.geometry) ?? (found.geometry ? [found.geometry] : []);
  return geometries.flatMap((one) =>
    one.type === "Polygon" ? [one.coordinates as Ring[]] : (one.coordinates as Ring[][]),
  );
}
interface Geometry {
  type: string;
  coordinates: unknown;
}

/** The part of a ring on one side of a line along an axis (Sutherland and Hodgman, 1974). */
function half(ring: Ring, axis: 0 | 1, at: number, keep: 1 | -1): Ring {
  const inside = (point: Point): boolean => (point[axis] - at) * keep >= 0;
  const found: Ring = [];
  for (const [index, point] of ring.entries()) {
    const before = ring[(index + ring.length - 1) % ring.length] ?? point;
    if (inside(point) !== inside(before)) {
      const part = (at - before[axis]) / (point[axis] - before[axis]);
      const other = axis === 0 ? 1 : 0;
      const cut: Point = [at, at];
      cut[other] = before[other] + part * (point[other] - before[other]);
      found.push(cut);
    }
    if (inside(point)) found.push(point);
  }
  return found;
}

function within(ring: Ring, axis: 0 | 1, from: number): Ring {
  return half(half(ring, axis, from, 1), axis, from + CELL, -1);
}

function span(ring: Ring, axis: 0 | 1, least: number, most: number): number[] {
  let low = Infinity;
  let high = -Infinity;
  for (const point of ring) {
    low = Math.min(low, point[axis]);
    high = Math.max(high, point[axis]);
  }
  const found: number[] = [];
  for (let at = Math.max(least, Math.floor(low / CELL) * CELL); at < Math.min(most, high); at += CELL)
    found.push(at);
  return found;
}

/** Rings as whole ten-thousandths of a degree, each number the step from the one before: small, and exact to 11 m. */
function packedRing(ring: Ring): number[] {
  const found: number[] = [];
  let [x, y] = [0, 0];
  for (const point of ring) {
    const [east, north] = [Math.round(point[0] * SCALE), Math.round(point[1] * SCALE)];
    if (found.length > 0 && east === x && north === y) continue;
    found.push(east - x, north - y);
    [x, y] = [east, north];
  }
  return found;
}

const written = (shapes: Ring[][]): string => JSON.stringify(shapes.map((rings) => rings.map(packedRing)));

/** The detailed coast in cells of ten degrees, each named by its south-western corner. */
function cells(): Map<string, Ring[][]> {
  const found = new Map<string, Ring[][]>();
  for (const [outer = [], ...holes] of polygons("land-10m")) {
    for (const west of span(outer, 0, -180, 180)) {
      const strips = [outer, ...holes].map((ring) => within(ring, 0, west));
      for (const south of span(strips[0] ?? [], 1, -90, 90)) {
        const rings = strips.map((ring) => within(ring, 1, south)).filter((ring) => ring.length > 2);
        if (rings.length === 0) continue;
        const name = `${west}_${south}`;
        found.set(name, [...(found.get(name) ?? []), rings]);
      }
    }
  }
  return found;
}

/** The world's outlines (Natural Earth, public domain) as files of our own: a coarse one, and the coast in cells. */
export function outlines(): Plugin {
  let serving = false;
  const files = new Map<string, string>();
  let folder = "";
  const make = (): void => {
    const world = polygons("land-110m");
    files.set("world", written(world));
    for (const [name, shapes] of [...cells()].sort(([a], [b]) => (a < b ? -1 : 1)))
      files.set(name, written(shapes));
    const hash = createHash("sha256");
    for (const [name, text] of files) hash.update(name).update(text);
    folder = `assets/outlines-${hash.digest("hex").slice(0, 8)}`;
  };
  return {
    name: "passerby-outlines",
    configResolved(config) {
      serving = config.command === "serve";
    },
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : null),
    load(id) {
      if (id !== `\0${MODULE}`) return null;
      if (serving) return "export const folder = ''; export const cells = [];";
      if (files.size === 0) make();
      for (const [name, source] of files)
        this.emitFile({ type: "asset", fileName: `${folder}/${name}.json`, source });
      const names = [...files.keys()].filter((name) => name !== "world");
      return `export const folder = "/${folder}"; export const cells = ${JSON.stringify(names)};`;
    },
  };
}
