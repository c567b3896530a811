import { type ReactNode, useState } from "react";
import { Button } from "../kit/button";
import { useSay } from "../kit/settings";
import { words as kitWords } from "../kit/words";

/** A secret that is shown this once, to be copied. */
export function Once({ title, hint, secret }: { title: string; hint: string; secret: string }): ReactNode {
  const say = useSay(kitWords);
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(secret).then(() => setCopied(true));
  return (
    <div className="once" role="status">
      <h3>{title}</h3>
      <p>
        <code className="secret">{secret}</code>
      </p>
      <Button onClick={copy}>{say(copied ? "copied" : "copy")}</Button>
      <p className="quiet">{hint}</p>
    </div>
  );
}
