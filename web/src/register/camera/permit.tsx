import type { ReactNode } from "react";
import { date, moment } from "../../kit/format";
import { useSay, useSettings } from "../../kit/settings";
import { keyOr } from "../../kit/messages";
import type { CameraPage } from "../service";
import { purposeKey } from "../shown";
import { words } from "../words";
import { Check } from "./check";
import { Facts, Part } from "./parts";

type Given = NonNullable<CameraPage["permit"]>;

/** The permit that lets this camera run, who signed it, and the way to check that without believing anybody here. */
export function Permit({ page }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  return (
    <Part id="permit" title={say("permit")}>
      {page.permit ? (
        <>
          <Terms permit={page.permit} />
          <Check camera={page.camera.id} />
        </>
      ) : (
        <>
          <p className="permit-state permit-none">{say("permitNone")}</p>
          <p>{say("permitNoneHint")}</p>
        </>
      )}
    </Part>
  );
}

function Terms({ permit }: { permit: Given }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  return (
    <>
      <p className={permit.in_force ? "permit-state permit-good" : "permit-state permit-bad"}>
        {say(permit.in_force ? "permitForce" : "permitNotForce")}
      </p>
      {!permit.in_force && permit.why && <p lang="en">{say("permitWhy", { why: permit.why })}</p>}
      {permit.emergency && <p className="camera-missing">{say("permitEmergency")}</p>}
      <Facts
        facts={[
          [
            say("permitDates"),
            say("dates", { from: date(permit.begins, language), to: date(permit.ends, language) }),
          ],
          [
            say("permitSigned"),
            <ul className="signers">
              {permit.signers.map((signer) => (
                <li key={signer.key}>
                  <strong>{signer.name}</strong>, {say(keyOr(words, `role_${signer.role}`, "role_officer"))}
                  {!signer.counts && <span className="analysis-not"> ({say("signerNotCounts")})</span>}
                </li>
              ))}
            </ul>,
          ],
          [
            say("permitAllows"),
            `${permit.analyses.map((name) => say(`analysis_${name}`)).join(" · ")} — ${say(purposeKey(permit.purpose))}`,
          ],
          [say("permitReview"), date(permit.review_by, language)],
          [say("permitPublic"), permit.logged ? moment(permit.logged, language) : say("permitNotPublic")],
          [say("permitHash"), <code>{permit.hash}</code>],
        ]}
      />
    </>
  );
}
