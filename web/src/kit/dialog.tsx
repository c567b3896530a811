import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./button";
import { useSay } from "./settings";
import { words } from "./words";

interface Props {
  title: string;
  open: boolean;
  close: () => void;
  children: ReactNode;
}

/** A dialog over the page; the browser holds the focus inside, Escape closes it, and the focus goes back. */
export function Dialog({ title, open, close, children }: Props): ReactNode {
  const say = useSay(words);
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (open && dialog && !dialog.open) dialog.showModal();
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    <dialog ref={element} className="dialog" aria-labelledby={id} onClose={close}>
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button look="quiet" onClick={close}>
          {say("close")}
        </Button>
      </div>
      {open && children}
    </dialog>
  );
}
