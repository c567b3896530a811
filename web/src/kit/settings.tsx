import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { directions, type Language, languageNames, preferred, type Say, sayIn, type Words } from "./messages";

export type Theme = "auto" | "light" | "dark";

interface Settings {
  language: Language;
  setLanguage: (language: Language) => void;
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

const Context = createContext<Settings | null>(null);

function kept(key: string): string {
  return localStorage.getItem(`passerby.${key}`) ?? "";
}

function startingLanguage(): Language {
  const chosen = kept("language");
  return chosen in languageNames ? (chosen as Language) : preferred(navigator.languages);
}

function startingTheme(): Theme {
  const chosen = kept("theme");
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

function apply(language: Language, theme: Theme): void {
  const root = document.documentElement;
  root.lang = language;
  root.dir = directions[language];
  root.dataset.theme = theme;
}

/** Take what was kept: before the first picture, so that a dark room sees no white flash. */
export function applyKept(): void {
  apply(startingLanguage(), startingTheme());
}

/** Language and appearance for everything below; kept for the next visit in this browser alone. */
export function SettingsProvider({ children }: { children: ReactNode }): ReactNode {
  const [language, setLanguage] = useState<Language>(startingLanguage);
  const [theme, setTheme] = useState<Theme>(startingTheme);
  useEffect(() => {
    apply(language, theme);
    localStorage.setItem("passerby.language", language);
    localStorage.setItem("passerby.theme", theme);
  }, [language, theme]);
  const value = useMemo(() => ({ language, setLanguage, theme, setTheme }), [language, theme]);
  return <Context value={value}>{children}</Context>;
}

export function useSettings(): Settings {
  const value = useContext(Context);
  if (!value) throw new Error("settings are missing");
  return value;
}

/** A catalogue's words in the language that is chosen. */
export function useSay<K extends string>(words: Words<K>): Say<K> {
  const { language } = useSettings();
  return useMemo(() => sayIn(words, language), [words, language]);
}

/** Name the page in the window's title. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
