import type { ReactNode } from "react";
import { ago, bounds, people } from "./format";
import { useNow } from "./now";
import { useSay } from "../kit/settings";
import { words } from "./words";
import type { Count } from "./types";

const STALE_S = 15;

export function PeopleNow({ count }: { count: Count | null }): ReactNode {
  const say = useSay(words);
  const now = useNow();
  if (!count) return <p className="people quiet">{say("noCount")}</p>;
  const stale = now - count.time > STALE_S;
  return (
    <div className={stale ? "people stale" : "people"}>
      <p className="number">
        <strong>{people(count.people)}</strong> {say("peopleNow")}
      </p>
      <p className="quiet">
        {say("between", bounds(count.low, count.high))}
        {count.vehicles >= 0.5 && <> · {say("vehicles", { n: people(count.vehicles) })}</>} ·{" "}
        <span className="ago">{say("lastCount", { ago: ago(say, count.time, now) })}</span>
      </p>
    </div>
  );
}
