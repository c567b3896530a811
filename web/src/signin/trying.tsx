import { type ReactNode, useCallback, useState } from "react";
import { Refused } from "../kit/fetch";
import { keyOr } from "../kit/messages";
import { useSay } from "../kit/settings";
import { ProblemBox } from "../kit/states";
import { Cancelled } from "./passkey";
import { words } from "./words";

export type Wrong = Refused | Cancelled | null;

/** Do something that may be refused: whether it is at work, what was wrong, and the doing. */
export function useTrying(): {
  busy: boolean;
  wrong: Wrong;
  clear: () => void;
  attempt: (what: () => Promise<void>) => Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>(null);
  const attempt = useCallback(async (what: () => Promise<void>) => {
    setBusy(true);
    setWrong(null);
    try {
      await what();
      return true;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Cancelled)) throw error;
      setWrong(error);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setWrong(null), []);
  return { busy, wrong, clear, attempt };
}

/** What was wrong, in the reader's words where they are known. */
export function WrongBox({ wrong, otherwise }: { wrong: Wrong; otherwise?: string | undefined }): ReactNode {
  const say = useSay(words);
  if (!wrong) return null;
  const told =
    wrong instanceof Cancelled
      ? say("cancelled")
      : wrong.status === 429
        ? say("tooSoon", { n: wrong.wait })
        : wrong.status === 401
          ? (otherwise ?? say("wrong"))
          : Object.hasOwn(words.en, `why_${wrong.type}`)
            ? say(keyOr(words, `why_${wrong.type}`, "notAccepted"))
            : wrong.status === 409 && otherwise
              ? otherwise
              : null;
  if (told === null) return wrong instanceof Refused && <ProblemBox refused={wrong} />;
  return (
    <div className="problem" role="alert">
      <h2>{told}</h2>
      {wrong instanceof Refused && wrong.status === 409 && !/^[a-z-]+$/.test(wrong.type) && (
        <p className="problem-said" lang="en">
          {wrong.message}
        </p>
      )}
    </div>
  );
}
