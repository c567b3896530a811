import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { packed } from "./build/packed.ts";

const FACES = ["register", "control", "signin", "editor"];

// The page is served with a policy that allows nothing inline: assets stay files.
export default defineConfig({
  plugins: [react(), packed()],
  test: { css: true },
  build: {
    outDir: "../src/passerby/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rollupOptions: { input: FACES.map((face) => `${face}.html`) },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
});
