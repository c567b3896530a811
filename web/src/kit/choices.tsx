import type { ReactNode } from "react";
import { type Language, languageNames } from "./messages";
import { type Theme, useSay, useSettings } from "./settings";
import { words } from "./words";

/** Language and appearance, kept for the next time. */
export function Choices(): ReactNode {
  const { language, setLanguage, theme, setTheme } = useSettings();
  const say = useSay(words);
  return (
    <div className="choices">
      <select
        aria-label={say("language")}
        value={language}
        onChange={(event) => setLanguage(event.target.value as Language)}
      >
        {Object.entries(languageNames).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={say("theme")}
        value={theme}
        onChange={(event) => setTheme(event.target.value as Theme)}
      >
        <option value="auto">{say("themeAuto")}</option>
        <option value="light">{say("themeLight")}</option>
        <option value="dark">{say("themeDark")}</option>
      </select>
    </div>
  );
}
