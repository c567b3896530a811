/** The editor's server: addresses are relative, so that the token in the page's own address comes along. */

export interface Opened {
  scene: Record<string, unknown>;
  revision: string;
  name: string;
  size: [number, number];
  video: boolean;
}

/** What the drawing measures on the ground; null where none is known. Ruler: x, y and height in pixels. */
export interface Measures {
  zones: (number | null)[];
  lines: (number | null)[];
  ruler: [number, number, number][];
  misfit_m: number | null;
}

/** The server's own words for what is wrong. */
export class Refused extends Error {}

async function answered<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json()) as { title: string; detail?: string };
  throw new Refused(problem.detail ? `${problem.title}; ${problem.detail}` : problem.title);
}

export async function open(): Promise<Opened> {
  return answered<Opened>(await fetch("scene"));
}

export async function check(drawn: string, signal: AbortSignal): Promise<Measures> {
  return answered<Measures>(await fetch("check", { method: "POST", body: drawn, signal }));
}

export async function save(drawn: string, revision: string): Promise<string> {
  const options = { method: "PUT", body: drawn, headers: { revision } };
  return (await answered<{ revision: string }>(await fetch("scene", options))).revision;
}
