import {
  createContext,
  type SyntheticEvent,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useState,
} from "react";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { asked, client, Refused } from "../kit/fetch";
import { useSay } from "../kit/settings";
import { possible, prove } from "./passkey";
import { useTrying, type Wrong, WrongBox } from "./trying";
import { words } from "./words";

/** Something being done that may be refused. */
export interface Doing {
  busy: boolean;
  wrong: Wrong;
  clear: () => void;
  attempt: (what: () => Promise<void>) => Promise<boolean>;
}

type Sure = (what: () => Promise<void>) => Promise<void>;
const Context = createContext<Sure | null>(null);

/** Asks again who it is where the server wants to know, then repeats what was asked for. */
export function SureProvider({
  hasPassword,
  children,
}: {
  hasPassword: boolean;
  children: ReactNode;
}): ReactNode {
  const say = useSay(words);
  const [open, setOpen] = useState(false);
  const waiting = useRef<((sure: boolean) => void) | null>(null);
  const answer = useCallback((sure: boolean) => {
    setOpen(false);
    waiting.current?.(sure);
    waiting.current = null;
  }, []);
  const sure = useCallback<Sure>(async (what) => {
    try {
      await what();
    } catch (error) {
      if (!(error instanceof Refused) || error.type !== "reauthenticate") throw error;
      const confirmed = await new Promise<boolean>((resolve) => {
        waiting.current = resolve;
        setOpen(true);
      });
      if (!confirmed) throw error;
      await what();
    }
  }, []);
  return (
    <Context value={sure}>
      {children}
      <Dialog title={say("sureTitle")} open={open} close={() => answer(false)}>
        <Confirm hasPassword={hasPassword} done={() => answer(true)} />
      </Dialog>
    </Context>
  );
}

/** As `useTrying`, of what may ask again who it is. */
export function useDoing(): Doing {
  const sure = useContext(Context);
  const { busy, wrong, clear, attempt } = useTrying();
  return useMemo(
    () => ({ busy, wrong, clear, attempt: (what) => attempt(() => (sure ? sure(what) : what())) }),
    [busy, wrong, clear, attempt, sure],
  );
}

function Confirm({ hasPassword, done }: { hasPassword: boolean; done: () => void }): ReactNode {
  const say = useSay(words);
  const { busy, wrong, attempt } = useTrying();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const body = { password, code };
    void attempt(() => asked(client.POST("/api/v1/session/confirm/password", { body }))).then(
      (ok) => ok && done(),
    );
  };
  return (
    <div className="form">
      <p>{say("sureLead")}</p>
      <WrongBox wrong={wrong} />
      {possible() === "yes" && (
        <Button
          look="main"
          busy={busy}
          onClick={() => void attempt(() => prove("confirm")).then((ok) => ok && done())}
        >
          {say("surePasskey")}
        </Button>
      )}
      {hasPassword && (
        <form className="form" onSubmit={submit}>
          <Field label={say("password")} required>
            {(given) => (
              <input
                {...given}
                type="password"
                value={password}
                onChange={(e) => setPassword(e.target.value)}
                autoComplete="current-password"
              />
            )}
          </Field>
          <Field label={say("code")} hint={say("codeHint")} required>
            {(given) => (
              <input
                {...given}
                className="code"
                value={code}
                onChange={(e) => setCode(e.target.value)}
                autoComplete="one-time-code"
                maxLength={40}
              />
            )}
          </Field>
          <div className="buttons">
            <Button type="submit" busy={busy}>
              {say("sureGo")}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}
