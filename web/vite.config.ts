import { readdirSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { outlines } from "./build/outlines.ts";
import { packed } from "./build/packed.ts";

// A page for each face.
const FACES = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".html"));

// The page is served with a policy that allows nothing inline: assets stay files.
export default defineConfig({
  plugins: [react(), outlines(), packed()],
  test: { css: true },
  build: {
    outDir: "../src/passerby/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rollupOptions: { input: FACES },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
});
