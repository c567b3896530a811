import { type SyntheticEvent, type ReactNode, useState } from "react";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { asked, client } from "../kit/fetch";
import { useSay, useSettings } from "../kit/settings";
import { Pending, ProblemBox } from "../kit/states";
import { Table } from "../kit/table";
import { useAsked } from "../kit/use-asked";
import { scope as where } from "./account";
import type { Account, Grant, Link } from "./ask";
import { Once } from "./once";
import { type Scope, ScopeFields } from "./scope-fields";
import { type Doing, useDoing } from "./sure";
import { moment } from "./time";
import { WrongBox } from "./trying";
import { words } from "./words";

const ROLES = ["operator", "supervisor", "reviewer", "auditor", "admin"] as const;
type Role = (typeof ROLES)[number];
const MOST = 500;

/** Other people's accounts: made, given roles, recovered, ended. */
export function People(): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const list = useAsked("people", (signal) =>
    asked(client.GET("/api/v1/accounts", { params: { query: { limit: MOST } }, signal })),
  );
  const [link, setLink] = useState<Link | null>(null);
  const [open, setOpen] = useState("");
  const shown = list.value?.items.find((account) => account.pseudonym === open);
  const linked = (made: Link): void => {
    setLink(made);
    setOpen("");
    list.again();
  };
  return (
    <>
      <section className="card">
        <h2>{say("tabPeople")}</h2>
        <p>{say("peopleLead")}</p>
        {link && (
          <Once
            title={say("linkMade", { name: link.account.name })}
            hint={say("linkMadeHint", { time: moment(link.until, language) })}
            secret={location.origin + link.path}
          />
        )}
        {list.refused && <ProblemBox refused={list.refused} again={list.again} />}
        {!list.value ? (
          <Pending />
        ) : (
          <Table
            caption={say("tabPeople")}
            hideCaption
            rows={list.value.items}
            id={(row) => row.pseudonym}
            columns={[
              {
                name: say("accountName"),
                cell: (row) => (
                  <>
                    {row.name} {row.own && <span className="quiet">({say("you")})</span>}
                  </>
                ),
              },
              { name: say("state"), cell: (row) => say(row.state) },
              { name: say("roles"), cell: (row) => <Roles grants={row.grants} /> },
              {
                name: say("change"),
                cell: (row) =>
                  !row.own && (
                    <Button
                      look="quiet"
                      onClick={() => setOpen(row.pseudonym)}
                      aria-label={`${say("change")}: ${row.name}`}
                    >
                      {say("change")}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </section>
      <NewAccount linked={linked} />
      <Dialog title={shown?.name ?? ""} open={shown !== undefined} close={() => setOpen("")}>
        {shown && (
          <Change
            account={shown}
            changed={list.again}
            linked={linked}
            ended={() => (setOpen(""), list.again())}
          />
        )}
      </Dialog>
    </>
  );
}

function Roles({ grants }: { grants: readonly Grant[] }): ReactNode {
  const say = useSay(words);
  return (
    <ul className="plain tight">
      {grants.map((grant) => (
        <li key={grant.id}>
          {say(`short_${grant.role}`)} <span className="quiet">({where(say, grant)})</span>
        </li>
      ))}
    </ul>
  );
}

function RoleFields({
  role,
  setRole,
  scope,
  setScope,
}: {
  role: Role;
  setRole: (role: Role) => void;
  scope: Scope;
  setScope: (scope: Scope) => void;
}): ReactNode {
  const say = useSay(words);
  return (
    <>
      <Field label={say("role")} required>
        {(given) => (
          <select {...given} value={role} onChange={(e) => setRole(e.target.value as Role)}>
            {ROLES.map((name) => (
              <option key={name} value={name}>
                {say(`role_${name}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="inline">
        <ScopeFields scope={scope} change={setScope} />
      </div>
    </>
  );
}

function NewAccount({ linked }: { linked: (link: Link) => void }): ReactNode {
  const say = useSay(words);
  const doing = useDoing();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [scope, setScope] = useState<Scope>({ organisation: "*", area: "*" });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void doing.attempt(async () => {
      const body = { name, grants: [{ role, ...scope }] };
      linked(await asked(client.POST("/api/v1/accounts", { body })));
      setName("");
    });
  };
  return (
    <section className="card">
      <h2>{say("newAccount")}</h2>
      <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
      <form className="form" onSubmit={submit}>
        <Field label={say("accountName")} hint={say("firstNameHint")} required>
          {(given) => (
            <input
              {...given}
              value={name}
              onChange={(e) => setName(e.target.value.trim().toLowerCase())}
              pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
              maxLength={63}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          )}
        </Field>
        <RoleFields role={role} setRole={setRole} scope={scope} setScope={setScope} />
        <div className="buttons">
          <Button type="submit" look="main" busy={doing.busy}>
            {say("makeAccount")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function Change({
  account,
  changed,
  linked,
  ended,
}: {
  account: Account;
  changed: () => void;
  linked: (link: Link) => void;
  ended: () => void;
}): ReactNode {
  const say = useSay(words);
  const doing = useDoing();
  const path = { who: account.pseudonym };
  const [ending, setEnding] = useState(false);
  const take = (number: number): Promise<boolean> =>
    doing.attempt(async () => {
      await asked(
        client.DELETE("/api/v1/accounts/{who}/grants/{number}", { params: { path: { ...path, number } } }),
      );
      changed();
    });
  const recover = (): Promise<boolean> =>
    doing.attempt(async () =>
      linked(await asked(client.POST("/api/v1/accounts/{who}/link", { params: { path } }))),
    );
  const end = (): Promise<boolean> =>
    doing.attempt(async () => {
      await asked(client.DELETE("/api/v1/accounts/{who}", { params: { path } }));
      ended();
    });
  return (
    <div className="form">
      <WrongBox wrong={doing.wrong} otherwise={say("notAccepted")} />
      <ul className="plain">
        {account.grants.map((grant) => (
          <li key={grant.id} className="row">
            <span>
              {say(`short_${grant.role}`)} <span className="quiet">({where(say, grant)})</span>
            </span>
            <Button
              look="quiet"
              onClick={() => void take(grant.id)}
              aria-label={`${say("take")}: ${say(`short_${grant.role}`)}`}
            >
              {say("take")}
            </Button>
          </li>
        ))}
      </ul>
      <Give who={account.pseudonym} doing={doing} changed={changed} />
      <div className="buttons">
        <Button busy={doing.busy} onClick={() => void recover()}>
          {say("recover")}
        </Button>
        <Button look="quiet" onClick={() => setEnding(true)} aria-expanded={ending}>
          {say("endAccount")}
        </Button>
      </div>
      {ending && (
        <div className="problem">
          <p>{say("endAccountSure", { name: account.name })}</p>
          <Button busy={doing.busy} onClick={() => void end()}>
            {say("endAccount")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Give({ who, doing, changed }: { who: string; doing: Doing; changed: () => void }): ReactNode {
  const say = useSay(words);
  const [role, setRole] = useState<Role>("operator");
  const [scope, setScope] = useState<Scope>({ organisation: "*", area: "*" });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void doing.attempt(async () => {
      const params = { path: { who } };
      await asked(client.POST("/api/v1/accounts/{who}/grants", { params, body: { role, ...scope } }));
      changed();
    });
  };
  return (
    <form className="form" onSubmit={submit}>
      <RoleFields role={role} setRole={setRole} scope={scope} setScope={setScope} />
      <div className="buttons">
        <Button type="submit" busy={doing.busy}>
          {say("give")}
        </Button>
      </div>
    </form>
  );
}
