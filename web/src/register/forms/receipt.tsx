import { type ReactNode, useEffect, useRef } from "react";
import { Button, ButtonLink } from "../../kit/button";
import { date, moment } from "../../kit/format";
import { useSay, useSettings, useTitle } from "../../kit/settings";
import { Facts } from "../camera/parts";
import type { Receipt } from "../service";
import { said, useAbout } from "../shown";
import { words } from "../words";
import { lastDay } from "./due";

/** A receipt, shown once: to be printed or kept, with what happens next and the clock. */
export function ReceiptFace({ receipt }: { receipt: Receipt }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const about = useAbout();
  const title = useRef<HTMLHeadingElement>(null);
  useTitle(`${say("receiptTitle")} · ${about.site}`);
  useEffect(() => title.current?.focus(), []);
  const due = date(lastDay(receipt.due), language);
  const authorities = new Set(
    about.organisations.map((one) => said(one, "complaints", one.complaints, language)),
  );
  const [only = ""] = authorities;
  const authority = (authorities.size === 1 && only) || say("receiptAuthority");
  const save = (): void => {
    const file = new Blob(
      [JSON.stringify({ site: about.site, address: about.address, ...receipt }, null, 2) + "\n"],
      {
        type: "application/json",
      },
    );
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `receipt-${receipt.number.slice(0, 12)}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <article className="receipt">
      <header className="receipt-head">
        <h1 ref={title} tabIndex={-1}>
          {say("receiptTitle")}
        </h1>
        <p className="receipt-site">{about.site}</p>
      </header>
      <p className="receipt-keep">{say("receiptKeep")}</p>
      <Facts
        facts={[
          [say("receiptKind"), say(`kind_${receipt.kind}`)],
          [say("receiptAt"), moment(receipt.at, language)],
          [say("receiptDue"), <strong>{due}</strong>],
          [say("receiptNumber"), <code data-receipt="number">{receipt.number}</code>],
          [say("receiptSecret"), <code data-receipt="secret">{receipt.secret}</code>],
          [say("receiptFingerprint"), <code>{receipt.content}</code>],
        ]}
      />
      <div className="buttons no-print">
        <Button look="main" onClick={() => print()}>
          {say("receiptPrint")}
        </Button>
        <Button onClick={save}>{say("receiptSave")}</Button>
        <ButtonLink to="/receipt">{say("receiptFollow")}</ButtonLink>
      </div>
      <h2>{say("receiptNext")}</h2>
      <ol className="next">
        <li>{say("receiptNext1")}</li>
        <li>{say("receiptNext2", { due })}</li>
        <li>{say("receiptNext3")}</li>
        <li>{say("receiptNext4")}</li>
        <li>{say("receiptNext5", { authority })}</li>
      </ol>
    </article>
  );
}
