import { describe, expect, it } from "vitest";
import given from "./evidence.json";
import { checkPermit, type Evidence } from "./permit";

// What `passerby serve` hands out for a demo site's camera: real keys, notes, ledger and proofs, kept once.
const { anchor, camera, now } = given;
const good: Evidence = given.evidence;
const HOUR_S = 3600;

async function steps(
  evidence: Evidence,
  of = camera,
  root = anchor,
  when = now,
): Promise<Record<string, string>> {
  const { findings } = await checkPermit(evidence, of, root, when);
  return Object.fromEntries(
    findings.map((one) => [one.step, one.state + (one.reason ? ` ${one.reason}` : "")]),
  );
}

async function verdict(evidence: Evidence, of = camera, root = anchor, when = now): Promise<string> {
  return (await checkPermit(evidence, of, root, when)).verdict;
}

/** Another letter at a place from the end of a note's last signature. */
function flipped(text: string, back = 20): string {
  const at = text.length - back;
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

describe("a permit, checked by the browser alone", () => {
  it("holds, step by step", async () => {
    expect(await steps(good)).toEqual({
      root: "proven",
      rootSigned: "proven",
      permit: "proven",
      act: "proven",
      logged: "proven",
      witnessed: "proven",
      signed: "proven",
      dates: "proven",
      fresh: "proven",
    });
  });
  it("says by whom", async () => {
    const { findings } = await checkPermit(good, camera, anchor, now);
    const who = (step: string): unknown => findings.find((one) => one.step === step)?.values.who;
    expect(who("signed")).toMatch(/Demo city \(operator, .*; Demo privacy office \(reviewer, /);
    expect(who("witnessed")).toMatch(/^witness\.demo\.passerby\+[0-9a-f]{8}$/);
  });
  it("is refuted against another root, and nothing after that is believed", async () => {
    expect(await steps(good, camera, "00".repeat(32))).toEqual({ root: "refuted other" });
  });
  it("is refuted for another camera", async () => {
    expect((await steps(good, "stadium-gate-b")).permit).toBe("refuted other");
  });
  it.each([
    ["the permit's signature", { ...good, permit: flipped(good.permit) }, "signed", "refuted signature"],
    [
      "a word of the permit",
      { ...good, permit: good.permit.replace('"period_s":5', '"period_s":6') },
      "act",
      "refuted other",
    ],
    [
      "a signature of the root",
      { ...good, roots: [{ note: flipped(good.roots[0]?.note ?? "") }] },
      "rootSigned",
      "refuted signature",
    ],
    [
      "the entry",
      { ...good, entry: good.entry?.replace("crowd-safety", "maintenance") ?? null },
      "act",
      "refuted other",
    ],
    [
      "the entry's time",
      { ...good, entry: good.entry?.replace(/"logged":\d/, '"logged":9') ?? null },
      "logged",
      "refuted path",
    ],
    [
      "a hash of the proof",
      { ...good, proof: good.proof?.replace(/\n([A-Za-z0-9+/]{10})/, (m) => flipped(m, 3)) ?? null },
      "logged",
      "refuted path",
    ],
    [
      "the witness's cosignature",
      { ...good, checkpoint: flipped(good.checkpoint ?? "") },
      "fresh",
      "refuted signature",
    ],
  ] as [string, Evidence, string, string][])(
    "is refuted when %s is changed",
    async (_, evidence, step, state) => {
      expect((await steps(evidence))[step]).toBe(state);
      expect(await verdict(evidence)).toBe("refuted");
    },
  );
  it("is not in force before, after, or once revoked; and a stale ledger keeps nothing alive", async () => {
    expect((await steps(good, camera, anchor, now - HOUR_S)).dates).toBe("refuted dates");
    expect((await steps(good, camera, anchor, now + 24 * 7 * HOUR_S)).dates).toBe("refuted dates");
    expect((await steps(good, camera, anchor, now + 25 * HOUR_S)).fresh).toBe("refuted stale");
  });
  it("stays open where something was not handed over, and is never called proven", async () => {
    for (const evidence of [
      { ...good, proof: null },
      { ...good, entry: null },
      { ...good, checkpoint: null },
      { ...good, roots: [] },
    ]) {
      expect(await verdict(evidence)).toBe("open");
    }
  });
  it("stays open or refuted for any rubbish", async () => {
    for (const rubbish of ["", "\n\n", "{}", "\u2014 a b\n", "x\n\n\u2014 a AAAAAAAA\n"]) {
      for (const field of ["permit", "entry", "proof", "checkpoint"] as const) {
        expect(await verdict({ ...good, [field]: rubbish }), field).not.toBe("proven");
      }
      expect(await verdict({ ...good, roots: [{ note: rubbish }] })).not.toBe("proven");
    }
  });
  it("asks for both sides: one signature alone is refuted", async () => {
    const lines = good.permit.split("\n");
    const one = [...lines.slice(0, -2), ""].join("\n");
    expect((await steps({ ...good, permit: one })).signed).toBe("refuted signature");
  });
});
