import type { ReactNode } from "react";

export interface Column<R> {
  name: string;
  cell: (row: R) => ReactNode;
  /** A number, aligned to the end. */
  figure?: boolean;
}

interface Props<R> {
  caption: string;
  hideCaption?: boolean;
  columns: readonly Column<R>[];
  rows: readonly R[];
  id: (row: R) => string;
}

/** A table whose first column heads its rows; too wide for the page, it scrolls by itself, with the keyboard too. */
export function Table<R>({ caption, hideCaption = false, columns, rows, id }: Props<R>): ReactNode {
  return (
    <div className="table-box" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className={hideCaption ? "unseen" : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.figure ? "figure" : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.name} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.name} className={column.figure ? "figure" : undefined}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
