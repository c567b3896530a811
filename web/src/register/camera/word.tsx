import type { ReactNode } from "react";
import { about, moment, number, share } from "../../kit/format";
import { keyOr } from "../../kit/messages";
import { useSay, useSettings } from "../../kit/settings";
import type { CameraPage } from "../service";
import { words } from "../words";
import { Facts, Part } from "./parts";

/** Whether the camera does what was promised: deletion, presence, findings, the build that runs. */
export function Word({ page }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  return (
    <Part id="word" title={say("word")}>
      <Facts
        facts={[
          [say("deletion"), <Deletion page={page} />],
          [say("uptime"), <Uptime page={page} />],
          [say("mosaic"), <Mosaic page={page} />],
          [say("findings"), <Findings page={page} />],
          [say("build"), <Build page={page} />],
        ]}
      />
    </Part>
  );
}

function Deletion({ page: { deletion, camera } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  if (!deletion) return say(camera.retention_s > 0 ? "deletionUnknown" : "deletionNone");
  const { destroyed, late, overdue, alive, worst_s } = deletion;
  const n = number(destroyed, language);
  return (
    <>
      {destroyed + alive === 0
        ? say("deletionNone")
        : late > 0
          ? say("deletionLate", { late: number(late, language), n, worst: about(worst_s, language) })
          : say("deletionAll", { n })}{" "}
      {alive > 0 && say("deletionAlive", { n: number(alive, language) })}
      {overdue > 0 && (
        <strong className="amiss"> {say("deletionOverdue", { n: number(overdue, language) })}</strong>
      )}
    </>
  );
}

function Uptime({ page: { uptime } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  return uptime.share === null
    ? say("uptimeUnknown")
    : say("uptimeShare", { share: share(uptime.share, language), n: uptime.days.length });
}

function Mosaic({ page: { mosaic } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  if (mosaic.length === 0) return say("mosaicNone");
  return (
    <ul className="plain">
      {mosaic.map((one) => (
        <li key={one.reason}>
          {say("mosaicShare", {
            reason: say(keyOr(words, `mosaic_${one.reason}`, "mosaic_other")),
            share: share(one.share, language),
          })}
        </li>
      ))}
    </ul>
  );
}

function Findings({ page: { reconciled } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  if (reconciled.time === null) return say("findingsNever");
  if (reconciled.findings.length === 0)
    return say("findingsNone", { time: moment(reconciled.time, language) });
  return (
    <ul className="plain">
      {reconciled.findings.map((finding) => (
        <li key={finding.id}>
          <strong className="amiss">{say(keyOr(words, `finding_${finding.kind}`, "finding_other"))}</strong>{" "}
          <span className="quiet">{say("since", { time: moment(finding.since, language) })}</span>
        </li>
      ))}
    </ul>
  );
}

function Build({ page: { build } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  if (!build) return say("buildUnknown");
  const known = build.approved === null ? "buildAny" : build.approved ? "buildApproved" : "buildNot";
  return (
    <>
      <code>{build.running}</code>{" "}
      <span className={build.approved === false ? "amiss" : "quiet"}>— {say(known)}</span>
    </>
  );
}
