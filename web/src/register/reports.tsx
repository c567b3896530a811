import type { ReactNode } from "react";
import { month } from "../kit/format";
import { useSay, useSettings, useTitle } from "../kit/settings";
import { Empty, Pending, ProblemBox } from "../kit/states";
import { Table } from "../kit/table";
import { useAsked } from "../kit/use-asked";
import { reports } from "./service";
import { useAbout } from "./shown";
import { words } from "./words";

const FORMS = ["html", "pdf", "json"] as const;

/** Reports over months and years, each in three forms. */
export default function ReportsFace(): ReactNode {
  const say = useSay(words);
  const about = useAbout();
  const { language } = useSettings();
  const found = useAsked("reports", reports);
  useTitle(`${say("reportsTitle")} · ${about.site}`);
  return (
    <>
      <header className="lead">
        <h1>{say("reportsTitle")}</h1>
        <p>{say("reportsLead")}</p>
      </header>
      {found.refused && <ProblemBox refused={found.refused} again={found.again} />}
      {!found.value && found.pending && <Pending />}
      {found.value?.items.length === 0 && (
        <Empty title={say("reportsNone")}>
          <p>{say("reportsNoneHint")}</p>
        </Empty>
      )}
      {found.value && found.value.items.length > 0 && (
        <Table
          caption={say("reportsTitle")}
          hideCaption
          rows={found.value.items}
          id={(report) => report.id}
          columns={[
            {
              name: say("report"),
              cell: (report) =>
                report.kind === "year" ? say("reportYear", { n: report.id }) : month(report.id, language),
            },
            { name: say("reportState"), cell: (report) => say(report.over ? "reportOver" : "reportRunning") },
            {
              name: say("reportForms"),
              cell: (report) => (
                <span className="report-forms">
                  {FORMS.map((form) => (
                    <a
                      key={form}
                      href={`/api/v1/reports/${report.id}${form === "json" ? "" : `.${form}`}`}
                      aria-label={`${report.id} ${form.toUpperCase()}`}
                    >
                      {form.toUpperCase()}
                    </a>
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
