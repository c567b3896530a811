/** Catalogues of words: one a face, every word in every language. A missing one is a type error. */
export const languageNames = { en: "English", "zh-Hant": "繁體中文" } as const;
export type Language = keyof typeof languageNames;
export const languages = Object.keys(languageNames) as Language[];
/** Which way each language is written. */
export const directions: Record<Language, "ltr" | "rtl"> = { en: "ltr", "zh-Hant": "ltr" };

export type Words<K extends string> = Record<Language, Readonly<Record<K, string>>>;
export type Values = Readonly<Record<string, string | number>>;
export type Say<K extends string> = (key: K, values?: Values) => string;

/** A face's words. The second language has exactly the keys of the first. */
export function catalogue<const E extends Readonly<Record<string, string>>>(
  en: E,
  zhHant: Readonly<Record<keyof E & string, string>>,
): Words<keyof E & string> {
  return { en, "zh-Hant": zhHant };
}

/** The words of one language; `{name}` is filled in from the values. */
export function sayIn<K extends string>(words: Words<K>, language: Language): Say<K> {
  return (key, values = {}) =>
    words[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A key made of parts, if there is such a word; else another. */
export function keyOr<K extends string>(words: Words<K>, key: string, otherwise: K): K {
  return Object.hasOwn(words.en, key) ? (key as K) : otherwise;
}

/** The language that a browser's list of languages asks for. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return "zh-Hant";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}
