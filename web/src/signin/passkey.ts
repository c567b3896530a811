import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from "@simplewebauthn/browser";
import { asked, client } from "../kit/fetch";

/** Whether passkeys can be used here: by the browser, and under a host name. */
export type Possible = "yes" | "not-here" | "no";

export function possible(): Possible {
  if (/^(\d+\.){3}\d+$|^\[/.test(location.hostname)) return "not-here";
  return browserSupportsWebAuthn() ? "yes" : "no";
}

/** The same page under this machine's name. */
export function underName(): string {
  const there = new URL(location.href);
  there.hostname = "localhost";
  return there.href;
}

/** Somebody closed the browser's question, or it took too long. */
export class Cancelled extends Error {}

async function unlessCancelled<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof WebAuthnError || error instanceof DOMException) throw new Cancelled(error.message);
    throw error;
  }
}

/** Prove with a passkey who one is: to come in, or to confirm it. */
export async function prove(to: "enter" | "confirm"): Promise<void> {
  const { number, options } = await asked(client.POST("/api/v1/session/passkey/options"));
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const answer = { ...(await unlessCancelled(startAuthentication({ optionsJSON }))) };
  const body = { number, answer, name: "" };
  await asked(
    to === "enter"
      ? client.POST("/api/v1/session/passkey", { body })
      : client.POST("/api/v1/session/confirm/passkey", { body }),
  );
}

/** Make a passkey for one's account. */
export async function make(name: string): Promise<void> {
  const { number, options } = await asked(client.POST("/api/v1/account/passkeys/options"));
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const answer = { ...(await unlessCancelled(startRegistration({ optionsJSON }))) };
  await asked(client.POST("/api/v1/account/passkeys", { body: { number, answer, name } }));
}
