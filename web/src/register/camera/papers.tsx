import type { ReactNode } from "react";
import { day, moment } from "../../kit/format";
import { keyOr } from "../../kit/messages";
import { Link } from "../../kit/router";
import { useSay, useSettings } from "../../kit/settings";
import { Table } from "../../kit/table";
import type { CameraPage } from "../service";
import { words } from "../words";
import { Facts, Part } from "./parts";

const SHORT = 16;

/** The sign, the assessments, the plan, and every change of the entry. */
export function Papers({ page }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  return (
    <Part id="papers" title={say("papers")}>
      <Facts
        facts={[
          [say("sign"), <Sign page={page} />],
          [say("assessments"), <Assessments page={page} />],
          [
            say("plan"),
            page.plans.length > 0 && (
              <ul className="plain">
                {page.plans.map((plan) => (
                  <li key={plan}>
                    <Link to={`/plans/${plan}`}>{plan}</Link>
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
      <h3>{say("history")}</h3>
      <Table
        caption={say("historyLead")}
        rows={page.history}
        id={(row) => String(row.version)}
        columns={[
          { name: say("historyWhat"), cell: (row) => say(keyOr(words, `step_${row.step}`, "step_other")) },
          { name: say("historyWhen"), cell: (row) => moment(row.time, language) },
          {
            name: say("permitHash"),
            cell: (row) => <code title={row.hash}>{row.hash.slice(0, SHORT)}…</code>,
          },
        ]}
      />
    </Part>
  );
}

function Sign({ page: { sign, camera } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  return (
    <>
      {sign ? say("signSince", { time: day(sign.on, language) }) : say("signNone")}{" "}
      {sign && !sign.current && <strong className="amiss">{say("signOld")} </strong>}
      <a href={`/api/v1/register/cameras/${camera.id}/sign.pdf`}>{say("signPdf")}</a>
    </>
  );
}

function Assessments({ page: { assessments } }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  if (assessments.length === 0) return say("assessmentNone");
  return (
    <ul className="plain">
      {assessments.map((one) => (
        <li key={one.hash}>
          {say("assessment", { analysis: say(`analysis_${one.analysis}`), n: one.version })} ·{" "}
          {say(one.accepted ? "assessmentAccepted" : "assessmentOpen")} ·{" "}
          {say("assessmentRisks", { n: one.risks.length })}
          {!one.current && <strong className="amiss"> · {say("assessmentOld")}</strong>} ·{" "}
          <a href={one.text}>{say("assessmentRead")}</a>
        </li>
      ))}
    </ul>
  );
}
