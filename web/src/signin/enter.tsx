import { type SyntheticEvent, type ReactNode, useEffect, useState } from "react";
import { Button } from "../kit/button";
import { Field } from "../kit/field";
import { asked, client } from "../kit/fetch";
import { useQuery } from "../kit/router";
import { useSay } from "../kit/settings";
import { Pending } from "../kit/states";
import { leave, session, type Session, wanted } from "./ask";
import { Frame } from "./frame";
import { possible, underName } from "./passkey";
import { SetUp } from "./set-up";
import { useTrying, WrongBox } from "./trying";
import { words } from "./words";

// Taken once, when the page is loaded: it must not stay in the address, in history, or in a bookmark.
const TOKEN = location.hash.slice(1);

type Step = "asking" | "first" | "name" | "set-up" | "bad";

/** Coming in by a one-time link: the terminal's, an invitation, a recovery. */
export function EnterPage(): ReactNode {
  const say = useSay(words);
  const query = useQuery();
  const to = wanted(query);
  const [step, setStep] = useState<Step>("asking");
  const [now, setNow] = useState<Session | null>(null);
  const { wrong, attempt } = useTrying();

  const follow = async (setUp: boolean): Promise<void> => {
    const token = TOKEN;
    const done = await attempt(async () => {
      if (token) await asked(client.POST("/api/v1/session/link", { body: { token } }));
    });
    const found = await session();
    setNow(found);
    const way = found.who?.way;
    if (way === "entering") setStep("set-up");
    else if (!done || !way) setStep("bad");
    else if (setUp && found.first) setStep("name");
    else leave(to);
  };

  useEffect(() => {
    if (step !== "asking" || now) return;
    void (async () => {
      const found = await session();
      setNow(found);
      if (!found.first || query.has("look")) {
        history.replaceState(null, "", location.pathname + location.search);
        await follow(false);
      } else if (query.has("set-up")) {
        history.replaceState(null, "", location.pathname + location.search);
        await follow(true);
      } else setStep("first");
    })();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once
  }, []);

  if (step === "first")
    return (
      <Frame title={say("firstTitle")}>
        <First look={() => void follow(false)} setUp={() => void follow(true)} />
      </Frame>
    );
  if (step === "name")
    return <Name done={() => void session().then((s) => (setNow(s), setStep("set-up")))} />;
  if (step === "set-up" && now?.who)
    return <SetUp who={now.who} first={now.who.name !== "" && query.has("set-up")} />;
  if (step === "bad")
    return (
      <Frame title={say("linkBad")}>
        <p className="lead">{say("linkBadHint")}</p>
        {wrong && "status" in wrong && wrong.status !== 409 && <WrongBox wrong={wrong} />}
        <p>
          <a href="/sign-in">{say("signIn")}</a>
        </p>
      </Frame>
    );
  return (
    <Frame title={say("entering")}>
      <Pending />
    </Frame>
  );
}

/** Nobody has an account yet: look around, or set up. The link is used up only by one of the two. */
function First({ look, setUp }: { look: () => void; setUp: () => void }): ReactNode {
  const say = useSay(words);
  const there = new URL(underName());
  there.searchParams.set("set-up", "");
  const setUpHere = (): void => {
    history.replaceState(null, "", "/enter?set-up");
    setUp();
  };
  return (
    <>
      <p className="lead">{say("firstLead")}</p>
      <div className="ways">
        <section className="way card">
          <h2>{say("firstLook")}</h2>
          <p>{say("firstLookHint")}</p>
          <Button look="main" onClick={look}>
            {say("firstLook")}
          </Button>
        </section>
        <section className="way card">
          <h2>{say("firstSetUp")}</h2>
          <p>{say("firstSetUpHint")}</p>
          {possible() === "not-here" ? (
            <a className="button button-plain" href={there.href}>
              {say("firstSetUp")}
            </a>
          ) : (
            <Button onClick={setUpHere}>{say("firstSetUp")}</Button>
          )}
        </section>
      </div>
    </>
  );
}

function Name({ done }: { done: () => void }): ReactNode {
  const say = useSay(words);
  const { busy, wrong, attempt } = useTrying();
  const [name, setName] = useState("");
  const send = async (): Promise<void> => {
    if (await attempt(() => asked(client.POST("/api/v1/session/first", { body: { name } })))) done();
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void send();
  };
  return (
    <Frame title={say("firstSetUp")}>
      <WrongBox wrong={wrong} otherwise={say("notAccepted")} />
      <form className="form" onSubmit={submit}>
        <Field label={say("firstName")} hint={say("firstNameHint")} required>
          {(given) => (
            <input
              {...given}
              value={name}
              onChange={(e) => setName(e.target.value.trim().toLowerCase())}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={63}
              pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
            />
          )}
        </Field>
        <div className="buttons">
          <Button type="submit" look="main" busy={busy}>
            {say("firstMake")}
          </Button>
        </div>
      </form>
    </Frame>
  );
}
