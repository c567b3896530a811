import { lazy, type ReactNode, Suspense, useState } from "react";
import { Button } from "./button";
import { Table } from "./table";
import { useSay } from "./settings";
import { words } from "./words";

export interface Series {
  name: string;
  values: readonly number[];
}

interface Props {
  title: string;
  /** What stands below each group of bars; one a value. */
  labels: readonly string[];
  heading: string;
  series: readonly Series[];
}

const Bars = lazy(() => import("./bars"));

/** Bars over time, and the same numbers as a table: either is whole without the other. */
export function Chart({ title, labels, heading, series }: Props): ReactNode {
  const say = useSay(words);
  const [asTable, setAsTable] = useState(false);
  const rows = labels.map((label, index) => ({ label, index }));
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{title}</span>
        <Button look="quiet" onClick={() => setAsTable(!asTable)}>
          {say(asTable ? "chart" : "table")}
        </Button>
      </figcaption>
      {asTable ? (
        <Table
          caption={title}
          hideCaption
          rows={rows}
          id={(row) => row.label}
          columns={[
            { name: heading, cell: (row) => row.label },
            ...series.map((one) => ({
              name: one.name,
              cell: (row: { index: number }) => one.values[row.index] ?? 0,
              figure: true,
            })),
          ]}
        />
      ) : (
        <>
          <Suspense fallback={<div className="bars" />}>
            <Bars title={title} labels={labels} series={series} />
          </Suspense>
          <ul className="legend" aria-hidden="true">
            {series.map((one, index) => (
              <li key={one.name} data-series={index}>
                {one.name}
              </li>
            ))}
          </ul>
        </>
      )}
    </figure>
  );
}
