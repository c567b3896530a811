import type { ReactNode } from "react";
import { number } from "../kit/format";
import { Link } from "../kit/router";
import { useSay, useSettings } from "../kit/settings";
import { type Filter, PHASES, queryOf } from "./service";
import { useAbout } from "./shown";
import { words } from "./words";

/** How many cameras have come how far; each number leads to them. */
export function PhaseStrip({ filter, view }: { filter: Filter; view: "list" | "map" }): ReactNode {
  const say = useSay(words);
  const { totals } = useAbout();
  const { language } = useSettings();
  const path = view === "map" ? "/map" : "/";
  return (
    <ul className="strip" aria-label={say("filterPhase")}>
      {PHASES.map((phase) => {
        const chosen = filter.phase === phase;
        return (
          <li key={phase} className={chosen ? "chosen" : undefined}>
            <Link to={`${path}${queryOf({ ...filter, phase: chosen ? "" : phase })}`} current={chosen}>
              <strong>{number(totals[phase] ?? 0, language)}</strong>
              <span>{say(`phase_${phase}`)}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
