import { type ReactNode, type Ref, useEffect, useId, useRef } from "react";
import { useSay } from "./settings";
import { words } from "./words";

interface Given {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
  required: boolean;
}

interface Props {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it, in plain words. */
  error?: string | undefined;
  required?: boolean;
  /** Say which fields may stay empty rather than which must not. */
  mark?: boolean;
  children: (given: Given) => ReactNode;
}

/** A field with its label, a hint, and what is wrong with it; the control gets all three by name. */
export function Field({ label, hint, error, required = false, mark = true, children }: Props): ReactNode {
  const say = useSay(words);
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={error ? "field field-wrong" : "field"}>
      <label htmlFor={id}>
        {label} {mark && !required && <span className="quiet">{say("optional")}</span>}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
        required,
      })}
    </div>
  );
}

/** What is wrong with a form, above it; takes the focus when it appears. */
export function FormErrors({ errors }: { errors: readonly string[] }): ReactNode {
  const say = useSay(words);
  const box: Ref<HTMLDivElement> = useRef<HTMLDivElement>(null);
  const some = errors.length > 0;
  useEffect(() => {
    if (some) box.current?.focus();
  }, [some, errors]);
  return (
    some && (
      <div className="problem" role="alert" tabIndex={-1} ref={box}>
        <h2>{say("errors")}</h2>
        <ul>
          {errors.map((error) => (
            <li key={error}>{error}</li>
          ))}
        </ul>
      </div>
    )
  );
}
