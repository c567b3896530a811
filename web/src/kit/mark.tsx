import type { ReactNode } from "react";

// A head and shoulders in the coarsest cells that a picture may have: all that anybody may see of anybody.
const CELLS = [0.25, 0.7, 0.25, 0.7, 1, 0.7, 0.45, 0.85, 0.45];

/** The sign of the product. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 30 30" aria-hidden="true" focusable="false">
      {CELLS.map((opacity, index) => (
        <rect
          key={index}
          x={(index % 3) * 10 + 0.5}
          y={Math.floor(index / 3) * 10 + 0.5}
          width="9"
          height="9"
          rx="1"
          opacity={opacity}
        />
      ))}
    </svg>
  );
}
