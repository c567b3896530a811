import type { ReactNode } from "react";
import { useSay } from "../../kit/settings";
import type { CameraPage, Phase } from "../service";
import { words } from "../words";
import { Part } from "./parts";

const NEVER = ["faces", "follow", "plates", "lists", "guess", "sound"] as const;

/** What stands beside an analysis that is registered: on only where the camera runs. */
function stateOf(phase: Phase): "doesOn" | "doesStopped" | "doesPlanned" {
  if (phase === "active") return "doesOn";
  return phase === "suspended" || phase === "removed" ? "doesStopped" : "doesPlanned";
}

/** What runs, what does not, and what never can. */
export function Does({ page, kept }: { page: CameraPage; kept: string }): ReactNode {
  const say = useSay(words);
  const order = [...page.analyses].sort((a, b) => Number(b.on) - Number(a.on));
  return (
    <Part id="does" title={say("does")}>
      <ul className="analyses">
        {order.map((one) => (
          <li key={one.name} className={one.on ? "analysis analysis-on" : "analysis"}>
            <span className="analysis-state">{say(one.on ? stateOf(page.phase) : "doesOff")}</span>
            <div>
              <h3>{say(`analysis_${one.name}`)}</h3>
              <p>{say(one.on ? `on_${one.name}` : `off_${one.name}`, { kept })}</p>
              {one.on && !one.permitted && page.phase === "active" && (
                <p className="analysis-not">{say("notPermittedNow")}</p>
              )}
            </div>
          </li>
        ))}
      </ul>
      <div className="never">
        <h3>{say("never")}</h3>
        <p>{say("neverLead")}</p>
        <ul>
          {NEVER.map((what) => (
            <li key={what}>{say(`never_${what}`)}</li>
          ))}
        </ul>
      </div>
    </Part>
  );
}
