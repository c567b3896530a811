import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "../api";

/** An answer other than the one that was asked for: RFC 9457's problem, or none at all (status 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** The kind of problem, where it has one of its own. */
    readonly type: string,
    /** How long to wait before another try, in seconds; 0 where nobody says. */
    readonly wait: number,
  ) {
    super(`${title}${detail ? `: ${detail}` : ""}`);
  }
}

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);

// Says that one of our own pages asks: another site's page can't set it.
const own: Middleware = {
  onRequest({ request }) {
    if (UNSAFE.has(request.method)) request.headers.set("X-Passerby", "1");
    return request;
  },
};

/** The interface, typed by its own description. */
export const client = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
});
client.use(own);

interface Answered<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The problem that a failed answer is. */
export function refusal(error: unknown, response: Response): Refused {
  const said = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
  const wait = Number(response.headers.get("retry-after") ?? 0);
  const title = text(said.title) || response.statusText || String(response.status);
  return new Refused(
    response.status,
    title,
    text(said.detail),
    text(said.type),
    Number.isFinite(wait) ? wait : 0,
  );
}

/** What an answer holds.
 *
 * @throws Refused The server said no, or nothing.
 */
export async function asked<T>(asking: Promise<Answered<T>>): Promise<T> {
  let answer: Answered<T>;
  try {
    answer = await asking;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, "no answer", error instanceof Error ? error.message : "", "", 0);
  }
  if (!answer.response.ok) throw refusal(answer.error, answer.response);
  return answer.data as T;
}
