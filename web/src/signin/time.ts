import type { Language } from "../kit/messages";

/** A moment as people write it, in their own time. */
export function moment(seconds: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(
    seconds * 1000,
  );
}
