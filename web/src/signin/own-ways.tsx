import { type ReactNode, useState } from "react";
import { Button } from "../kit/button";
import { Field } from "../kit/field";
import { asked, client } from "../kit/fetch";
import { useSay, useSettings } from "../kit/settings";
import { Table } from "../kit/table";
import type { Own } from "./ask";
import { NewPassword, NewTotp, Paper } from "./factors";
import { make, possible, underName } from "./passkey";
import { useDoing } from "./sure";
import { moment } from "./time";
import { WrongBox } from "./trying";
import { words } from "./words";

interface Props {
  own: Own;
  providers: readonly string[];
  again: () => void;
}

/** What one signs in with: passkeys, password and authenticator, other sign-ins. */
export function OwnWays({ own, providers, again }: Props): ReactNode {
  return (
    <>
      <Passkeys own={own} again={again} />
      <PasswordAndTotp own={own} again={again} />
      {providers.length > 0 && <Providers own={own} providers={providers} />}
    </>
  );
}

function Passkeys({ own, again }: { own: Own; again: () => void }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const doing = useDoing();
  const [name, setName] = useState("");
  const add = async (): Promise<void> => {
    if (!(await doing.attempt(() => make(name)))) return;
    setName("");
    again();
  };
  const remove = async (id: string): Promise<void> => {
    const path = { passkey_id: id };
    const gone = doing.attempt(() =>
      asked(client.DELETE("/api/v1/account/passkeys/{passkey_id}", { params: { path } })),
    );
    if (await gone) again();
  };
  return (
    <section className="card">
      <h2>{say("passkeys")}</h2>
      <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
      {own.passkeys.length === 0 ? (
        <p className="quiet">{say("noPasskeyYet")}</p>
      ) : (
        <Table
          caption={say("passkeys")}
          hideCaption
          rows={own.passkeys}
          id={(row) => row.id}
          columns={[
            { name: say("device"), cell: (row) => row.name },
            { name: say("host"), cell: (row) => row.host },
            { name: say("added"), cell: (row) => moment(row.begun, language) },
            { name: say("used"), cell: (row) => (row.used ? moment(row.used, language) : say("never")) },
            {
              name: say("change"),
              cell: (row) => (
                <Button
                  look="quiet"
                  onClick={() => void remove(row.id)}
                  aria-label={`${say("remove")}: ${row.name}`}
                >
                  {say("remove")}
                </Button>
              ),
            },
          ]}
        />
      )}
      {possible() === "yes" ? (
        <div className="inline">
          <Field label={say("passkeyName")}>
            {(given) => (
              <input {...given} value={name} onChange={(e) => setName(e.target.value)} maxLength={60} />
            )}
          </Field>
          <Button busy={doing.busy} onClick={() => void add()}>
            {say("addPasskey")}
          </Button>
        </div>
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
  );
}

function PasswordAndTotp({ own, again }: { own: Own; again: () => void }): ReactNode {
  const say = useSay(words);
  const doing = useDoing();
  const [open, setOpen] = useState<"password" | "totp" | "">("");
  const [paper, setPaper] = useState<readonly string[]>([]);
  const show = (what: "password" | "totp"): void => {
    doing.clear();
    setOpen(open === what ? "" : what);
  };
  const newPaper = (): Promise<boolean> =>
    doing.attempt(async () => setPaper((await asked(client.POST("/api/v1/account/codes"))).codes));
  const drop = async (): Promise<void> => {
    if (await doing.attempt(() => asked(client.DELETE("/api/v1/account/password")))) again();
  };
  if (paper.length > 0)
    return (
      <section className="card">
        <Paper
          codes={paper}
          done={() => {
            setPaper([]);
            again();
          }}
        />
      </section>
    );
  return (
    <section className="card">
      <h2>{say("passwordTitle")}</h2>
      <p>
        {say(own.password ? "passwordOn" : "passwordOff")}{" "}
        {own.password && say(own.totp ? "totpOn" : "totpOff", { n: own.paper })}
      </p>
      {open === "" && <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />}
      <div className="buttons">
        <Button onClick={() => show("password")} aria-expanded={open === "password"}>
          {say(own.password ? "changePassword" : "setPassword")}
        </Button>
        {own.password && (
          <>
            <Button onClick={() => show("totp")} aria-expanded={open === "totp"}>
              {say("newTotp")}
            </Button>
            {own.totp && (
              <Button busy={doing.busy} onClick={() => void newPaper()}>
                {say("newPaper")}
              </Button>
            )}
            <Button look="quiet" onClick={() => void drop()}>
              {say("dropPassword")}
            </Button>
          </>
        )}
      </div>
      {open === "password" && (
        <NewPassword
          doing={doing}
          done={() => {
            setOpen(own.totp ? "" : "totp");
            again();
          }}
        />
      )}
      {open === "totp" && (
        <NewTotp
          doing={doing}
          done={(codes) => {
            setOpen("");
            setPaper(codes);
          }}
        />
      )}
    </section>
  );
}

function Providers({ own, providers }: { own: Own; providers: readonly string[] }): ReactNode {
  const say = useSay(words);
  return (
    <section className="card">
      <h2>{say("providersTitle")}</h2>
      <ul className="plain">
        {providers.map((name) => (
          <li key={name}>
            {own.providers.includes(name) ? (
              say("connected", { name })
            ) : (
              <a className="button button-plain" href={`/api/v1/account/provider/${name}`}>
                {say("connect", { name })}
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
