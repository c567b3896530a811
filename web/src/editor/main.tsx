import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { SettingsProvider } from "../settings";
import { Editor } from "./editor";
import "../style.css";
import "./editor.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SettingsProvider>
        <Editor />
      </SettingsProvider>
    </StrictMode>,
  );
}
