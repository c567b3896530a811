import { type SyntheticEvent, type ReactNode, useEffect, useState } from "react";
import { Button } from "../kit/button";
import { Field } from "../kit/field";
import { asked, client } from "../kit/fetch";
import { useQuery } from "../kit/router";
import { useSay } from "../kit/settings";
import { useAsked } from "../kit/use-asked";
import { leave, session, wanted } from "./ask";
import { Frame } from "./frame";
import { possible, prove, underName } from "./passkey";
import { useTrying, WrongBox } from "./trying";
import { words } from "./words";

/** Signing in; whoever is signed in already goes where they wanted to. */
export function SignInPage(): ReactNode {
  const say = useSay(words);
  const query = useQuery();
  const to = wanted(query);
  const now = useAsked("session", session);
  const inside = now.value?.who && now.value.who.way !== "entering";
  useEffect(() => {
    if (inside) leave(to);
  }, [inside, to]);
  return (
    <Frame title={say("signIn")}>
      <p className="lead">{say("signInLead")}</p>
      {query.has("refused") && (
        <div className="problem" role="alert">
          <h2>{say("wrongProvider")}</h2>
        </div>
      )}
      <WithPasskey to={to} />
      {now.value && now.value.providers.length > 0 && (
        <section className="way">
          <h2>{say("orProvider")}</h2>
          <div className="buttons">
            {now.value.providers.map((name) => (
              <a
                key={name}
                className="button button-plain"
                href={`/api/v1/session/provider/${name}?to=${encodeURIComponent(to)}`}
              >
                {say("through", { name })}
              </a>
            ))}
          </div>
        </section>
      )}
      <WithPassword to={to} />
      <p className="quiet">{say("lost")}</p>
      <p>
        <a href="/">{say("toRegister")}</a>
      </p>
    </Frame>
  );
}

function WithPasskey({ to }: { to: string }): ReactNode {
  const say = useSay(words);
  const { busy, wrong, attempt } = useTrying();
  const can = possible();
  const come = async (): Promise<void> => {
    if (await attempt(() => prove("enter"))) leave(to);
  };
  return (
    <section className="way">
      <WrongBox wrong={wrong} otherwise={say("wrongPasskey")} />
      {can === "yes" ? (
        <>
          <Button look="main" busy={busy} onClick={() => void come()}>
            {say("withPasskey")}
          </Button>
          <p className="hint">{say("passkeyHint")}</p>
        </>
      ) : (
        <p className="hint">
          {can === "no" ? (
            say("noPasskeys")
          ) : (
            <>
              {say("passkeyNotHere")} <a href={underName()}>{say("passkeyThere")}</a>
            </>
          )}
        </p>
      )}
    </section>
  );
}

function WithPassword({ to }: { to: string }): ReactNode {
  const say = useSay(words);
  const { busy, wrong, attempt } = useTrying();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const send = async (): Promise<void> => {
    const body = { name: name.trim().toLowerCase(), password, code: code.trim() };
    if (await attempt(() => asked(client.POST("/api/v1/session/password", { body })))) leave(to);
    else setCode("");
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void send();
  };
  return (
    <section className="way">
      <h2>{say("orPassword")}</h2>
      <WrongBox wrong={wrong} />
      <form className="form" onSubmit={submit}>
        <Field label={say("yourName")} required>
          {(given) => (
            <input
              {...given}
              value={name}
              onChange={(e) => setName(e.target.value)}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={63}
            />
          )}
        </Field>
        <Field label={say("password")} required>
          {(given) => (
            <input
              {...given}
              type="password"
              value={password}
              onChange={(e) => setPassword(e.target.value)}
              autoComplete="current-password"
              maxLength={200}
            />
          )}
        </Field>
        <Field label={say("code")} hint={say("codeHint")} required>
          {(given) => (
            <input
              {...given}
              className="code"
              value={code}
              onChange={(e) => setCode(e.target.value)}
              autoComplete="one-time-code"
              spellCheck={false}
              maxLength={40}
            />
          )}
        </Field>
        <div className="buttons">
          <Button type="submit" look={possible() === "yes" ? "plain" : "main"} busy={busy}>
            {say("signIn")}
          </Button>
        </div>
      </form>
    </section>
  );
}
