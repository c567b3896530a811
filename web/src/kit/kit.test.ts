import { describe, expect, it } from "vitest";
import { words as control } from "../control/words";
import { words as editor } from "../editor/words";
import { words as register } from "../register/words";
import { refusal } from "./fetch";
import { about, day, figure, fromNow, share, span } from "./format";
import { preferred, sayIn, type Words } from "./messages";
import { fits } from "./router";
import { words as kit } from "./words";

const SIDES =
  /(margin|padding|border)-(left|right)\b|^\s*(left|right)\s*:|(text-align|float):\s*(left|right)/gm;
const faces: Record<string, Words<string>> = { kit, control, editor, register };

describe("words", () => {
  it.each(Object.entries(faces))(
    "of %s are all there in every language, with the same places to fill in",
    (_, words) => {
      const places = (text: string | undefined) => (text?.match(/\{\w+\}/g) ?? []).sort();
      for (const [key, text] of Object.entries(words.en)) {
        expect(text, key).toBeTruthy();
        expect(words["zh-Hant"][key], key).toBeTruthy();
        expect(places(words["zh-Hant"][key]), key).toEqual(places(text));
      }
    },
  );
  it("fill in and leave nothing open", () => {
    expect(sayIn(control, "en")("between", { low: 1, high: 3 })).toBe("probably between 1 and 3");
    expect(sayIn(control, "zh-Hant")("secondsAgo", { n: 5 })).toBe("5 秒前");
  });
  it("follow the browser's languages", () => {
    expect(preferred(["de", "zh-TW", "en"])).toBe("zh-Hant");
    expect(preferred(["fr"])).toBe("en");
  });
});

describe("style", () => {
  const sheets = import.meta.glob<string>("../**/*.css", { query: "?raw", import: "default", eager: true });
  it.each(Object.entries(sheets))(
    "%s names no side of the page, so that it is right from the right, too",
    (_, sheet) => {
      expect(sheet).not.toBe("");
      expect(sheet.match(SIDES)).toBeNull();
    },
  );
});

describe("numbers", () => {
  it("give measures two digits that count", () => {
    expect(figure(0.0234)).toBe("0.023");
    expect(figure(37.4)).toBe("37");
  });
  it("never say all or nothing of what is almost so", () => {
    expect(share(0.99999, "en")).toBe("99.9%");
    expect(share(0.00001, "en")).toBe("0.1%");
    expect(share(1, "en")).toBe("100%");
    expect(share(0, "en")).toBe("0%");
  });
  it("say lengths of time in their own unit", () => {
    expect(span(86400, "en")).toBe("24 hours");
    expect(about(664 * 60 + 1, "en")).toBe("12 hours");
    expect(about(61, "en")).toBe("61 seconds");
    expect(span(259200, "en")).toBe("3 days");
    expect(span(5400, "en")).toBe("90 minutes");
    expect(span(0, "en")).toBe("0 seconds");
    expect(fromNow(3 * 86400, "en")).toBe("in 3 days");
    expect(fromNow(-7200, "en")).toBe("2 hours ago");
  });
  it("keep a day the day it is", () => {
    expect(day("2028-02-29", "en")).toBe("February 29, 2028");
    expect(day("2028-02-29", "zh-Hant")).toBe("2028年2月29日");
  });
});

describe("ways", () => {
  it("fit patterns", () => {
    expect(fits("/", "/")).toEqual({});
    expect(fits("/cameras/:id", "/cameras/pier-3")).toEqual({ id: "pier-3" });
    expect(fits("/cameras/:id", "/cameras/pier-3/")).toEqual({ id: "pier-3" });
    expect(fits("/cameras/:id", "/cameras/%E0%A4%A")).toBeNull();
    expect(fits("/cameras/:id", "/cameras")).toBeNull();
    expect(fits("/plans", "/reports")).toBeNull();
  });
});

describe("problems", () => {
  it("are read as the server says them, and never trusted to be well formed", () => {
    const response = new Response(null, { status: 429, headers: { "retry-after": "7" } });
    const found = refusal({ title: "slow down", detail: 5 }, response);
    expect([found.status, found.title, found.detail, found.wait]).toEqual([429, "slow down", "", 7]);
    expect(refusal("<html>", new Response(null, { status: 502, statusText: "Bad Gateway" })).title).toBe(
      "Bad Gateway",
    );
  });
});
