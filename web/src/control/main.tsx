import { start } from "../kit/start";
import { App } from "./app";
import { connect } from "./store";
import "uplot/dist/uPlot.min.css";
import "./control.css";

connect();
start(<App />);
