import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { SettingsProvider } from "./settings";
import { connect } from "./store";
import "uplot/dist/uPlot.min.css";
import "./style.css";

const root = document.getElementById("root");
if (root) {
  connect();
  createRoot(root).render(
    <StrictMode>
      <SettingsProvider>
        <App />
      </SettingsProvider>
    </StrictMode>,
  );
}
