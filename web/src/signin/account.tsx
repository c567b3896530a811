import { type ReactNode, useEffect } from "react";
import { asked, client } from "../kit/fetch";
import { go, useQuery } from "../kit/router";
import { useSay } from "../kit/settings";
import { Pending, ProblemBox } from "../kit/states";
import { Tabs } from "../kit/tabs";
import { useAsked } from "../kit/use-asked";
import { leave, type Own, session, type SignedIn } from "./ask";
import { Events } from "./events";
import { Frame } from "./frame";
import { Keys } from "./keys";
import { OwnWays } from "./own-ways";
import { People } from "./people";
import { Sessions } from "./sessions";
import { SureProvider } from "./sure";
import { words } from "./words";

type Part = "own" | "sessions" | "keys" | "people" | "events";

/** One's own account; what one may do with keys and with other people's accounts. */
export function AccountPage(): ReactNode {
  const say = useSay(words);
  const now = useAsked("session", session);
  const who = now.value?.who;
  const lost = now.value && who?.way !== "account";
  useEffect(() => {
    if (lost) leave("/sign-in?to=/account");
  }, [lost]);
  return (
    <Frame title={say("account")} who={who} wide>
      {now.refused && <ProblemBox refused={now.refused} again={now.again} />}
      {who && !lost ? <Parts who={who} providers={now.value?.providers ?? []} /> : <Pending />}
    </Frame>
  );
}

function Parts({ who, providers }: { who: SignedIn; providers: readonly string[] }): ReactNode {
  const say = useSay(words);
  const query = useQuery();
  const own = useAsked("own", (signal) => asked(client.GET("/api/v1/account", { signal })));
  const tabs: { key: Part; name: string }[] = [
    { key: "own", name: say("tabOwn") },
    { key: "sessions", name: say("tabSessions") },
  ];
  if (who.rights.includes("manage-keys")) tabs.push({ key: "keys", name: say("tabKeys") });
  if (who.rights.includes("manage-accounts")) tabs.push({ key: "people", name: say("tabPeople") });
  if (who.rights.includes("read-acts")) tabs.push({ key: "events", name: say("tabEvents") });
  const chosen = tabs.find((tab) => tab.key === query.get("part"))?.key ?? "own";
  if (own.refused && !own.value) return <ProblemBox refused={own.refused} again={own.again} />;
  if (!own.value) return <Pending />;
  return (
    <SureProvider hasPassword={own.value.password && own.value.totp}>
      <Tabs
        label={say("tabs")}
        tabs={tabs}
        chosen={chosen}
        choose={(key) => go(`/account?part=${key}`, "replace")}
      >
        <div className="part">
          {chosen === "own" && <OwnPart own={own.value} providers={providers} again={own.again} />}
          {chosen === "sessions" && <Sessions own={own.value} again={own.again} />}
          {chosen === "keys" && <Keys who={who} />}
          {chosen === "people" && <People />}
          {chosen === "events" && <Events />}
        </div>
      </Tabs>
    </SureProvider>
  );
}

function OwnPart({
  own,
  providers,
  again,
}: {
  own: Own;
  providers: readonly string[];
  again: () => void;
}): ReactNode {
  const say = useSay(words);
  return (
    <>
      <section className="card">
        <h2>{say("rolesTitle")}</h2>
        {own.grants.length === 0 ? (
          <p>{say("noRoles")}</p>
        ) : (
          <ul className="plain">
            {own.grants.map((grant) => (
              <li key={grant.id}>
                {say(`role_${grant.role}`)} <span className="quiet">({scope(say, grant)})</span>
              </li>
            ))}
          </ul>
        )}
        <p className="quiet">
          {say("pseudonym")} <code>{own.pseudonym}</code>
        </p>
      </section>
      <OwnWays own={own} providers={providers} again={again} />
    </>
  );
}

/** Where a role or key holds, in words. */
export function scope(
  say: (key: "everywhere" | "inScope" | "all", values?: Record<string, string>) => string,
  grant: { organisation: string; area: string },
): string {
  if (grant.organisation === "*" && grant.area === "*") return say("everywhere");
  const word = (id: string): string => (id === "*" ? say("all") : id);
  return say("inScope", { organisation: word(grant.organisation), area: word(grant.area) });
}
