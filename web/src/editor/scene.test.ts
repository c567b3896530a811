import { describe, expect, test } from "vitest";
import {
  corners,
  type Drawing,
  freeName,
  opened,
  within,
  withCorner,
  withCorners,
  withExit,
  without,
  withoutCorner,
  written,
} from "./scene";

const drawing: Drawing = {
  ground: {
    image: [
      [0, 0],
      [9, 0],
    ],
    metres: [
      [1, 1],
      [2, 2],
    ],
  },
  zones: [
    {
      id: "hall",
      polygon: [
        [0, 0],
        [5, 0],
        [5, 5],
      ],
      profile: "queue",
    },
  ],
  lines: [{ id: "door", from: [0, 0], to: [4, 4], way: "in" }],
  forbidden: [
    [
      [1, 1],
      [2, 1],
      [2, 2],
    ],
  ],
};

describe("a drawing", () => {
  test("survives being written and opened", () => {
    expect(opened(JSON.parse(written(drawing)) as Record<string, unknown>)).toEqual(drawing);
  });

  test("opens forbidden areas in either form, and a file with nothing in it", () => {
    expect(opened({ forbidden: [{ polygon: [[1, 2]] }, [[3, 4]]] }).forbidden).toEqual([[[1, 2]], [[3, 4]]]);
    expect(opened({ version: 1 })).toEqual({ ground: null, zones: [], lines: [], forbidden: [] });
  });

  test("takes corners where the chosen shape is, and leaves the rest alone", () => {
    const more = withCorner(drawing, { kind: "zone", index: 0 }, [7, 7]);
    expect(corners(more, { kind: "zone", index: 0 })).toHaveLength(4);
    expect(more.zones[0]?.profile).toBe("queue");
    expect(more.lines).toBe(drawing.lines);
    expect(withCorner(drawing, null, [7, 7])).toBe(drawing);
  });

  test("a line has two ends whatever happens", () => {
    const at = { kind: "line", index: 0 } as const;
    expect(corners(withCorner(drawing, at, [9, 9]), at)).toEqual([
      [0, 0],
      [9, 9],
    ]);
    expect(withoutCorner(drawing, at, 0)).toBe(drawing);
    expect(withCorners(drawing, at, [[1, 1]])).toBe(drawing);
  });

  test("metres stay with their point when another goes", () => {
    expect(withoutCorner(drawing, { kind: "ground" }, 0).ground).toEqual({
      image: [[9, 0]],
      metres: [[2, 2]],
    });
    expect(withCorner(drawing, { kind: "ground" }, [3, 3]).ground).toMatchObject({
      metres: [
        [1, 1],
        [2, 2],
        [0, 0],
      ],
    });
  });

  test("loses the shape that is taken away", () => {
    expect(without(drawing, { kind: "ground" }).ground).toBeNull();
    expect(without(drawing, { kind: "line", index: 0 }).lines).toEqual([]);
    expect(without(drawing, { kind: "zone", index: 0 }).zones).toEqual([]);
  });
});

test("names are free", () => {
  expect(freeName("Zone", ["Zone 1", "Zone 3"])).toBe("Zone 2");
});

test("points stay in the picture", () => {
  expect(within([-3, 700.26], [640, 480])).toEqual([0, 480]);
  expect(within([1.26, 2], [640, 480])).toEqual([1.3, 2]);
});

test("a line is an exit of one kind, or none", () => {
  const line = { id: "door", from: [0, 0], to: [4, 4] } as const;
  const door = withExit({ ...line, from: [0, 0], to: [4, 4] }, "stepped");
  expect(door.exit).toBe("stepped");
  expect("exit" in withExit(door, "")).toBe(false);
});
