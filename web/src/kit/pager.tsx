import type { ReactNode } from "react";
import { Button } from "./button";
import { number } from "./format";
import { useSay, useSettings } from "./settings";
import { words } from "./words";

interface Props {
  shown: number;
  of: number | null | undefined;
  more: (() => void) | undefined;
  busy: boolean;
}

/** How much of a list is shown, and the next part of it. */
export function Pager({ shown, of, more, busy }: Props): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const n = number(shown, language);
  const said = !more
    ? say("shownAll", { n })
    : of
      ? say("shown", { n, of: number(of, language) })
      : say("shownSome", { n });
  return (
    <div className="pager">
      <p role="status">{said}</p>
      {more && (
        <Button onClick={more} busy={busy}>
          {say("more")}
        </Button>
      )}
    </div>
  );
}
