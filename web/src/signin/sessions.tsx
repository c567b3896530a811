import type { ReactNode } from "react";
import { Button } from "../kit/button";
import { asked, client } from "../kit/fetch";
import { useSay, useSettings } from "../kit/settings";
import { Table } from "../kit/table";
import type { Own } from "./ask";
import { useDoing } from "./sure";
import { moment } from "./time";
import { WrongBox } from "./trying";
import { words } from "./words";

/** Where one is signed in, and ending it. */
export function Sessions({ own, again }: { own: Own; again: () => void }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const doing = useDoing();
  const end = async (what: () => Promise<void>): Promise<void> => {
    if (await doing.attempt(what)) again();
  };
  const one = (id: string): Promise<void> =>
    end(() =>
      asked(client.DELETE("/api/v1/account/sessions/{session_id}", { params: { path: { session_id: id } } })),
    );
  return (
    <section className="card">
      <h2>{say("tabSessions")}</h2>
      <WrongBox wrong={doing.wrong} />
      <Table
        caption={say("tabSessions")}
        hideCaption
        rows={own.sessions}
        id={(row) => row.id}
        columns={[
          { name: say("browser"), cell: (row) => row.agent },
          { name: say("since"), cell: (row) => moment(row.begun, language) },
          { name: say("seen"), cell: (row) => moment(row.seen, language) },
          {
            name: say("change"),
            cell: (row) =>
              row.this ? (
                <span className="quiet">{say("thisOne")}</span>
              ) : (
                <Button
                  look="quiet"
                  onClick={() => void one(row.id)}
                  aria-label={`${say("endIt")}: ${row.agent}`}
                >
                  {say("endIt")}
                </Button>
              ),
          },
        ]}
      />
      {own.sessions.length > 1 && (
        <Button
          busy={doing.busy}
          onClick={() => void end(() => asked(client.DELETE("/api/v1/account/sessions")))}
        >
          {say("endOthers")}
        </Button>
      )}
    </section>
  );
}
