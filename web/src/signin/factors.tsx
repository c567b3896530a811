import { type SyntheticEvent, type ReactNode, useState } from "react";
import { Button } from "../kit/button";
import { Field } from "../kit/field";
import { asked, client } from "../kit/fetch";
import { useSay } from "../kit/settings";
import type { Enrol } from "./ask";
import type { Doing } from "./sure";
import { WrongBox } from "./trying";
import { words } from "./words";

/** A new password. */
export function NewPassword({ doing, done }: { doing: Doing; done: () => void }): ReactNode {
  const say = useSay(words);
  const [password, setPassword] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const body = { password };
    void doing
      .attempt(() => asked(client.PUT("/api/v1/account/password", { body })))
      .then((ok) => ok && done());
  };
  return (
    <form className="form" onSubmit={submit}>
      <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
      <Field label={say("newPassword")} hint={say("newPasswordHint")} required>
        {(given) => (
          <input
            {...given}
            type="password"
            value={password}
            onChange={(e) => setPassword(e.target.value)}
            autoComplete="new-password"
            minLength={12}
            maxLength={200}
          />
        )}
      </Field>
      <div className="buttons">
        <Button type="submit" look="main" busy={doing.busy}>
          {say("savePassword")}
        </Button>
      </div>
    </form>
  );
}

/** An authenticator: scanned, then confirmed by a code; then paper codes. */
export function NewTotp({ doing, done }: { doing: Doing; done: (codes: string[]) => void }): ReactNode {
  const say = useSay(words);
  const [enrol, setEnrol] = useState<Enrol | null>(null);
  const [code, setCode] = useState("");
  const begin = (): Promise<boolean> =>
    doing.attempt(async () => setEnrol(await asked(client.POST("/api/v1/account/totp"))));
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (!enrol) return;
    const body = { number: enrol.number, code };
    const sent = doing.attempt(async () => {
      const { codes } = await asked(client.PUT("/api/v1/account/totp", { body }));
      done(codes);
    });
    // The key was for one try: after a wrong code there is a new one to scan.
    void sent.then((ok) => {
      if (!ok) setEnrol(null);
      setCode("");
    });
  };
  if (!enrol)
    return (
      <>
        <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
        <div className="buttons">
          <Button look="main" busy={doing.busy} onClick={() => void begin()}>
            {say("newTotp")}
          </Button>
        </div>
      </>
    );
  return (
    <form className="form" onSubmit={submit}>
      <div className="scan">
        <img src={enrol.picture} alt={say("scanAlt")} width={200} height={200} />
        <div>
          <h3>{say("scan")}</h3>
          <p className="quiet">{say("scanHint")}</p>
          <p>
            <code className="secret">{enrol.secret.match(/.{1,4}/g)?.join(" ")}</code>
          </p>
        </div>
      </div>
      <Field label={say("typeCode")} required>
        {(given) => (
          <input
            {...given}
            className="code"
            value={code}
            onChange={(e) => setCode(e.target.value)}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
          />
        )}
      </Field>
      <div className="buttons">
        <Button type="submit" look="main" busy={doing.busy}>
          {say("confirmCode")}
        </Button>
      </div>
    </form>
  );
}

/** Codes on paper, shown this once. */
export function Paper({ codes, done }: { codes: readonly string[]; done: () => void }): ReactNode {
  const say = useSay(words);
  return (
    <section className="paper" aria-label={say("paperTitle")}>
      <h2>{say("paperTitle")}</h2>
      <p>{say("paperLead")}</p>
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="buttons">
        <Button onClick={() => window.print()}>{say("print")}</Button>
        <Button look="main" onClick={done}>
          {say("paperDone")}
        </Button>
      </div>
    </section>
  );
}
