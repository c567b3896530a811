import { type ReactNode, useState } from "react";
import type { components } from "../api";
import { Button } from "../kit/button";
import { asked, client } from "../kit/fetch";
import { keyOr } from "../kit/messages";
import { useSay, useSettings } from "../kit/settings";
import { Empty, Pending, ProblemBox } from "../kit/states";
import { Table } from "../kit/table";
import { useAsked } from "../kit/use-asked";
import { words as kitWords } from "../kit/words";
import { scope as where } from "./account";
import { moment } from "./time";
import { words } from "./words";

type Event = components["schemas"]["HappenedModel"];
const PAGE = 50;

/** What happened to accounts and keys, for those who oversee. */
export function Events(): ReactNode {
  const say = useSay(words);
  const sayKit = useSay(kitWords);
  const { language } = useSettings();
  const [pages, setPages] = useState(1);
  const list = useAsked(`events ${pages}`, (signal) =>
    asked(client.GET("/api/v1/accounts/events", { params: { query: { limit: pages * PAGE } }, signal })),
  );
  const short = (word: string): string =>
    word === "terminal" ? say("terminal") : word.startsWith("p-") ? word.slice(0, 10) : word;
  const role = (event: Event): string =>
    event.role ? ` · ${say(keyOr(words, `short_${event.role}`, "role"))} (${where(say, event)})` : "";
  return (
    <section className="card">
      <h2>{say("tabEvents")}</h2>
      <p>{say("eventsLead")}</p>
      {list.refused && <ProblemBox refused={list.refused} again={list.again} />}
      {!list.value ? (
        <Pending />
      ) : list.value.items.length === 0 ? (
        <Empty title={say("noEvents")} />
      ) : (
        <>
          <Table
            caption={say("tabEvents")}
            hideCaption
            rows={list.value.items}
            id={(row) => String(row.id)}
            columns={[
              { name: say("when"), cell: (row) => moment(row.time, language) },
              {
                name: say("what"),
                cell: (row) => `${say(keyOr(words, `event_${row.what}`, "event_other"))}${role(row)}`,
              },
              { name: say("who"), cell: (row) => <code title={row.who}>{short(row.who)}</code> },
              { name: say("did"), cell: (row) => <code title={row.by}>{short(row.by)}</code> },
            ]}
          />
          {list.value.next !== null && pages * PAGE < 500 && (
            <Button onClick={() => setPages(pages + 1)}>{sayKit("more")}</Button>
          )}
        </>
      )}
    </section>
  );
}
