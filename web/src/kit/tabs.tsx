import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

export interface Tab<K extends string> {
  key: K;
  name: string;
}

interface Props<K extends string> {
  label: string;
  tabs: readonly Tab<K>[];
  chosen: K;
  choose: (key: K) => void;
  children: ReactNode;
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };

/** Tabs of the ARIA pattern: arrows go from one to the next (the way the page is written), Home and End to the ends. */
export function Tabs<K extends string>({ label, tabs, chosen, choose, children }: Props<K>): ReactNode {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const pressed = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.key === chosen);
    const way = document.documentElement.dir === "rtl" ? -1 : 1;
    let next = at + (STEPS[event.key] ?? 0) * way;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = tabs.length - 1;
    next = (next + tabs.length) % tabs.length;
    const tab = tabs[next];
    if (next === at || !tab) return;
    event.preventDefault();
    choose(tab.key);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} className="tabs" ref={list} onKeyDown={pressed}>
        {tabs.map((tab) => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-${tab.key}`}
            aria-selected={tab.key === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={tab.key === chosen ? 0 : -1}
            onClick={() => choose(tab.key)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`}>
        {children}
      </div>
    </>
  );
}
