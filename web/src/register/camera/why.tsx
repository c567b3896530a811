import type { ReactNode } from "react";
import { day } from "../../kit/format";
import { useSay, useSettings } from "../../kit/settings";
import type { CameraPage } from "../service";
import { purposeKey, said } from "../shown";
import { words } from "../words";
import { Facts, Part } from "./parts";

const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** A way to reach somebody; an e-mail address can be pressed. */
export function Reach({ text }: { text: string }): ReactNode {
  return MAIL.test(text) ? <a href={`mailto:${text}`}>{text}</a> : text;
}

/** Why the camera is there, who answers for it, and what is kept. */
export function Why({ page, kept }: { page: CameraPage; kept: string }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const { camera, owner } = page;
  const of = (field: "why" | "ground" | "office"): string => said(camera, field, camera[field], language);
  const owned = (field: "name" | "address" | "complaints"): string =>
    said(owner, field, owner[field], language);
  return (
    <Part id="why" title={say("why")}>
      <Facts
        facts={[
          [say("whyFor"), camera.purposes.map((purpose) => say(purposeKey(purpose))).join(" · ")],
          [say("whyReason"), of("why")],
          [say("kept"), camera.retention_s > 0 ? say("keptFor", { kept }) : say("keptNothing")],
          [say("whyGround"), of("ground")],
          [
            say("whyOwner"),
            <>
              {owned("name")}
              {owned("address") && <span className="quiet"> · {owned("address")}</span>}
            </>,
          ],
          [say("whyOffice"), of("office")],
          [say("whyContact"), <Reach text={camera.contact || owner.contact} />],
          [say("whyOfficer"), owner.officer && <Reach text={owner.officer} />],
          [say("whyAuthority"), owned("complaints")],
          [say("whyArea"), page.area.name],
          [
            say("whyDates"),
            camera.begins && camera.ends
              ? say("dates", { from: day(camera.begins, language), to: day(camera.ends, language) })
              : "",
          ],
        ]}
      />
    </Part>
  );
}
