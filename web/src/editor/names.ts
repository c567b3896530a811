import type { Say } from "../kit/messages";
import type { Key } from "./words";
import type { Chosen, Drawing } from "./scene";

/** What a shape is called, for people. */
export function nameOf(say: Say<Key>, drawing: Drawing, shape: NonNullable<Chosen>): string {
  if (shape.kind === "ground") return say("editGround");
  const list = shape.kind === "zone" ? drawing.zones : drawing.lines;
  return list[shape.index]?.id ?? "";
}
