import type { components } from "../api";
import { asked, client, Refused } from "../kit/fetch";

export type Session = components["schemas"]["SessionModel"];
export type SignedIn = components["schemas"]["SignedInModel"];
export type Own = components["schemas"]["OwnModel"];
export type Account = components["schemas"]["AccountModel"];
export type Grant = components["schemas"]["GrantModel"];
export type Link = components["schemas"]["LinkModel"];
export type Enrol = components["schemas"]["EnrolModel"];

export function session(signal?: AbortSignal): Promise<Session> {
  return asked(client.GET("/api/v1/session", signal ? { signal } : {}));
}

/** Where somebody wanted to go: an address of this server, or the control room. */
export function wanted(query: URLSearchParams): string {
  const to = query.get("to") ?? "";
  return /^\/(?![/\\])[\w\-./?=&%]*$/.test(to) ? to : "/control";
}

/** Load another page of this server: another face. */
export function leave(to: string): void {
  location.assign(to);
}

export function isRefused(error: unknown): error is Refused {
  return error instanceof Refused;
}
