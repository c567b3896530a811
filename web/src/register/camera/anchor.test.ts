import { expect, it } from "vitest";
import { anchorOf } from "./anchor";

it("takes a fingerprint as letters and digits, in groups too, or as the code's 43 signs, and nothing else", () => {
  const hex = "00ff10".padEnd(64, "a");
  expect(anchorOf(hex)).toBe(hex);
  expect(anchorOf(hex.toUpperCase().replace(/(.{8})/g, "$1 "))).toBe(hex);
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => 251 - index);
  const code = btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
  expect(anchorOf(`#${code}`)).toBe(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
  for (const wrong of ["", "#", "why", hex.slice(1), `${hex}0`, code.slice(1), `${code}=`])
    expect(anchorOf(wrong)).toBeNull();
});
