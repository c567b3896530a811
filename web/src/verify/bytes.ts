/** What is false, or can't be decided, with the reason as a key of the words; `detail` names what it is about. */
export class Failure extends Error {
  constructor(
    /** `false`: it can be shown to be false. `open`: malformed, missing, or this browser can't tell. */
    readonly kind: "false" | "open",
    readonly reason: Reason,
    readonly detail = "",
  ) {
    super(`${reason}${detail ? ` (${detail})` : ""}`);
  }
}

export type Reason =
  | "base64"
  | "canonical"
  | "checkpoint"
  | "index"
  | "key"
  | "crypto"
  | "length"
  | "logKey"
  | "note"
  | "oneSide"
  | "emergency"
  | "missing"
  | "revoked"
  | "dates"
  | "stale"
  | "other"
  | "number"
  | "path"
  | "policy"
  | "proof"
  | "quorum"
  | "signature"
  | "time"
  | "twice";

export function need(holds: boolean, reason: Reason, detail = ""): asserts holds {
  if (!holds) throw new Failure("false", reason, detail);
}

export function form(holds: boolean, reason: Reason, detail = ""): asserts holds {
  if (!holds) throw new Failure("open", reason, detail);
}

export type Bytes = Uint8Array<ArrayBuffer>;
export const LARGEST = (1n << 63n) - 1n;

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export const hex = (bytes: Bytes): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const same = (a: Bytes, b: Bytes): boolean => hex(a) === hex(b);

export function join(...parts: readonly (Bytes | readonly number[])[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A number as eight bytes, the largest first. */
export function eight(n: bigint): Bytes {
  const raw = new Uint8Array(8);
  new DataView(raw.buffer).setBigUint64(0, n);
  return raw;
}

/** The browser's cryptography; pages that came over plain http from elsewhere have none. */
export function subtle(): SubtleCrypto {
  const found = (globalThis.crypto as Crypto | undefined)?.subtle;
  form(found !== undefined, "crypto");
  return found;
}

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await subtle().digest("SHA-256", bytes));

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard base64 with padding, written in the one canonical way, of so many bytes (0: any number). */
export function strictBase64(text: string, length = 0): Bytes {
  form(BASE64.test(text), "base64");
  const binary = atob(text);
  form(btoa(binary) === text, "base64");
  form(length === 0 || binary.length === length, "length");
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
}

/** A decimal without sign or leading zero, below 2^63. */
export function strictNumber(text: string): bigint {
  form(/^(?:0|[1-9][0-9]{0,18})$/.test(text), "number");
  const found = BigInt(text);
  form(found <= LARGEST, "number");
  return found;
}
