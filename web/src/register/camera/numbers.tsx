import { type ReactNode, useMemo } from "react";
import { Chart } from "../../kit/chart";
import { moment, month, number } from "../../kit/format";
import { useSay, useSettings } from "../../kit/settings";
import type { CameraPage } from "../service";
import { purposeKey } from "../shown";
import { words } from "../words";
import { Facts, Part } from "./parts";

const MONTHS = 12;

/** How often somebody opened a picture of this camera, by the ledger's own count. */
export function Numbers({ page }: { page: CameraPage }): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const { numbers } = page;
  const drawn = useMemo(() => {
    const months = [...numbers.months].slice(0, MONTHS).reverse();
    return {
      labels: months.map((one) => month(one.month, language)),
      series: (["looks", "exports", "unsealings"] as const).map((name) => ({
        name: say(name),
        values: months.map((one) => one[name]),
      })),
    };
  }, [numbers.months, language, say]);
  if (!numbers.complete) {
    return (
      <Part id="numbers" title={say("numbers")}>
        <p>{say("numbersUnknown")}</p>
      </Part>
    );
  }
  const none = numbers.looks + numbers.exports + numbers.unsealings === 0;
  const reasons = Object.entries(numbers.purposes);
  return (
    <Part id="numbers" title={say("numbers")}>
      <p className="numbers-total">
        {none
          ? say("numbersNone")
          : say("numbersTotal", {
              looks: number(numbers.looks, language),
              exports: number(numbers.exports, language),
              unsealings: number(numbers.unsealings, language),
            })}
      </p>
      <p className="quiet">{say("numbersLead")}</p>
      {!none && (
        <Chart
          title={say("numbersChart")}
          heading={say("month")}
          labels={drawn.labels}
          series={drawn.series}
        />
      )}
      {reasons.length > 0 && (
        <>
          <h3>{say("numbersReasons")}</h3>
          <Facts facts={reasons.map(([purpose, n]) => [say(purposeKey(purpose)), number(n, language)])} />
        </>
      )}
      <p className="quiet small">
        {say("numbersAsOf", { n: number(numbers.size, language), time: moment(numbers.time, language) })}
      </p>
    </Part>
  );
}
