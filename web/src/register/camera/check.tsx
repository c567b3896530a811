import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "../../kit/button";
import { Refused } from "../../kit/fetch";
import { Field } from "../../kit/field";
import { moment } from "../../kit/format";
import { keyOr, type Language } from "../../kit/messages";
import { useSay, useSettings } from "../../kit/settings";
import { ProblemBox } from "../../kit/states";
import type { Checked, Finding } from "../../verify/permit";
import { proof } from "../service";
import { useAbout } from "../shown";
import { type CheckKey, checkWords } from "./check-words";
import { words } from "../words";
import { anchorOf } from "./anchor";

type Whose = "sign" | "typed" | "server";
interface Done {
  checked: Checked;
  anchor: string;
  whose: Whose;
}

const NOT_CHECKED = ["code", "camera", "everything", "others", "fields"] as const;
const ROLE = /\((\w+), /;
const MOMENTS = new Set(["time", "from", "until"]);

/** Lets the browser check the permit by itself, and says what it checked, against what, and what not. */
export function Check({ camera }: { camera: string }): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  // What the sign's code brought along behind the #: browsers send it to no server.
  const [fromSign] = useState(() => anchorOf(location.hash.slice(1)));
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);

  const check = async (): Promise<void> => {
    const given = typed.trim() ? anchorOf(typed.trim()) : "";
    setWrong(given === null);
    if (given === null) return;
    const anchor = given || (fromSign ?? about.root);
    const whose: Whose = given ? "typed" : fromSign ? "sign" : "server";
    setBusy(true);
    setRefused(null);
    try {
      const [{ checkPermit }, evidence] = await Promise.all([import("../../verify/permit"), proof(camera)]);
      setDone({ checked: await checkPermit(evidence, camera, anchor, Date.now() / 1000), anchor, whose });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="check">
      <h3>{say("check")}</h3>
      <p>{say("checkLead")}</p>
      {!fromSign && (
        <Field
          label={say("checkAnchor")}
          hint={say("checkAnchorHint")}
          error={wrong ? say("checkAnchorWrong") : undefined}
        >
          {(given) => (
            <input
              {...given}
              className="code"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
              maxLength={80}
            />
          )}
        </Field>
      )}
      <div className="buttons">
        <Button look="main" busy={busy} onClick={() => void check()}>
          {say(busy ? "checking" : "checkButton")}
        </Button>
      </div>
      {refused && <ProblemBox refused={refused} />}
      {done && <Result done={done} camera={camera} />}
    </div>
  );
}

function Result({ done: { checked, anchor, whose }, camera }: { done: Done; camera: string }): ReactNode {
  const say = useSay(words);
  const of = useSay(checkWords);
  const id = useId();
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), [checked]);
  const listed = (state: Finding["state"]): Finding[] =>
    checked.findings.filter((one) => one.state === state);
  const against = {
    sign: "checkAgainstSign",
    typed: "checkAgainstTyped",
    server: "checkAgainstServer",
  } as const;
  return (
    <section className={`verdict verdict-${checked.verdict}`} tabIndex={-1} ref={box} aria-labelledby={id}>
      <h4 id={id}>{say(`verdict_${checked.verdict}`)}</h4>
      <p>
        {say(against[whose])} <code>{anchor}</code>
      </p>
      <Findings title={say("checkRefuted")} findings={listed("refuted")} />
      <Findings title={say("checkOpen")} findings={listed("open")} />
      <Findings title={say("checkDid")} findings={listed("proven")} />
      <h5>{say("checkDidNot")}</h5>
      <ul>
        {checked.unchecked.length > 0 && <li>{of("not_quantum", { who: checked.unchecked.join("; ") })}</li>}
        {NOT_CHECKED.map((what) => (
          <li key={what}>{of(`not_${what}`)}</li>
        ))}
      </ul>
      <p className="small">
        {say("checkTools")} <a href={`/api/v1/register/cameras/${camera}/proof`}>{say("checkToolsHint")}</a>
      </p>
    </section>
  );
}

function filled(finding: Finding, language: Language): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(finding.values).map(([name, value]) => [
      name,
      MOMENTS.has(name) && typeof value === "number" ? moment(value, language) : value,
    ]),
  );
}

/** Whose keys, one a line: to be compared with what stands elsewhere. */
function Keys({ who }: { who: string }): ReactNode {
  const say = useSay(words);
  const named = (one: string): string =>
    one.replace(ROLE, (_, role: string) => `(${say(keyOr(words, `role_${role}`, "role_officer"))}, `);
  return (
    <ul className="keys">
      {who.split("; ").map((one) => (
        <li key={one}>{named(one)}</li>
      ))}
    </ul>
  );
}

function Findings({ title, findings }: { title: string; findings: readonly Finding[] }): ReactNode {
  const of = useSay(checkWords);
  const { language } = useSettings();
  if (findings.length === 0) return null;
  return (
    <>
      <h5>{title}</h5>
      <ul>
        {findings.map((finding, index) => {
          const key: CheckKey = finding.state === "proven" ? `did_${finding.step}` : `about_${finding.step}`;
          return (
            <li key={index}>
              {of(key, filled(finding, language))}
              {typeof finding.values.who === "string" && <Keys who={finding.values.who} />}
              {finding.reason && (
                <>
                  : {of(keyOr(checkWords, `because_${finding.reason}`, "because_proof"))}
                  {finding.detail && <span className="quiet code"> {finding.detail}</span>}
                </>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
