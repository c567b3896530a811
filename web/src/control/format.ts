import type { Say } from "../kit/messages";
import type { Key } from "./words";

/** How long ago, in words. Times in seconds since 1970. */
export function ago(say: Say<Key>, time: number, now: number): string {
  const seconds = Math.max(0, Math.round(now - time));
  if (seconds < 2) return say("justNow");
  if (seconds < 90) return say("secondsAgo", { n: seconds });
  if (seconds < 5400) return say("minutesAgo", { n: Math.round(seconds / 60) });
  return say("hoursAgo", { n: Math.round(seconds / 3600) });
}

/** A number of people for reading: whole from ten up, else one decimal where it has one. */
export function people(n: number): string {
  return n >= 10 ? String(Math.round(n)) : String(Math.round(n * 10) / 10);
}

/** A measure for reading, with two digits that count. */
export function figure(n: number): string {
  return Math.abs(n) >= 10 ? String(Math.round(n)) : String(Number(n.toPrecision(2)));
}

/** Bounds for reading: outwards, so that rounding never narrows them. */
export function bounds(low: number, high: number): { low: string; high: string } {
  return { low: String(Math.max(0, Math.floor(low))), high: String(Math.ceil(high)) };
}

/** The time of day. */
export function clock(time: number, language: string): string {
  return new Intl.DateTimeFormat(language, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(time * 1000);
}
