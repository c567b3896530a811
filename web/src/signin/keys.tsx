import { type SyntheticEvent, type ReactNode, useState } from "react";
import { Button } from "../kit/button";
import { Field } from "../kit/field";
import { asked, client } from "../kit/fetch";
import { useSay, useSettings } from "../kit/settings";
import { Empty, Pending } from "../kit/states";
import { Table } from "../kit/table";
import { useAsked } from "../kit/use-asked";
import { scope as where } from "./account";
import type { SignedIn } from "./ask";
import { Once } from "./once";
import { type Scope, ScopeFields } from "./scope-fields";
import { useDoing } from "./sure";
import { moment } from "./time";
import { WrongBox } from "./trying";
import { words } from "./words";

const RIGHTS = [
  "see-numbers",
  "look",
  "read-health",
  "acknowledge",
  "edit-scene",
  "edit-register",
  "read-acts",
] as const;

/** Machine keys: made, listed, ended. */
export function Keys({ who }: { who: SignedIn }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const list = useAsked("keys", (signal) => asked(client.GET("/api/v1/keys", { signal })));
  const doing = useDoing();
  const [made, setMade] = useState("");
  const end = async (id: string): Promise<void> => {
    const gone = doing.attempt(() =>
      asked(client.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
    );
    if (await gone) list.again();
  };
  const possibleRights = RIGHTS.filter((right) => who.rights.includes(right));
  return (
    <>
      <section className="card">
        <h2>{say("tabKeys")}</h2>
        <p>{say("keysLead")}</p>
        <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
        {made && <Once title={say("keyMade")} hint={say("keyMadeHint")} secret={made} />}
        {!list.value ? (
          <Pending />
        ) : list.value.items.length === 0 ? (
          <Empty title={say("noKeys")}>
            <p>{say("noKeysHint")}</p>
          </Empty>
        ) : (
          <Table
            caption={say("tabKeys")}
            hideCaption
            rows={list.value.items}
            id={(row) => row.id}
            columns={[
              { name: say("keyName"), cell: (row) => row.name },
              {
                name: say("keyRights"),
                cell: (row) => (
                  <>
                    {RIGHTS.filter((r) => row.rights.includes(r))
                      .map((r) => say(`right_${r}`))
                      .join(", ")}{" "}
                    <span className="quiet">({where(say, row)})</span>
                  </>
                ),
              },
              {
                name: say("by"),
                cell: (row) =>
                  row.by === "terminal" ? say("terminal") : row.by === who.pseudonym ? say("you") : row.by,
              },
              { name: say("until"), cell: (row) => moment(row.until, language) },
              { name: say("used"), cell: (row) => (row.used ? moment(row.used, language) : say("never")) },
              {
                name: say("change"),
                cell: (row) => (
                  <Button
                    look="quiet"
                    onClick={() => void end(row.id)}
                    aria-label={`${say("endIt")}: ${row.name}`}
                  >
                    {say("endIt")}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </section>
      <NewKey
        rights={possibleRights}
        made={(token) => {
          setMade(token);
          list.again();
        }}
      />
    </>
  );
}

function NewKey({
  rights,
  made,
}: {
  rights: readonly (typeof RIGHTS)[number][];
  made: (token: string) => void;
}): ReactNode {
  const say = useSay(words);
  const doing = useDoing();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [days, setDays] = useState(90);
  const [scope, setScope] = useState<Scope>({ organisation: "*", area: "*" });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void doing.attempt(async () => {
      const body = { name, rights: [...chosen], days, ...scope };
      const { token } = await asked(client.POST("/api/v1/keys", { body }));
      setName("");
      made(token);
    });
  };
  return (
    <section className="card">
      <h2>{say("makeKey")}</h2>
      <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
      <form className="form" onSubmit={submit}>
        <Field label={say("keyName")} required>
          {(given) => (
            <input {...given} value={name} onChange={(e) => setName(e.target.value)} maxLength={60} />
          )}
        </Field>
        <fieldset className="checks">
          <legend>{say("keyRights")}</legend>
          {rights.map((right) => (
            <label key={right}>
              <input
                type="checkbox"
                checked={chosen.includes(right)}
                onChange={(e) =>
                  setChosen(e.target.checked ? [...chosen, right] : chosen.filter((other) => other !== right))
                }
              />
              {say(`right_${right}`)}
            </label>
          ))}
        </fieldset>
        <div className="inline">
          <ScopeFields scope={scope} change={setScope} />
          <Field label={say("keyDays")} required>
            {(given) => (
              <input
                {...given}
                type="number"
                min={1}
                max={366}
                value={days}
                onChange={(e) => setDays(e.target.valueAsNumber || 1)}
              />
            )}
          </Field>
        </div>
        <div className="buttons">
          <Button type="submit" look="main" busy={doing.busy} disabled={chosen.length === 0}>
            {say("makeKey")}
          </Button>
        </div>
      </form>
    </section>
  );
}
