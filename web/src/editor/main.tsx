import { start } from "../kit/start";
import { Editor } from "./editor";
import "./editor.css";

start(<Editor />);
