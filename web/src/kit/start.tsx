import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { applyKept, SettingsProvider } from "./settings";
import "./kit.css";

/** Show a face in the page. */
export function start(face: ReactNode): void {
  const root = document.getElementById("root");
  if (!root) return;
  applyKept();
  createRoot(root).render(
    <StrictMode>
      <SettingsProvider>{face}</SettingsProvider>
    </StrictMode>,
  );
}
