import { type ReactNode, useEffect, useState } from "react";
import { Button } from "./button";
import type { Refused } from "./fetch";
import { useSay } from "./settings";
import { words } from "./words";

const PATIENCE_MS = 300;

/** Nothing is here, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <section className="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Something is on its way: said once it has taken longer than anybody should wonder. */
export function Pending({ what }: { what?: string }): ReactNode {
  const say = useSay(words);
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="pending" role="status">
      {late && (
        <>
          <span className="pending-bar" aria-hidden="true" />
          {what ?? say("loading")}
        </>
      )}
    </div>
  );
}

/** What went wrong, in plain words, and what can be done. */
export function ProblemBox({ refused, again }: { refused: Refused; again?: () => void }): ReactNode {
  const say = useSay(words);
  const { status, wait } = refused;
  const [title, hint] =
    status === 0
      ? [say("problemNetwork"), say("problemNetworkHint")]
      : status === 404
        ? [say("problemGone"), say("problemGoneHint")]
        : status === 429
          ? [say("problemLimit"), say("problemLimitHint", { n: wait || 60 })]
          : status >= 500
            ? [say("problemServer"), say("problemServerHint")]
            : [say("problemRefused"), ""];
  return (
    <div className="problem" role="alert">
      <h2>{title}</h2>
      {hint && <p>{hint}</p>}
      {status !== 0 && (refused.detail || status < 500) && (
        <p className="problem-said" lang="en">
          {refused.title}
          {refused.detail && `: ${refused.detail}`}
        </p>
      )}
      {again && <Button onClick={again}>{say("again")}</Button>}
    </div>
  );
}
