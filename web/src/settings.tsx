import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { catalogue, type Language, preferred, type Say, sayIn } from "./messages";

export type Theme = "auto" | "light" | "dark";

interface Settings {
  language: Language;
  setLanguage: (language: Language) => void;
  theme: Theme;
  setTheme: (theme: Theme) => void;
  say: Say;
}

const Context = createContext<Settings | null>(null);

function kept(key: string): string {
  return localStorage.getItem(`passerby.${key}`) ?? "";
}

export function SettingsProvider({ children }: { children: ReactNode }): ReactNode {
  const [language, setLanguage] = useState<Language>(() => {
    const chosen = kept("language");
    return chosen in catalogue ? (chosen as Language) : preferred(navigator.languages);
  });
  const [theme, setTheme] = useState<Theme>(() => {
    const chosen = kept("theme");
    return chosen === "light" || chosen === "dark" ? chosen : "auto";
  });
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem("passerby.language", language);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("passerby.theme", theme);
  }, [theme]);
  const value = useMemo(
    () => ({ language, setLanguage, theme, setTheme, say: sayIn(language) }),
    [language, theme],
  );
  return <Context value={value}>{children}</Context>;
}

export function useSettings(): Settings {
  const value = useContext(Context);
  if (!value) throw new Error("settings are missing");
  return value;
}
