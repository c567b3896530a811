import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link } from "./router";

type Look = "main" | "plain" | "quiet";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  /** It is at work: it can't be pressed again, and says so to those who listen. */
  busy?: boolean;
}

/** Does something. */
export function Button({ look = "plain", busy = false, children, ...rest }: Props): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${look}`}
      aria-busy={busy}
      disabled={busy || rest.disabled}
    >
      {children}
    </button>
  );
}

/** Leads somewhere and looks like a button. */
export function ButtonLink({
  to,
  look = "plain",
  away = false,
  children,
}: {
  to: string;
  look?: Look;
  /** To a file or another face: the browser loads it. */
  away?: boolean;
  children: ReactNode;
}): ReactNode {
  const className = `button button-${look}`;
  return away ? (
    <a href={to} className={className}>
      {children}
    </a>
  ) : (
    <Link to={to} className={className}>
      {children}
    </Link>
  );
}
