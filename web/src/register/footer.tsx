import type { ReactNode } from "react";
import { useSay } from "../kit/settings";
import type { About } from "./service";
import { words } from "./words";

const SHORT = 12;

/** What is true of every page here, and where all of it can be taken from. */
export function Footer({ about }: { about: About }): ReactNode {
  const say = useSay(words);
  return (
    <>
      <p className="foot-promise">{say("footPromise")}</p>
      <p className="foot-links">
        {say("footOpen")} <a href="/api/v1/register/export.csv">{say("footCsv")}</a>
        <a href="/api/v1/register/export.json">{say("footJson")}</a>
        {about.ledger && (
          <a href={`${about.ledger.path.replace(/\/*$/, "")}/checkpoint`}>{say("footLedger")}</a>
        )}
        <a href="/open/">{say("footData")}</a>
      </p>
      <p>
        {say("footBuild", { version: about.version, build: about.build.slice(0, SHORT) })}
        {about.root && (
          <>
            {" · "}
            <span title={about.root}>{say("footRoot", { root: about.root.slice(0, SHORT) })}</span>
          </>
        )}
      </p>
    </>
  );
}
