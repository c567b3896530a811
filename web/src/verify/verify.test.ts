import { describe, expect, it } from "vitest";
import cosignatures from "../../../docs/vectors/cosignature.json";
import policies from "../../../docs/vectors/policy.json";
import proofs from "../../../docs/vectors/proof.json";
import { type Bytes, Failure, strictBase64, strictNumber } from "./bytes";
import { canonical } from "./canonical";
import { leafHash, verifyInclusion } from "./merkle";
import { COSIGN_MLDSA44, parseCheckpoint, parseProof, parseVkey, verifyNote } from "./note";
import { parsePolicy, quorum } from "./policy";

interface Case {
  desc: string;
  error?: string;
  policy?: string;
  note?: string;
  proof?: string;
  entry?: string;
  vkeys?: string[];
  times?: Record<string, number>;
  now?: number;
  max_age?: number;
}

const unhex = (text: string): Bytes => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Nothing where all is well, else `false` or `open` and why. */
async function attempt(check: () => Promise<void>): Promise<string> {
  try {
    await check();
    return "";
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}

async function trusted(policyText: string, note: string, now = 0, maxAge = Infinity): Promise<void> {
  const policy = await parsePolicy(policyText);
  const keys = [...policy.logs, ...policy.witnesses.values()];
  const { text, signed, unchecked } = await verifyNote(note, keys);
  const point = parseCheckpoint(text);
  const checked = policy.logs.some((key) => signed.has(key) && key.name === point.origin);
  // Node has no ML-DSA: what it can't check is left open, which is no yes.
  if (!checked) throw new Failure(unchecked.length ? "open" : "false", "logKey");
  const fresh = [...signed].filter(([, when]) => !now || now - when <= maxAge).map(([key]) => key);
  quorum(policy, fresh, unchecked);
}

describe("the vectors under docs/vectors, as the Python verifier decides them", () => {
  it.each((cosignatures.cases as Case[]).map((one) => [one.desc, one] as const))(
    "cosignature: %s",
    async (_, one) => {
      const keys = await Promise.all((one.vkeys ?? []).map(parseVkey));
      const quantum = keys.filter((key) => key.kind === COSIGN_MLDSA44);
      let times: Record<string, number> = {};
      let open: string[] = [];
      const said = await attempt(async () => {
        const { signed, unchecked } = await verifyNote(one.note ?? "", keys);
        times = Object.fromEntries([...signed].map(([key, when]) => [key.name, when]));
        open = unchecked.map((key) => key.name);
      });
      if (one.error && quantum.length === 0) return expect(said).not.toBe("");
      if (one.error) return expect(said !== "" || open.length > 0).toBe(true);
      expect(said).toBe("");
      const wanted = Object.entries(one.times ?? {}).filter(([name]) => !open.includes(name));
      expect(times).toEqual(Object.fromEntries(wanted));
      return expect(open.every((name) => quantum.some((key) => key.name === name))).toBe(true);
    },
  );

  it.each((policies.cases as Case[]).map((one) => [one.desc, one] as const))("policy: %s", async (_, one) => {
    const said = await attempt(() => trusted(one.policy ?? "", one.note ?? "", one.now, one.max_age));
    const quantum = /pq\d\+|log\+86980e01/.test(one.policy ?? "");
    if (one.error) expect(said).not.toBe("");
    else if (quantum) expect(said === "" || said.startsWith("open: ")).toBe(true);
    else expect(said).toBe("");
  });

  it.each((proofs.cases as Case[]).map((one) => [one.desc, one] as const))("proof: %s", async (_, one) => {
    const said = await attempt(async () => {
      const { index, hashes, checkpoint } = parseProof(one.proof ?? "");
      await trusted(one.policy ?? "", checkpoint);
      const point = parseCheckpoint(checkpoint.slice(0, checkpoint.lastIndexOf("\n\n") + 1));
      await verifyInclusion(await leafHash(unhex(one.entry ?? "")), index, point.size, hashes, point.root);
    });
    if (one.error) expect(said).not.toBe("");
    else expect(said).toBe("");
  });
});

describe("strict forms", () => {
  it.each(["QQ=", "QQ", "QR==", "Q Q==", "QQ==\n", "QQ-_"])("refuse %j as base64", (text) => {
    expect(() => strictBase64(text)).toThrow(Failure);
  });
  it.each(["", "01", "-1", "+1", "1.0", "1e3", " 1", "9223372036854775808"])(
    "refuse %j as a number",
    (text) => {
      expect(() => strictNumber(text)).toThrow(Failure);
    },
  );
  it("take only the one way to write a document", () => {
    expect(canonical('{"a":[1,"ü"],"b":{}}\n', "\n")).toEqual({ a: [1, "ü"], b: {} });
    for (const text of [
      '{"b":1,"a":2}\n',
      '{"a":1,"a":1}\n',
      '{"a": 1}\n',
      '{"a":1}',
      '{"a":1.5}\n',
      "[1]\n",
      "{\n",
    ]) {
      expect(() => canonical(text, "\n"), text).toThrow(Failure);
    }
  });
});
