import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { SettingsProvider } from "./settings";
import "./kit.css";

/** Show a face in the page. */
export function start(face: ReactNode): void {
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <SettingsProvider>{face}</SettingsProvider>
    </StrictMode>,
  );
}
