import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const PACKED = /\.(js|mjs|css|json)$/;

/** Beside each text file the same in gzip, so that the server compresses nothing while people wait. */
export function packed(): Plugin {
  return {
    name: "passerby-packed",
    apply: "build",
    writeBundle({ dir = "" }) {
      const folder = join(dir, "assets");
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!PACKED.test(name)) continue;
        // The same sources give the same bytes: gzip's header holds no time here.
        writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
      }
    },
  };
}
