import type { ReactNode } from "react";
import { figure } from "../kit/format";
import { clock } from "./format";
import { keyOr } from "../kit/messages";
import { useSay, useSettings } from "../kit/settings";
import { words } from "./words";
import type { Alert } from "./types";

const SHOWN = 4;

/** A camera's newest alerts: how much each matters, where, and why, with its number and interval. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }): ReactNode {
  const say = useSay(words);
  if (alerts.length === 0) return <p className="quiet alerts-none">{say("noAlerts")}</p>;
  return (
    <section className="alerts" aria-label={say("alerts")}>
      <ul role="log" aria-live="polite">
        {alerts.slice(0, SHOWN).map((alert) => (
          <AlertLine key={alert.id} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

function AlertLine({ alert }: { alert: Alert }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  return (
    <li className={`alert severity-${alert.severity}`} data-what={alert.what}>
      <strong>{say(keyOr(words, `severity_${alert.severity}`, "alert_other"))}</strong>{" "}
      <span className="alert-place">{alert.place || say("alertWhole")}</span>{" "}
      <time className="quiet" dateTime={new Date(alert.time * 1000).toISOString()}>
        {clock(alert.time, language)}
      </time>
      <p>
        {say("alertReason", {
          what: say(keyOr(words, `alert_${alert.what}`, "alert_other")),
          value: figure(alert.value),
          low: figure(alert.low),
          high: figure(alert.high),
        })}
      </p>
    </li>
  );
}
