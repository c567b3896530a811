import { form, hex, need, sha256, utf8 } from "./bytes";
import { canonical, type Fields } from "./canonical";
import { ED25519, type Key, parseNote, parseVkey, verifyNote } from "./note";

type State = "active" | "retired" | "lost" | "compromised";

/** A key as a root lists it. Times are seconds since 1970. */
export interface SiteKey {
  key: Key;
  institution: string;
  role: string;
  from: number;
  until: number;
  state: State;
  since: number;
}

/** A site root, read; its signatures not yet looked at. */
export interface Root {
  hash: string;
  site: string;
  serial: number;
  previous: string;
  at: number;
  institutions: Readonly<Record<string, string>>;
  keys: SiteKey[];
  policy: string;
  heartbeat_s: number;
  revoked: Readonly<Record<string, number>>;
  oldest: number;
}

/** Whether what a key signed at this time counts. */
export function usable(key: SiteKey, when: number): boolean {
  if (key.state === "active") return key.from <= when && when < key.until;
  if (key.state === "compromised") return false;
  return key.from <= when && when < Math.min(key.until, key.since);
}

export const hashOf = async (text: string): Promise<string> => hex(await sha256(utf8(text)));

/** A root's note, strictly. */
export async function readRoot(note: string): Promise<Root> {
  const { text } = parseNote(note);
  const found = canonical(text, "\n") as Fields &
    Omit<Root, "hash" | "keys" | "heartbeat_s"> & {
      format: string;
      keys: Record<string, Omit<SiteKey, "key"> & { vkey: string }>;
      limits: { heartbeat_s: number };
    };
  form(found.format === "passerby/site-root@1", "canonical");
  const keys = await Promise.all(
    Object.entries(found.keys).map(async ([id, given]) => {
      const key = await parseVkey(given.vkey);
      need(hex(await sha256(key.public)) === id, "key", key.name);
      return { ...given, key };
    }),
  );
  return { ...found, keys, heartbeat_s: found.limits.heartbeat_s, hash: await hashOf(text) };
}

/** The first root is signed by every key in it that signs documents: so by operator and reviewer. */
export async function judgeFirst(root: Root, note: string): Promise<SiteKey[]> {
  need(root.serial === 0 && root.previous === "", "canonical");
  const signing = root.keys.filter((one) => one.key.kind === ED25519 && one.role !== "log");
  const keys = signing.map((one) => one.key);
  const { signed } = await verifyNote(note, keys);
  for (const key of keys) need(signed.has(key), "signature", key.name);
  const roles = new Set(signing.map((one) => one.role));
  need(roles.has("operator") && roles.has("reviewer"), "signature");
  return signing;
}

/** The next root names the one before it, and both its sides signed. One side alone may only narrow: that stays open. */
export async function judgeStep(before: Root, root: Root, note: string): Promise<void> {
  need(
    root.previous === before.hash && root.serial === before.serial + 1 && root.at >= before.at,
    "canonical",
  );
  need(root.site === before.site, "canonical");
  const sides = before.keys.filter((one) => one.role === "operator" || one.role === "reviewer");
  const { signed } = await verifyNote(
    note,
    sides.map((one) => one.key),
  );
  const roles = new Set(
    sides.filter((one) => signed.has(one.key) && usable(one, root.at)).map((one) => one.role),
  );
  need(roles.size > 0, "signature");
  form(roles.size === 2, "oneSide");
}
