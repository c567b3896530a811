import type { ReactNode } from "react";
import { useSettings } from "../settings";
import { Choices } from "./choices";

export function Header({ connected, tried }: { connected: boolean; tried: boolean }): ReactNode {
  const { say } = useSettings();
  return (
    <header className="masthead">
      <div className="masthead-words">
        <h1>
          <span className="mark" aria-hidden="true" />
          {say("title")}
        </h1>
        <p className="tagline">{say("tagline")}</p>
        <p className="promise">
          {say("is")} {say("isnt")}
        </p>
      </div>
      <div className="controls">
        <p className={connected ? "link ok" : "link"} role="status">
          {connected ? say("connected") : tried ? say("disconnected") : ""}
        </p>
        <Choices />
      </div>
    </header>
  );
}
