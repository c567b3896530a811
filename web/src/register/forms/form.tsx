import { type ReactNode, type SubmitEvent, useState } from "react";
import { Button } from "../../kit/button";
import { Refused } from "../../kit/fetch";
import { Field, FormErrors } from "../../kit/field";
import { useQuery } from "../../kit/router";
import { useSay, useTitle } from "../../kit/settings";
import { Empty, ProblemBox } from "../../kit/states";
import { complain, type Receipt, request } from "../service";
import { useAbout } from "../shown";
import { words } from "../words";
import { ReceiptFace } from "./receipt";

type Kind = "complaint" | "request";
type Wrong = Partial<Record<"text" | "camera" | "when", string>>;
const CAMERA = /^[a-z0-9-]{0,63}$/;
const LONGEST_LINE = 200;

/** A complaint, or a request for one's own data: as few fields as can be, no name, a receipt. */
export default function FormFace({ kind }: { kind: Kind }): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const asking = kind === "request";
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  useTitle(`${say(asking ? "askTitle" : "complainTitle")} · ${about.site}`);
  if (receipt) return <ReceiptFace receipt={receipt} />;
  return (
    <>
      <header className="lead">
        <h1>{say(asking ? "askTitle" : "complainTitle")}</h1>
        <p>{say(asking ? "askLead" : "complainLead")}</p>
      </header>
      {about.forms ? (
        <TheForm kind={kind} forms={about.forms} take={setReceipt} />
      ) : (
        <Empty title={say("formsNone")}>
          <p>{say("formsNoneHint")}</p>
        </Empty>
      )}
    </>
  );
}

interface Props {
  kind: Kind;
  forms: NonNullable<ReturnType<typeof useAbout>["forms"]>;
  take: (receipt: Receipt) => void;
}

function TheForm({ kind, forms, take }: Props): ReactNode {
  const say = useSay(words);
  const about = useQuery().get("camera") ?? "";
  const asking = kind === "request";
  const [wrong, setWrong] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);

  const send = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form);
    const of = (name: string): string => {
      const value = given.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    const [text, camera, when, reach] = [of("text"), of("camera").toLowerCase(), of("when"), of("reach")];
    const found: Wrong = {
      ...(text ? {} : { text: say("missingText") }),
      ...(text.length > forms.longest_characters
        ? { text: say("tooLong", { n: forms.longest_characters }) }
        : {}),
      ...(CAMERA.test(camera) ? {} : { camera: say("wrongCamera") }),
      ...(asking && !when ? { when: say("missingWhen") } : {}),
    };
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setRefused(null);
    try {
      take(await (asking ? request(text, camera, reach, when) : complain(text, camera, reach)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const submitted = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void send(event.currentTarget);
  };
  const time = asking ? forms.request : forms.complaint;
  return (
    <form className="form" noValidate onSubmit={submitted}>
      <FormErrors errors={Object.values(wrong)} />
      <Field
        label={say(asking ? "fieldAsk" : "fieldText")}
        hint={say(asking ? "fieldAskHint" : "fieldTextHint")}
        error={wrong.text}
        required
      >
        {(given) => <textarea {...given} name="text" />}
      </Field>
      <Field label={say("fieldCamera")} hint={say("fieldCameraHint")} error={wrong.camera}>
        {(given) => (
          <input
            {...given}
            name="camera"
            className="code"
            defaultValue={about}
            maxLength={63}
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
      {asking && (
        <Field label={say("fieldWhen")} hint={say("fieldWhenHint")} error={wrong.when} required>
          {(given) => <input {...given} name="when" maxLength={LONGEST_LINE} />}
        </Field>
      )}
      <Field label={say("fieldReach")} hint={say("fieldReachHint")}>
        {(given) => <input {...given} name="reach" maxLength={LONGEST_LINE} autoComplete="email" />}
      </Field>
      <p className="quiet">
        {forms.law && asking ? say("willAnswerLaw", { time, law: forms.law }) : say("willAnswer", { time })}
      </p>
      {refused && <ProblemBox refused={refused} />}
      <div className="buttons">
        <Button type="submit" look="main" busy={busy}>
          {say(asking ? "sendRequest" : "sendComplaint")}
        </Button>
      </div>
    </form>
  );
}
