import { createContext, type ReactNode, useContext } from "react";
import type { Language } from "../kit/messages";
import { keyOr } from "../kit/messages";
import { useSay, useSettings } from "../kit/settings";
import type { About, Phase } from "./service";
import { type Key, words } from "./words";

interface Said {
  texts: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A field of the register in the reader's language, where somebody translated it; else as it was written. */
export function said(of: Said, field: string, otherwise: string, language: Language): string {
  const exact = of.texts[language]?.[field];
  // zh-Hant-HK and zh-Hant are the same to a reader who asks for zh-Hant.
  const near = Object.keys(of.texts).find((tag) => tag.startsWith(`${language}-`));
  return (exact ?? (near && of.texts[near]?.[field])) || otherwise;
}

export const AboutContext = createContext<About | null>(null);

/** The register as a whole, once it is there. */
export function useAbout(): About {
  const found = useContext(AboutContext);
  if (!found) throw new Error("the register is missing");
  return found;
}

/** Names of what the register knows by an id, in the reader's language. */
export function useNames(): { owner: (id: string) => string; area: (id: string) => string } {
  const about = useAbout();
  const { language } = useSettings();
  return {
    owner: (id) => {
      const found = about.organisations.find((one) => one.id === id);
      return found ? said(found, "name", found.name, language) : id;
    },
    area: (id) => about.areas.find((one) => one.id === id)?.name ?? id,
  };
}

export const purposeKey = (purpose: string): Key => keyOr(words, `purpose_${purpose}`, "purpose_audit");

/** How far a camera has come, as a word with a sign that is not colour alone. */
export function PhaseTag({ phase }: { phase: Phase }): ReactNode {
  const say = useSay(words);
  return (
    <span className={`phase phase-${phase}`}>
      <span className="phase-dot" aria-hidden="true" />
      {say(`phase_${phase}`)}
    </span>
  );
}
