import type { ReactNode } from "react";
import { Choices } from "./choices";
import { Mark } from "./mark";
import { Link } from "./router";
import { useSay } from "./settings";
import { words } from "./words";

export interface Place {
  to: string;
  name: string;
  current: boolean;
}

interface Props {
  /** Whose page this is. */
  name: string;
  /** What this face is, in a few words. */
  face: string;
  home: string;
  places?: readonly Place[];
  /** Shown beside the settings: a state, a way out. */
  aside?: ReactNode;
  footer?: ReactNode;
  children: ReactNode;
  /** Whether links stay within this face; else each loads a page. */
  within?: boolean;
}

/** A page: the way past the menu, whose it is, where one can go, the content. */
export function Shell({
  name,
  face,
  home,
  places = [],
  aside,
  footer,
  children,
  within = true,
}: Props): ReactNode {
  const say = useSay(words);
  const brand = (
    <>
      <Mark />
      <span className="brand-words">
        <span className="brand-name">{name}</span>
        <span className="brand-face">{face}</span>
      </span>
    </>
  );
  return (
    <>
      <a className="skip" href="#content">
        {say("skip")}
      </a>
      <header className="shell-head">
        <div className="shell-bar">
          {within ? (
            <Link to={home} className="brand">
              {brand}
            </Link>
          ) : (
            <a href={home} className="brand">
              {brand}
            </a>
          )}
          <div className="shell-aside">
            {aside}
            <Choices />
          </div>
        </div>
        {places.length > 0 && (
          <nav className="shell-nav" aria-label={say("menu")}>
            {places.map((place) =>
              within ? (
                <Link key={place.to} to={place.to} current={place.current}>
                  {place.name}
                </Link>
              ) : (
                <a key={place.to} href={place.to} aria-current={place.current ? "page" : undefined}>
                  {place.name}
                </a>
              ),
            )}
          </nav>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      {footer && (
        <footer className="shell-end">
          <div className="shell-foot">{footer}</div>
        </footer>
      )}
    </>
  );
}
