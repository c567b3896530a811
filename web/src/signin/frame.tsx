import type { ReactNode } from "react";
import { Button } from "../kit/button";
import { asked, client } from "../kit/fetch";
import { useSay, useTitle } from "../kit/settings";
import { Shell } from "../kit/shell";
import { leave, type SignedIn } from "./ask";
import { words } from "./words";

interface Props {
  title: string;
  who?: SignedIn | null | undefined;
  wide?: boolean;
  children: ReactNode;
}

async function signOut(): Promise<void> {
  await asked(client.DELETE("/api/v1/session"));
  leave("/sign-in");
}

/** A page of signing in: narrow where somebody comes in, wide for an account. */
export function Frame({ title, who, wide = false, children }: Props): ReactNode {
  const say = useSay(words);
  useTitle(`${title} · ${say("name")}`);
  const inside = who && who.way !== "entering";
  const places = inside
    ? [
        ...(who.rights.includes("see-numbers")
          ? [{ to: "/control", name: say("control"), current: false }]
          : []),
        ...(who.way === "account" ? [{ to: "/account", name: say("account"), current: true }] : []),
        { to: "/", name: say("register"), current: false },
      ]
    : [];
  return (
    <Shell
      name={say("name")}
      face={say(wide ? "faceAccount" : "face")}
      home="/"
      within={false}
      places={places}
      aside={
        who && (
          <>
            <span className="quiet">
              {who.way === "local" ? say("signedInLocal") : say("signedInAs", { name: who.name })}
            </span>
            <Button look="quiet" onClick={() => void signOut()}>
              {say("signOut")}
            </Button>
          </>
        )
      }
    >
      <div className={wide ? "page" : "page door"}>
        <h1>{title}</h1>
        {children}
      </div>
    </Shell>
  );
}
