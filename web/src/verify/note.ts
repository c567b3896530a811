import {
  type Bytes,
  eight,
  Failure,
  form,
  hex,
  join,
  LARGEST,
  need,
  sha256,
  strictBase64,
  strictNumber,
  subtle,
  utf8,
} from "./bytes";

// C2SP signed-note, tlog-checkpoint and tlog-cosignature: the same strictness as the Python verifier.
export const ED25519 = 0x01;
export const COSIGN_ED25519 = 0x04;
export const COSIGN_MLDSA44 = 0x06;
type Kind = typeof ED25519 | typeof COSIGN_ED25519 | typeof COSIGN_MLDSA44;
const KEY_BYTES: Record<Kind, number> = { [ED25519]: 32, [COSIGN_ED25519]: 32, [COSIGN_MLDSA44]: 1312 };
const SIGNATURE_BYTES: Record<Kind, number> = {
  [ED25519]: 64,
  [COSIGN_ED25519]: 8 + 64,
  [COSIGN_MLDSA44]: 8 + 2420,
};
const LONGEST = 1 << 20;
const MOST_SIGNATURES = 64;
const MOST_HASHES = 63;
// eslint-disable-next-line no-control-regex -- what the Python verifier takes for a space, to the letter
const NAME = /^(?:[^\s+\x1c-\x1f\x85]|\ufeff)+$/u;

export interface Key {
  name: string;
  kind: Kind;
  public: Bytes;
  /** The four bytes that label its signatures, in hex: a label, not a proof. */
  label: string;
}

/** A verifier key `NAME+ID+KEY`, of a type known here, whose id is its own. */
export async function parseVkey(text: string): Promise<Key> {
  const [name = "", id = "", ...rest] = text.split("+");
  form(rest.length > 0 && NAME.test(name), "key");
  const raw = strictBase64(rest.join("+"));
  const kind = raw[0] as Kind | undefined;
  form(kind !== undefined && kind in KEY_BYTES && raw.length === 1 + KEY_BYTES[kind], "key", name);
  const label = hex((await sha256(join(utf8(`${name}\n`), raw))).subarray(0, 4));
  form(label === id, "key", name);
  return { name, kind, public: raw.subarray(1), label };
}

export interface Signature {
  name: string;
  label: string;
  bytes: Bytes;
}

/** Split a signed note, not yet believed, into its text and its signatures. */
export function parseNote(raw: string): { text: string; signatures: Signature[] } {
  form(utf8(raw).length <= LONGEST && raw.endsWith("\n"), "note");
  // eslint-disable-next-line no-control-regex -- none may be in a note
  form(!/[\x00-\x09\x0b-\x1f]/.test(raw), "note");
  const at = raw.lastIndexOf("\n\n");
  form(at >= 0 && at + 2 < raw.length, "note");
  const lines = raw.slice(at + 2, -1).split("\n");
  form(lines.length <= MOST_SIGNATURES, "note");
  const signatures = lines.map((line) => {
    const found = /^\u2014 ([^ ]*) ([^ ]*)$/u.exec(line);
    const [, name = "", encoded = ""] = found ?? [];
    form(found !== null && NAME.test(name), "note");
    const value = strictBase64(encoded);
    form(value.length >= 5, "note");
    return { name, label: hex(value.subarray(0, 4)), bytes: value.subarray(4) };
  });
  return { text: raw.slice(0, at + 1), signatures };
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}

/** A note's text as a checkpoint. Further lines are allowed and mean nothing. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  form(lines.pop() === "" && lines.length >= 3 && lines.every(Boolean), "checkpoint");
  const [origin = "", size = "", root = ""] = lines;
  return { origin, size: strictNumber(size), root: strictBase64(root, 32) };
}

function subtreeMessage(name: string, when: bigint, point: Checkpoint): Bytes {
  const who = utf8(name);
  const log = utf8(point.origin);
  need(
    [who, log].every((text) => text.length >= 1 && text.length <= 255),
    "note",
    name,
  );
  const head = utf8("subtree/v1\n\0");
  return join(
    head,
    [who.length],
    who,
    eight(when),
    [log.length],
    log,
    eight(0n),
    eight(point.size),
    point.root,
  );
}

const ALGORITHMS: Record<Kind, string> = {
  [ED25519]: "Ed25519",
  [COSIGN_ED25519]: "Ed25519",
  [COSIGN_MLDSA44]: "ML-DSA-44",
};
// What WebCrypto calls a public key without wrapping: older algorithms say raw, newer ones raw-public.
const FORMATS: Record<Kind, string> = {
  [ED25519]: "raw",
  [COSIGN_ED25519]: "raw",
  [COSIGN_MLDSA44]: "raw-public",
};

async function verifyBare(key: Key, message: Bytes, signature: Bytes): Promise<void> {
  const name = ALGORITHMS[key.kind];
  let imported: CryptoKey;
  try {
    imported = await subtle().importKey(FORMATS[key.kind] as "raw", key.public, { name }, false, ["verify"]);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("open", "crypto", `${key.name}, ${name}`);
  }
  need(await subtle().verify({ name }, imported, signature, message), "signature", key.name);
}

/** This key signed the note of this text; returns when (seconds since 1970), or 0 where its kind has no time. */
export async function verifySignature(key: Key, text: string, signature: Bytes): Promise<number> {
  need(signature.length === SIGNATURE_BYTES[key.kind], "signature", key.name);
  if (key.kind === ED25519) {
    await verifyBare(key, utf8(text), signature);
    return 0;
  }
  const when = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  need(when <= LARGEST, "time", key.name);
  const message =
    key.kind === COSIGN_ED25519
      ? utf8(`cosignature/v1\ntime ${when}\n${text}`)
      : subtreeMessage(key.name, when, parseCheckpoint(text));
  await verifyBare(key, message, signature.subarray(8));
  return Number(when);
}

export interface Signed {
  text: string;
  signed: Map<Key, number>;
  /** Their signatures are there, but this browser can't check their kind. */
  unchecked: Key[];
}

/** No signature by these keys is false; others are ignored. */
export async function verifyNote(raw: string, keys: readonly Key[]): Promise<Signed> {
  const { text, signatures } = parseNote(raw);
  const signed = new Map<Key, number>();
  const unchecked: Key[] = [];
  for (const one of signatures) {
    const key = keys.find((known) => known.name === one.name && known.label === one.label);
    if (!key) continue;
    need(!signed.has(key) && !unchecked.includes(key), "twice", key.name);
    try {
      signed.set(key, await verifySignature(key, text, one.bytes));
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== "crypto") throw error;
      unchecked.push(key);
    }
  }
  return { text, signed, unchecked };
}

export interface LogProof {
  index: bigint;
  hashes: Bytes[];
  checkpoint: string;
}

/** Split a C2SP tlog-proof into index, hashes from the leaf up, checkpoint. Its `extra` line proves nothing. */
export function parseProof(raw: string): LogProof {
  const at = raw.indexOf("\n\n");
  form(at >= 0 && raw.length <= LONGEST, "proof");
  const lines = raw.slice(0, at).split("\n");
  form(lines.shift() === "c2sp.org/tlog-proof@v1", "proof");
  if (lines[0]?.startsWith("extra ")) strictBase64((lines.shift() ?? "").slice(6));
  const index = lines.shift() ?? "";
  form(index.startsWith("index ") && lines.length <= MOST_HASHES, "proof");
  return {
    index: strictNumber(index.slice(6)),
    hashes: lines.map((line) => strictBase64(line, 32)),
    checkpoint: raw.slice(at + 2),
  };
}
