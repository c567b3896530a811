import type { ReactNode } from "react";
import { type Language, languageNames } from "../messages";
import { type Theme, useSettings } from "../settings";

export function Header({ connected, tried }: { connected: boolean; tried: boolean }): ReactNode {
  const { say, language, setLanguage, theme, setTheme } = useSettings();
  return (
    <header className="masthead">
      <div className="masthead-words">
        <h1>
          <span className="mark" aria-hidden="true" />
          {say("title")}
        </h1>
        <p className="tagline">{say("tagline")}</p>
        <p className="promise">
          {say("is")} {say("isnt")}
        </p>
      </div>
      <div className="controls">
        <p className={connected ? "link ok" : "link"} role="status">
          {connected ? say("connected") : tried ? say("disconnected") : ""}
        </p>
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
    </header>
  );
}
