import { describe, expect, it } from "vitest";
import { ago, bounds, figure, people } from "./format";
import { catalogue, preferred, sayIn } from "./messages";

describe("words", () => {
  it("has every word in every language, with the same places to fill in", () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(catalogue.en)) {
      const other = catalogue["zh-Hant"][key as keyof typeof catalogue.en];
      expect(other, key).toBeTruthy();
      expect(places(other), key).toEqual(places(text));
    }
  });
  it("fills in and leaves nothing open", () => {
    expect(sayIn("en")("between", { low: 1, high: 3 })).toBe("probably between 1 and 3");
    expect(sayIn("zh-Hant")("secondsAgo", { n: 5 })).toBe("5 秒前");
  });
  it("follows the browser's languages", () => {
    expect(preferred(["de", "zh-TW", "en"])).toBe("zh-Hant");
    expect(preferred(["fr"])).toBe("en");
  });
});

describe("numbers", () => {
  it("says how long ago", () => {
    const say = sayIn("en");
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

describe("alerts", () => {
  it("gives measures two digits that count", () => {
    expect(figure(0.0234)).toBe("0.023");
    expect(figure(4.06)).toBe("4.1");
    expect(figure(37.4)).toBe("37");
    expect(figure(1)).toBe("1");
  });
});
