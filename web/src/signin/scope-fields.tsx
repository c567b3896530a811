import type { ReactNode } from "react";
import { Field } from "../kit/field";
import { useSay } from "../kit/settings";
import { words } from "./words";

export interface Scope {
  organisation: string;
  area: string;
}

/** Where a role or a key holds. */
export function ScopeFields({ scope, change }: { scope: Scope; change: (scope: Scope) => void }): ReactNode {
  const say = useSay(words);
  return (
    <>
      <Field label={say("organisation")} hint={say("scopeHint")} required>
        {(given) => (
          <input
            {...given}
            value={scope.organisation}
            onChange={(e) => change({ ...scope, organisation: e.target.value.trim() })}
            pattern="\*|[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
            spellCheck={false}
          />
        )}
      </Field>
      <Field label={say("area")} hint={say("scopeHint")} required>
        {(given) => (
          <input
            {...given}
            value={scope.area}
            onChange={(e) => change({ ...scope, area: e.target.value.trim() })}
            pattern="\*|[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
            spellCheck={false}
          />
        )}
      </Field>
    </>
  );
}
