import type { Language } from "./messages";

/** The reader's own kind of a language, where the browser names one: dates of British readers are British. */
function localeOf(language: Language): string {
  const wanted = typeof navigator === "undefined" ? [] : navigator.languages;
  return wanted.find((tag) => tag.startsWith(`${language}-`)) ?? language;
}

/** A whole number for reading. */
export function number(n: number, language: Language): string {
  return new Intl.NumberFormat(localeOf(language)).format(n);
}

/** A part of one as a percentage; never rounded up to 100 or down to 0. */
export function share(part: number, language: Language): string {
  const near = part > 0 && part < 1 ? Math.min(0.999, Math.max(0.001, part)) : part;
  return new Intl.NumberFormat(localeOf(language), { style: "percent", maximumFractionDigits: 1 }).format(
    near,
  );
}

/** A day, from its text (2028-02-29): a day of the site's calendar, not a moment. */
export function day(text: string, language: Language): string {
  const [year = 0, month = 1, date = 1] = text.split("-").map(Number);
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: "long", timeZone: "UTC" }).format(
    Date.UTC(year, month - 1, date),
  );
}

/** A month, from its text (2028-02). */
export function month(text: string, language: Language): string {
  const [year = 0, month = 1] = text.split("-").map(Number);
  return new Intl.DateTimeFormat(localeOf(language), {
    year: "numeric",
    month: "short",
    timeZone: "UTC",
  }).format(Date.UTC(year, month - 1, 1));
}

/** The day of a moment, in the reader's own time. Seconds since 1970. */
export function date(seconds: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: "long" }).format(seconds * 1000);
}

/** A moment, in the reader's own time. Seconds since 1970. */
export function moment(seconds: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: "medium", timeStyle: "short" }).format(
    seconds * 1000,
  );
}

const STEPS: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** How far a time is from now, in words: "in 3 days", "2 hours ago". Seconds. */
export function fromNow(seconds: number, language: Language): string {
  const [size, unit] = STEPS.find(([size]) => Math.abs(seconds) >= size * 1.5) ?? [1, "second"];
  return new Intl.RelativeTimeFormat(localeOf(language), { numeric: "auto" }).format(
    Math.trunc(seconds / size),
    unit,
  );
}

/** About how long, in its largest unit, rounded up: how late something was is never made less. Seconds. */
export function about(seconds: number, language: Language): string {
  const [size] = STEPS.find(([size]) => seconds >= size * 2) ?? [1];
  return span(Math.ceil(seconds / size) * size, language);
}

/** A length of time in its largest whole unit: "3 days", "24 hours". Seconds. */
export function span(seconds: number, language: Language): string {
  const fits = STEPS.find(([size]) => seconds >= size && seconds % size === 0);
  const [size, unit] = seconds === 0 ? [1, "second"] : (fits ?? [1, "second"]);
  // A day is said in hours up to three days: people count retention so.
  const [by, name] = unit === "day" && seconds < 3 * 86400 ? [3600, "hour"] : [size, unit];
  return new Intl.NumberFormat(localeOf(language), { style: "unit", unit: name, unitDisplay: "long" }).format(
    seconds / by,
  );
}

/** A measure for reading, with two digits that count. */
export function figure(n: number): string {
  return Math.abs(n) >= 10 ? String(Math.round(n)) : String(Number(n.toPrecision(2)));
}
