import type { ReactNode } from "react";
import { day, moment, number } from "../../kit/format";
import { Link } from "../../kit/router";
import { useSay, useSettings, useTitle } from "../../kit/settings";
import { Pending, ProblemBox } from "../../kit/states";
import { Table } from "../../kit/table";
import { useAsked } from "../../kit/use-asked";
import { Facts, Part } from "../camera/parts";
import { type Plan, plan } from "../service";
import { purposeKey, useAbout, useNames } from "../shown";
import { words } from "../words";

/** A plan: its phases and areas, what is there of it already, what people said. */
export default function PlanFace({ id }: { id: string }): ReactNode {
  const found = useAsked(id, (signal) => plan(id, signal));
  if (found.refused) return <ProblemBox refused={found.refused} again={found.again} />;
  if (!found.value) return <Pending />;
  return <Shown plan={found.value} />;
}

function Shown({ plan: shown }: { plan: Plan }): ReactNode {
  const say = useSay(words);
  const names = useNames();
  const about = useAbout();
  const { language } = useSettings();
  useTitle(`${shown.title} · ${about.site}`);
  const areas = [...new Set(shown.stages.flatMap((stage) => Object.keys(stage.cameras)))].sort();
  return (
    <article className="camera-page">
      <p className="crumb">
        <Link to="/plans">{say("navPlans")}</Link>
      </p>
      <header className="camera-top">
        <div>
          <h1>{shown.title}</h1>
          <p className="camera-place">{names.owner(shown.owner)}</p>
        </div>
        <span className={shown.accepted ? "phase phase-active" : "phase phase-proposed"}>
          <span className="phase-dot" aria-hidden="true" />
          {say(shown.accepted ? "planAccepted" : "planOpen")}
        </span>
      </header>
      <Part id="phases" title={say("planStages")}>
        <Table
          caption={say("planPhases")}
          rows={shown.stages}
          id={(stage) => stage.id}
          columns={[
            { name: say("planPhase"), cell: (stage) => stage.id },
            {
              name: say("permitDates"),
              cell: (stage) =>
                say("planStage", { from: day(stage.begins, language), to: day(stage.ends, language) }),
            },
            {
              name: say("whyFor"),
              cell: (stage) => stage.purposes.map((purpose) => say(purposeKey(purpose))).join(" · "),
            },
            {
              name: say("does"),
              cell: (stage) => stage.analyses.map((one) => say(`analysis_${one}`)).join(" · "),
            },
            ...areas.map((area) => ({
              name: names.area(area),
              figure: true,
              cell: (stage: Plan["stages"][number]) => number(stage.cameras[area] ?? 0, language),
            })),
          ]}
        />
        <Table
          caption={say("planCover")}
          rows={shown.cover}
          id={(row) => row.area}
          columns={[
            {
              name: say("planArea"),
              cell: (row) => <Link to={`/?area=${row.area}`}>{names.area(row.area)}</Link>,
            },
            { name: say("planMost"), cell: (row) => number(row.planned, language), figure: true },
            { name: say("planRegistered"), cell: (row) => number(row.registered, language), figure: true },
            { name: say("planActive"), cell: (row) => number(row.active, language), figure: true },
          ]}
        />
      </Part>
      <Part id="text" title={say("planText")}>
        {Object.entries(shown.sections).map(([heading, text]) => (
          <section key={heading} className="prose">
            <h3>{heading}</h3>
            {text.split(/\n{2,}/).map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </section>
        ))}
        <Facts facts={[[say("permitHash"), <code>{shown.hash}</code>]]} />
      </Part>
      <Part id="comments" title={say("planComments")}>
        {shown.comments.length === 0 && <p>{say("planCommentsNone")}</p>}
        <ol className="events">
          {shown.comments.map((comment) => (
            <li key={comment.commitment}>
              <p className="quiet">
                {moment(comment.time, language)} · {comment.source}
              </p>
              <blockquote>
                <p>{comment.text || say("planForgotten")}</p>
              </blockquote>
              {comment.answer && (
                <p>
                  <strong>{say("planAnswer")}:</strong> {comment.answer}
                </p>
              )}
            </li>
          ))}
        </ol>
      </Part>
    </article>
  );
}
