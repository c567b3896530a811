import { form } from "./bytes";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = Readonly<Record<string, unknown>>;

// RFC 8785 for what our documents hold: no fractions. JavaScript sorts names by UTF-16, as the RFC wants.
function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${written(value[name] ?? null)}`).join(",")}}`;
  }
  form(typeof value !== "number" || Number.isSafeInteger(value), "canonical");
  return JSON.stringify(value);
}

/** A document's text, which must be canonical JSON (RFC 8785) and `ending`: two readers can't read it differently. */
export function canonical(text: string, ending = ""): Fields {
  form(text.endsWith(ending), "canonical");
  let found: Json;
  try {
    found = JSON.parse(text) as Json;
  } catch {
    form(false, "canonical");
  }
  form(typeof found === "object" && found !== null && !Array.isArray(found), "canonical");
  form(written(found) + ending === text, "canonical");
  return found;
}
