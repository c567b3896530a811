// Made by build/outlines.ts: where the outlines lie, and of which cells there are detailed ones.
declare module "virtual:outlines" {
  export const folder: string;
  export const cells: readonly string[];
}
