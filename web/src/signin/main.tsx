import { start } from "../kit/start";
import { App } from "./app";
import "./signin.css";

start(<App />);
