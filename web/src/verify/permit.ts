import { Failure, form, need, type Reason, utf8 } from "./bytes";
import { canonical, type Fields } from "./canonical";
import { leafHash, verifyInclusion } from "./merkle";
import { type Key, parseCheckpoint, parseNote, parseProof, verifyNote } from "./note";
import { parsePolicy, quorum, satisfied } from "./policy";
import { hashOf, judgeFirst, judgeStep, readRoot, type Root, type SiteKey, usable } from "./root";

/** What the server handed over; nothing in it is believed. */
export interface Evidence {
  permit: string;
  entry: string | null;
  proof: string | null;
  checkpoint: string | null;
  roots: readonly { note: string }[];
}

export type Step =
  | "root"
  | "rootSigned"
  | "rootStep"
  | "permit"
  | "signed"
  | "dates"
  | "act"
  | "logged"
  | "witnessed"
  | "fresh";

/** One thing that was looked at, and what came of it. */
export interface Finding {
  step: Step;
  state: "proven" | "refuted" | "open";
  values: Readonly<Record<string, string | number>>;
  reason?: Reason;
  detail?: string;
}

export interface Checked {
  verdict: "proven" | "refuted" | "open";
  findings: Finding[];
  /** Witnesses whose kind of signature this browser can't check. */
  unchecked: string[];
}

interface Permit {
  hash: string;
  site: string;
  root: string;
  camera: string;
  from: number;
  until: number;
  purpose: string;
  emergency: boolean;
}

type Values = Record<string, string | number>;
const TOLERANCE_S = 300;

/** Checks a permit by itself: from the first root, whose hash was known beforehand, to the witnesses' word of today.
 *
 * The rules are those of the Python verifier and of the gate; docs/register-public.md says which of them are not here.
 *
 * @param evidence What the server handed over.
 * @param camera The camera's id, as on its sign.
 * @param anchor Hash of the site's first root, in hex: from the sign, not from this evidence.
 * @param now Seconds since 1970.
 */
export async function checkPermit(
  evidence: Evidence,
  camera: string,
  anchor: string,
  now: number,
): Promise<Checked> {
  const check = new Check(evidence, camera, anchor, now);
  await check.run();
  const { findings } = check;
  const verdict = findings.some((one) => one.state === "refuted")
    ? "refuted"
    : findings.some((one) => one.state === "open")
      ? "open"
      : "proven";
  return { verdict, findings, unchecked: [...check.unchecked] };
}

class Check {
  readonly findings: Finding[] = [];
  readonly unchecked = new Set<string>();
  private readonly roots: Root[] = [];

  constructor(
    private readonly evidence: Evidence,
    private readonly camera: string,
    private readonly anchor: string,
    private readonly now: number,
  ) {}

  /** Each step rests on those before it: the first that does not hold ends the check of what follows. */
  async run(): Promise<void> {
    if (!(await this.chain())) return;
    const permit = await this.step("permit", () => this.permit());
    if (!permit) return;
    const entry = await this.step("act", () => this.act(permit));
    const since = entry === undefined ? undefined : await this.logged(entry);
    await this.step("signed", () => this.signed(permit, since ?? this.now));
    await this.step("dates", () => this.dates(permit));
    await this.step("fresh", () => this.fresh());
  }

  private get root(): Root {
    const found = this.roots.at(-1);
    form(found !== undefined, "missing");
    return found;
  }

  private async step<T extends Values>(step: Step, look: () => Promise<T>): Promise<T | undefined> {
    try {
      const values = await look();
      this.findings.push({ step, state: "proven", values });
      return values;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { kind, reason, detail } = error;
      this.findings.push({ step, state: kind === "false" ? "refuted" : "open", values: {}, reason, detail });
      return undefined;
    }
  }

  private async chain(): Promise<boolean> {
    for (const [number, { note }] of this.evidence.roots.entries()) {
      const before = this.roots.at(-1);
      if (!before) {
        const first = await this.step("root", async () => {
          const root = await readRoot(note);
          need(root.hash === this.anchor, "other", root.hash);
          this.roots.push(root);
          return { root: root.hash, site: root.site };
        });
        if (!first) return false;
        const signed = await this.step("rootSigned", async () => {
          const keys = await judgeFirst(this.root, note);
          return { who: this.people(keys) };
        });
        if (!signed) return false;
        continue;
      }
      const next = await this.step("rootStep", async () => {
        const root = await readRoot(note);
        await judgeStep(before, root, note);
        this.roots.push(root);
        return { n: number };
      });
      if (!next) return false;
    }
    if (this.roots.length > 0) return true;
    this.findings.push({ step: "root", state: "open", values: {}, reason: "missing" });
    return false;
  }

  private async permit(): Promise<Permit & Values & { emergency: never }> {
    const { text } = parseNote(this.evidence.permit);
    const found = canonical(text, "\n") as Fields & Omit<Permit, "hash"> & { format: string };
    form(found.format === "passerby/permit@1", "canonical");
    need(found.camera === this.camera, "other", found.camera);
    need(found.site === this.root.site, "other", found.site);
    const under = this.roots.find((root) => root.hash === found.root);
    need(under !== undefined && under.serial >= this.root.oldest, "other", found.root);
    return { ...found, hash: await hashOf(text) } as unknown as Permit & Values & { emergency: never };
  }

  private people(keys: readonly SiteKey[]): string {
    return [...keys]
      .sort((a, b) => a.role.localeCompare(b.role))
      .map(
        (one) =>
          `${this.root.institutions[one.institution] ?? one.institution} (${one.role}, ${one.key.name}+${one.key.label})`,
      )
      .join("; ");
  }

  private async signed(permit: Permit, when: number): Promise<Values> {
    const sides = this.root.keys.filter((one) => one.role === "operator" || one.role === "reviewer");
    const { signed } = await verifyNote(
      this.evidence.permit,
      sides.map((one) => one.key),
    );
    const good = sides.filter((one) => signed.has(one.key) && usable(one, when));
    const roles = new Set(good.map((one) => one.role));
    if (permit.emergency && roles.has("operator")) form(roles.size === 2, "emergency");
    need(roles.size === 2, "signature", [...roles].join(", "));
    return { who: this.people(good) };
  }

  private dates(permit: Permit): Promise<Values> {
    need(!(permit.hash in this.root.revoked), "revoked");
    need(permit.from <= this.now + TOLERANCE_S && this.now < permit.until, "dates");
    return Promise.resolve({ from: permit.from, until: permit.until });
  }

  private async act(permit: Permit): Promise<{ entry: string }> {
    form(this.evidence.entry !== null && this.evidence.proof !== null, "missing");
    const entry = this.evidence.entry;
    const found = canonical(entry);
    need(found.act === "permit" && found.permit === permit.hash && found.purpose === permit.purpose, "other");
    const name = `cam-${(await hashOf(`${permit.site}\n${permit.camera}`)).slice(0, 32)}`;
    need(found.camera === name, "other", name);
    return { entry };
  }

  private async cosigned(
    note: string,
  ): Promise<{ point: ReturnType<typeof parseCheckpoint>; times: Map<Key, number> }> {
    const known = this.root.keys.filter((one) => one.role === "log" || one.role === "witness");
    const { text, signed, unchecked } = await verifyNote(
      note,
      known.map((one) => one.key),
    );
    const point = parseCheckpoint(text);
    for (const key of unchecked) this.unchecked.add(key.name);
    const good = known.filter((one) => one.role === "witness" && usable(one, signed.get(one.key) ?? -1));
    const times = new Map(good.map((one) => [one.key, signed.get(one.key) ?? 0]));
    const seen = Math.min(...times.values(), this.now);
    const log = known.some(
      (one) =>
        one.role === "log" && signed.has(one.key) && one.key.name === point.origin && usable(one, seen),
    );
    form(log || !unchecked.some((key) => key.name === point.origin), "crypto", point.origin);
    need(log, "logKey", point.origin);
    return { point, times };
  }

  /** The entry is in the log, and since when enough witnesses say so (seconds since 1970). */
  private async logged({ entry }: { entry: string }): Promise<number | undefined> {
    const logged = await this.step("logged", async () => {
      const { index, hashes, checkpoint } = parseProof(this.evidence.proof ?? "");
      const { point } = await this.cosigned(checkpoint);
      await verifyInclusion(await leafHash(utf8(entry)), index, point.size, hashes, point.root);
      return { index: String(index), size: String(point.size), origin: point.origin };
    });
    if (!logged) return undefined;
    const seen = await this.step("witnessed", async () => {
      const { times } = await this.cosigned(parseProof(this.evidence.proof ?? "").checkpoint);
      return this.enough(times, "first");
    });
    return seen?.time;
  }

  private async fresh(): Promise<Values> {
    form(this.evidence.checkpoint !== null, "missing");
    const { times } = await this.cosigned(this.evidence.checkpoint);
    const found = await this.enough(times, "last");
    need(this.now - found.time <= this.root.heartbeat_s, "stale", String(found.time));
    return found;
  }

  /** The first moment by which, or the last since which, enough witnesses cosigned. */
  private async enough(
    times: ReadonlyMap<Key, number>,
    which: "first" | "last",
  ): Promise<Values & { time: number }> {
    const policy = await parsePolicy(this.root.policy);
    const skipped = [...policy.witnesses.values()].filter((key) => this.unchecked.has(key.name));
    quorum(policy, [...times.keys()], skipped);
    const order = [...new Set(times.values())].sort((a, b) => (which === "first" ? a - b : b - a));
    const time = order.find((moment) =>
      satisfied(
        policy,
        [...times].filter(([, at]) => (which === "first" ? at <= moment : at >= moment)).map(([key]) => key),
      ),
    );
    form(time !== undefined, "quorum");
    return { time, who: [...times.keys()].map((key) => `${key.name}+${key.label}`).join("; ") };
  }
}
