import type { ReactNode } from "react";
import { Shell } from "../kit/shell";
import { useSay } from "../kit/settings";
import { words } from "./words";

export function App(): ReactNode {
  const say = useSay(words);
  return (
    <Shell name="Passerby" face={say("face")} home="/">
      <h1>{say("face")}</h1>
    </Shell>
  );
}
