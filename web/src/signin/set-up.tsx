import { type ReactNode, useState } from "react";
import { Button, ButtonLink } from "../kit/button";
import { useSay } from "../kit/settings";
import { session, type SignedIn } from "./ask";
import { NewPassword, NewTotp, Paper } from "./factors";
import { Frame } from "./frame";
import { make, possible, underName } from "./passkey";
import { useTrying, WrongBox } from "./trying";
import { words } from "./words";

type Step = "choose" | "password" | "totp" | "paper" | "ready";

/** Somebody who came by an invitation, a recovery or as the first chooses what to sign in with. */
export function SetUp({ who, first }: { who: SignedIn; first: boolean }): ReactNode {
  const say = useSay(words);
  const [step, setStep] = useState<Step>("choose");
  const [paper, setPaper] = useState<readonly string[]>([]);
  const [now, setNow] = useState(who);
  const doing = useTrying();
  const ready = (): void =>
    void session().then((found) => {
      if (found.who) setNow(found.who);
      setStep("ready");
    });
  const withPasskey = async (): Promise<void> => {
    if (await doing.attempt(() => make(""))) ready();
  };
  if (step === "paper")
    return (
      <Frame title={say("welcome", { name: who.name })} who={now}>
        <Paper codes={paper} done={ready} />
      </Frame>
    );
  if (step === "ready")
    return (
      <Frame title={say("ready")} who={now}>
        {first && <p className="lead">{say("readyLead")}</p>}
        <div className="buttons">
          {now.rights.includes("manage-accounts") && (
            <ButtonLink to="/account?part=people" look="main" away>
              {say("giveAccounts")}
            </ButtonLink>
          )}
          {now.rights.includes("see-numbers") && (
            <ButtonLink to="/control" look="main" away>
              {say("control")}
            </ButtonLink>
          )}
          <ButtonLink to="/account" away>
            {say("account")}
          </ButtonLink>
        </div>
      </Frame>
    );
  return (
    <Frame title={say("welcome", { name: who.name })}>
      <p className="lead">{say("welcomeLead")}</p>
      {step === "choose" ? (
        <div className="ways">
          <section className="way card">
            <h2>{say("choosePasskey")}</h2>
            <p>{say("choosePasskeyHint")}</p>
            <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
            {possible() === "yes" ? (
              <Button look="main" busy={doing.busy} onClick={() => void withPasskey()}>
                {say("addPasskey")}
              </Button>
            ) : (
              <p className="hint">
                {possible() === "no" ? (
                  say("noPasskeys")
                ) : (
                  <>
                    {say("passkeyNotHere")} <a href={underName()}>{say("passkeyThere")}</a>
                  </>
                )}
              </p>
            )}
          </section>
          <section className="way card">
            <h2>{say("choosePassword")}</h2>
            <p>{say("choosePasswordHint")}</p>
            <Button
              onClick={() => {
                doing.clear();
                setStep("password");
              }}
            >
              {say("useThis")}
            </Button>
          </section>
        </div>
      ) : (
        <>
          {step === "password" && <NewPassword doing={doing} done={() => setStep("totp")} />}
          {step === "totp" && (
            <NewTotp
              doing={doing}
              done={(codes) => {
                setPaper(codes);
                setStep("paper");
              }}
            />
          )}
          <p>
            <Button
              look="quiet"
              onClick={() => {
                doing.clear();
                setStep("choose");
              }}
            >
              {say("back")}
            </Button>
          </p>
        </>
      )}
    </Frame>
  );
}
