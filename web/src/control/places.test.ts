import { describe, expect, it } from "vitest";
import { mostly, newest } from "./places";

describe("places", () => {
  it("shows the newest minute of each", () => {
    const all = [
      { zone: "a", time: 1 },
      { zone: "b", time: 2 },
      { zone: "a", time: 3 },
    ];
    expect(newest(all, (z) => z.zone)).toEqual([
      { zone: "a", time: 3 },
      { zone: "b", time: 2 },
    ]);
  });

  it("says the strongest way, and none where nobody moved", () => {
    expect(mostly([0, 0.2, 0, 0.8, 0, 0, 0, 0])).toEqual({ degrees: 135, share: 80 });
    expect(mostly([0, 0, 0, 0, 0, 0, 0, 0])).toBeNull();
  });
});
