import { describe, expect, it } from "vitest";
import { away, boxOf, coneRing, lookOf } from "./geometry";
import { kindOf } from "./style";

describe("parts of the map", () => {
  it("are asked for as the interface takes them", () => {
    expect(boxOf({ west: 113.8, south: 22.1, east: 114.5, north: 22.6 })).toBe("113.8,22.1,114.5,22.6");
    expect(boxOf({ west: -400, south: -100, east: 200, north: 95 })).toBe("-180,-90,180,90");
    expect(boxOf({ west: 170, south: 0, east: 190, north: 1 })).toBe("170,0,-170,1");
  });
});

describe("cones", () => {
  it("lie where they should on the ground", () => {
    const [east, north] = away(22.28, 114.16, 0, 111_195);
    expect(east).toBeCloseTo(114.16, 6);
    expect(north).toBeCloseTo(23.28, 3);
    const ring = coneRing(60, 10, { bearing: 90, angle: 60, range_m: 1000 });
    expect(ring[0]).toEqual([10, 60]);
    expect(ring.at(-1)).toEqual([10, 60]);
    const middle = ring[Math.floor(ring.length / 2)] ?? [0, 0];
    expect(middle[0]).toBeGreaterThan(10.017);
    expect(middle[1]).toBeCloseTo(60, 3);
  });
});

describe("marks", () => {
  it("show what runs before what is stopped, and that before what is only planned", () => {
    expect(lookOf({ active: 1, suspended: 4 })).toBe("running");
    expect(lookOf({ suspended: 1, proposed: 9 })).toBe("warn");
    expect(lookOf({ proposed: 9 })).toBe("quiet");
  });
});

it("knows tiles by their address", () => {
  expect(kindOf("")).toBe("none");
  expect(kindOf("https://tiles.example.org/{z}/{x}/{y}.png")).toBe("raster");
  expect(kindOf("https://tiles.example.org/{z}/{x}/{y}.mvt?key=1")).toBe("vector");
  expect(kindOf("https://example.org/city.pmtiles")).toBe("pmtiles");
});
