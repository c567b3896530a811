import type { MapMark } from "../service";

const EARTH_M = 6_371_008.8;
const ARC_STEPS = 16;
const WIDEST = 359.9;

export interface Edges {
  west: number;
  south: number;
  east: number;
  north: number;
}

const turned = (longitude: number): number => ((((longitude + 180) % 360) + 360) % 360) - 180;

/** A part of the map as the interface takes it: all around the world is all of it, west beyond east over the date line. */
export function boxOf({ west, south, east, north }: Edges): string {
  const whole = east - west >= 360;
  const sides = whole ? [-180, 180] : [turned(west), turned(east)];
  const [left = -180, right = 180] = sides;
  const near = (degrees: number): string => String(Math.round(degrees * 1e5) / 1e5);
  return [left, Math.max(-90, south), right, Math.min(90, north)].map(near).join(",");
}

/** The point so many metres from another, on a bearing (degrees from north, clockwise). */
export function away(lat: number, lon: number, bearing: number, metres: number): [number, number] {
  const turn = (bearing * Math.PI) / 180;
  const north = ((metres * Math.cos(turn)) / EARTH_M) * (180 / Math.PI);
  const east = ((metres * Math.sin(turn)) / (EARTH_M * Math.cos((lat * Math.PI) / 180))) * (180 / Math.PI);
  return [lon + east, lat + north];
}

export interface Cone {
  bearing: number;
  angle: number;
  range_m: number;
}

/** The ground that a camera sees, as a ring of longitudes and latitudes. */
export function coneRing(lat: number, lon: number, { bearing, angle, range_m }: Cone): [number, number][] {
  const wide = Math.min(angle, WIDEST);
  const arc = Array.from({ length: ARC_STEPS + 1 }, (_, step) =>
    away(lat, lon, bearing - wide / 2 + (wide * step) / ARC_STEPS, range_m),
  );
  return [[lon, lat], ...arc, [lon, lat]];
}

/** How a mark looks: running cameras stand out, stopped ones warn, all others are quiet. */
export function lookOf(phases: MapMark["phases"]): "running" | "warn" | "quiet" {
  if (phases.active) return "running";
  return phases.suspended ? "warn" : "quiet";
}
