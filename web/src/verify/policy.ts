import { form, hex, need, strictNumber, utf8 } from "./bytes";
import { COSIGN_ED25519, COSIGN_MLDSA44, ED25519, type Key, parseVkey } from "./note";

const LONGEST = 1 << 20;
const MOST_LINES = 1024;

/** Whose word counts (tlog-policy): logs, witnesses, groups as "so many of these", and who must be satisfied. */
export interface Policy {
  logs: Key[];
  witnesses: Map<string, Key>;
  groups: Map<string, { least: number; members: string[] }>;
  quorum: string;
}

const publicOf = (key: Key): string => hex(key.public);

/** Read a policy. */
export async function parsePolicy(text: string): Promise<Policy> {
  form(utf8(text).length <= LONGEST && text.endsWith("\n"), "policy");
  // eslint-disable-next-line no-control-regex -- only tabs and newlines may be in a policy
  form(!/[\x00-\x08\x0b-\x1f\x7f]/.test(text), "policy");
  const lines = text.split("\n");
  form(lines.length <= MOST_LINES + 1, "policy");
  const policy: Policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: "" };
  const names = new Set(["none"]);
  const free = new Set<string>();
  for (const [at, line] of lines.entries()) {
    const where = String(at + 1);
    const [word = "", ...rest] = line.split(/[ \t]+/).filter(Boolean);
    const [name = ""] = rest;
    if (word === "log" && (rest.length === 1 || rest.length === 2)) {
      policy.logs.push(await oneKey(name, [ED25519, COSIGN_MLDSA44], policy.logs, where));
    } else if (word === "witness" && (rest.length === 2 || rest.length === 3)) {
      form(!names.has(name), "policy", where);
      const kinds = [COSIGN_ED25519, COSIGN_MLDSA44];
      policy.witnesses.set(name, await oneKey(rest[1] ?? "", kinds, [...policy.witnesses.values()], where));
      names.add(name);
      free.add(name);
    } else if (word === "group" && rest.length > 2) {
      const [, least = "", ...members] = rest;
      form(!names.has(name) && members.every((member) => free.has(member)), "policy", where);
      form(new Set(members).size === members.length, "policy", where);
      const count = least === "any" ? 1 : least === "all" ? members.length : Number(strictNumber(least));
      form(count >= 1 && count <= members.length, "policy", where);
      policy.groups.set(name, { least: count, members });
      for (const member of members) free.delete(member);
      names.add(name);
      free.add(name);
    } else if (word === "quorum" && rest.length === 1) {
      form(policy.quorum === "" && names.has(name), "policy", where);
      policy.quorum = name;
    } else form(word === "" || word.startsWith("#"), "policy", where);
  }
  form(policy.quorum !== "", "policy");
  return policy;
}

async function oneKey(
  text: string,
  kinds: readonly number[],
  others: readonly Key[],
  where: string,
): Promise<Key> {
  const key = await parseVkey(text);
  form(kinds.includes(key.kind), "policy", where);
  form(!others.some((other) => publicOf(other) === publicOf(key)), "policy", where);
  return key;
}

/** Whether these are enough. One vote for each public key, under however many names it signs. */
export function satisfied(policy: Policy, cosigners: Iterable<Key>): boolean {
  const keys = new Set(Array.from(cosigners, publicOf));
  const yes = new Set<string>();
  for (const [name, key] of policy.witnesses) if (keys.has(publicOf(key))) yes.add(name);
  for (const [name, { least, members }] of policy.groups) {
    if (members.filter((member) => yes.has(member)).length >= least) yes.add(name);
  }
  return policy.quorum === "none" || yes.has(policy.quorum);
}

/** Enough of those whose word counts cosigned. Where only unchecked signatures could be enough, it stays open. */
export function quorum(policy: Policy, cosigned: readonly Key[], unchecked: readonly Key[]): void {
  const said = `${cosigned.length} / ${policy.witnesses.size}`;
  need(satisfied(policy, [...cosigned, ...unchecked]), "quorum", said);
  form(satisfied(policy, cosigned), "quorum", said);
}
