import { describe, expect, it } from "vitest";
import { sayIn } from "../kit/messages";
import { ago, bounds, people } from "./format";
import { words } from "./words";

describe("numbers", () => {
  it("says how long ago", () => {
    const say = sayIn(words, "en");
    expect(ago(say, 100, 100.4)).toBe("just now");
    expect(ago(say, 100, 90)).toBe("just now");
    expect(ago(say, 100, 130)).toBe("30 s ago");
    expect(ago(say, 0, 600)).toBe("10 min ago");
    expect(ago(say, 0, 7200)).toBe("2 h ago");
  });
  it("never narrows an interval", () => {
    expect(bounds(1.6, 3.2)).toEqual({ low: "1", high: "4" });
    expect(bounds(2, 2)).toEqual({ low: "2", high: "2" });
  });
  it("rounds people", () => {
    expect(people(3.24)).toBe("3.2");
    expect(people(3)).toBe("3");
    expect(people(41.6)).toBe("42");
  });
});
