import { type ReactNode, type SubmitEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../kit/button";
import { Refused } from "../../kit/fetch";
import { Field, FormErrors } from "../../kit/field";
import { date, fromNow, moment } from "../../kit/format";
import { keyOr } from "../../kit/messages";
import { useSay, useSettings, useTitle } from "../../kit/settings";
import { ProblemBox } from "../../kit/states";
import { Facts } from "../camera/parts";
import { type Matter, matter } from "../service";
import { useAbout } from "../shown";
import { words } from "../words";
import { lastDay } from "./due";

const WORD = /^[0-9a-f]{64}$/;

/** Where a complaint or a request stands, for whoever has its receipt. */
export default function FollowFace(): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [found, setFound] = useState<{ matter: Matter; at: number } | null>(null);
  useTitle(`${say("followTitle")} · ${about.site}`);

  const look = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form);
    const [number, secret] = ["number", "secret"].map((name) => {
      const value = given.get(name);
      return typeof value === "string" ? value.replace(/\s/g, "").toLowerCase() : "";
    });
    const sound = number !== undefined && secret !== undefined && WORD.test(number) && WORD.test(secret);
    setWrong(sound ? "" : say("followWrong"));
    setFound(null);
    setRefused(null);
    if (!sound) return;
    setBusy(true);
    try {
      setFound({ matter: await matter(number, secret), at: Date.now() / 1000 });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 404) setWrong(say("followUnknown"));
      else setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const submitted = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void look(event.currentTarget);
  };
  return (
    <>
      <header className="lead">
        <h1>{say("followTitle")}</h1>
        <p>{say("followLead")}</p>
      </header>
      <form className="form" noValidate onSubmit={submitted}>
        <FormErrors errors={wrong ? [wrong] : []} />
        {(["number", "secret"] as const).map((name) => (
          <Field key={name} label={say(name === "number" ? "receiptNumber" : "receiptSecret")} required>
            {(given) => (
              <input
                {...given}
                name={name}
                className="code"
                autoComplete="off"
                spellCheck={false}
                autoCapitalize="none"
                maxLength={80}
              />
            )}
          </Field>
        ))}
        <div className="buttons">
          <Button type="submit" look="main" busy={busy}>
            {say("followButton")}
          </Button>
        </div>
      </form>
      {refused && <ProblemBox refused={refused} />}
      {found && <Standing matter={found.matter} now={found.at} />}
    </>
  );
}

function Standing({ matter: found, now }: { matter: Matter; now: number }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [found]);
  const due = date(lastDay(found.due), language);
  const over = found.over > 0;
  const clock = over
    ? say(found.over < found.due ? "clockDone" : "clockDoneLate", { time: moment(found.over, language), due })
    : say(found.overdue ? "clockOver" : "clockLeft", { due, left: fromNow(found.due - now, language) });
  return (
    <section className="standing">
      <h2 ref={title} tabIndex={-1}>
        {say("followState")}
      </h2>
      <p className="standing-state">{say(keyOr(words, `state_${found.state}`, "state_received"))}</p>
      <Facts
        facts={[
          [say("receiptKind"), say(`kind_${found.kind}`)],
          [say("receiptAt"), moment(found.at, language)],
          [say("followClock"), <span className={found.overdue && !over ? "amiss" : undefined}>{clock}</span>],
          [
            say("footLedger"),
            found.entry === null ? say("followNotYet") : say("followLedger", { n: found.entry }),
          ],
        ]}
      />
      <h3>{say("followEvents")}</h3>
      <ol className="events">
        {found.events.map((event, index) => (
          <li key={index}>
            <p>
              <strong>{say(keyOr(words, `event_${event.what}`, "event_other"))}</strong>{" "}
              <time className="quiet" dateTime={new Date(event.at * 1000).toISOString()}>
                {moment(event.at, language)}
              </time>
            </p>
            {event.letter && (
              <blockquote aria-label={say("followLetter")}>
                <p>{event.letter}</p>
              </blockquote>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
