import { useCallback, useEffect, useEffectEvent, useState } from "react";
import { Refused } from "./fetch";

/** What was asked for: still on its way, there, or refused. While something new is on its way, the old stays. */
export interface Asked<T> {
  value: T | undefined;
  refused: Refused | undefined;
  pending: boolean;
  again: () => void;
}

interface State<T> {
  key: string;
  value: T | undefined;
  refused: Refused | undefined;
}

/** Ask anew whenever the key changes; an answer to an older question is dropped. */
export function useAsked<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<State<T>>({ key: "", value: undefined, refused: undefined });
  const question = `${attempt} ${key}`;
  const put = useEffectEvent((signal: AbortSignal) => ask(signal));
  useEffect(() => {
    const stop = new AbortController();
    put(stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setState({ key: question, value, refused: undefined });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof Refused)) throw error;
        setState((before) => ({ key: question, value: before.value, refused: error }));
      },
    );
    return () => stop.abort();
  }, [question]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  const pending = state.key !== question;
  return { value: state.value, refused: pending ? undefined : state.refused, pending, again };
}
