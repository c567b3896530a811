import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The page is served with a policy that allows nothing inline: assets stay files.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/passerby/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rollupOptions: { input: ["index.html", "editor.html"] },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
