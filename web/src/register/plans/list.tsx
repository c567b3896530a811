import type { ReactNode } from "react";
import { day } from "../../kit/format";
import { Link } from "../../kit/router";
import { useSay, useSettings, useTitle } from "../../kit/settings";
import { Empty, Pending, ProblemBox } from "../../kit/states";
import { useAsked } from "../../kit/use-asked";
import { plans } from "../service";
import { useAbout, useNames } from "../shown";
import { words } from "../words";

/** Where cameras are planned, long before they may run. */
export default function PlansFace(): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const names = useNames();
  const { language } = useSettings();
  const found = useAsked("plans", plans);
  useTitle(`${say("navPlans")} · ${about.site}`);
  return (
    <>
      <header className="lead">
        <h1>{say("plansTitle")}</h1>
        <p>{say("plansLead")}</p>
      </header>
      {found.refused && <ProblemBox refused={found.refused} again={found.again} />}
      {!found.value && found.pending && <Pending />}
      {found.value?.items.length === 0 && (
        <Empty title={say("plansNone")}>
          <p>{say("plansNoneHint")}</p>
        </Empty>
      )}
      <ul className="rows">
        {found.value?.items.map((plan) => (
          <li key={plan.id} className="row">
            <div className="row-name">
              <h2>
                <Link to={`/plans/${plan.id}`}>{plan.title}</Link>
              </h2>
              <p className="quiet">{names.owner(plan.owner)}</p>
            </div>
            <div className="row-facts">
              <p>
                {say("planStages")}: {plan.stages.length}
              </p>
              <p className="quiet">
                {say("planStage", {
                  from: day(plan.stages[0]?.begins ?? "", language),
                  to: day(plan.stages.at(-1)?.ends ?? "", language),
                })}
              </p>
            </div>
            <span className={plan.accepted ? "phase phase-active" : "phase phase-proposed"}>
              <span className="phase-dot" aria-hidden="true" />
              {say(plan.accepted ? "planAccepted" : "planOpen")}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
