/** The prover on generated claims: counts by family and verdict, the longest claim, and each verdict that is wrong. */
import { formulaText } from "../../src/ir/print.js";
import { variableOf } from "../../src/ir/expr.js";
import type { Oracle } from "../../src/symbolic/oracle.js";
import { createProver } from "../../src/symbolic/prove/prove.js";
import type { Proof } from "../../src/symbolic/prove/verdict.js";
import { faultOf } from "./claim-check.js";
import { FAMILY_NAMES, drawClaim, randomFrom, type RandomClaim } from "./claims.js";

type Counts = Record<Proof["verdict"], number>;

export interface ClaimReport {
  readonly seed: number;
  readonly claims: number;
  readonly families: Readonly<Record<string, Counts>>;
  readonly faults: readonly { readonly kind: string; readonly text: string }[];
  /** In milliseconds. */
  readonly longest: number;
  /** Why verdicts are open, the most frequent reason first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly median: number;
}

/** When the prover gives up, and what no claim may take. */
const [TIME_LIMIT, MOST_MILLISECONDS] = [4000, 5000];

export async function runClaims(
  seed: number,
  isOver: (count: number) => boolean,
  oracle: Oracle,
  say: (line: string) => void = () => undefined,
): Promise<ClaimReport> {
  // Of the processor's time: other work on the machine is not the prover's fault.
  const now = (): number => process.cpuUsage().user / 1000;
  const prover = createProver(oracle, () => {
    const end = now() + TIME_LIMIT;
    return () => now() > end;
  });
  const families = Object.fromEntries(
    FAMILY_NAMES.map((name): [string, Counts] => [name, { proved: 0, "equal-except": 0, refuted: 0, unknown: 0 }]),
  );
  const faults: { kind: string; text: string }[] = [];
  const times: number[] = [];
  const reasons = new Map<string, number>();
  let count = 0;
  for (; !isOver(count); count++) {
    // Each claim has its own seed, so that it can be had alone.
    const random = randomFrom(seed + count * 7919);
    const claim = drawClaim(random);
    const start = now();
    const wrong = (kind: string, text: string): void => {
      faults.push({ kind, text });
      say(`${kind}: claim ${count} of seed ${seed} (${claim.family}): ${textOf(claim)}\n  ${text}`);
    };
    try {
      const verdict = prover.prove(claim);
      const time = now() - start;
      times.push(time);
      if (time > MOST_MILLISECONDS) wrong("hang", `${time} ms`);
      families[claim.family]![verdict.verdict] += 1;
      if (verdict.verdict === "unknown") {
        const reason = verdict.reason.replace(/ where .*|: the two sides differ at .*/, "");
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        if (reason.includes("certificate"))
          say(`claim ${count} of seed ${seed}: ${verdict.reason}\n  ${textOf(claim)}`);
      }
      const fault = await faultOf(claim, verdict, oracle, random);
      if (fault !== undefined) wrong(fault.kind, `${verdictText(verdict)}\n  at ${fault.place}: ${fault.judgement}`);
    } catch (error) {
      wrong("failure", error instanceof Error ? error.stack! : String(error));
    }
  }
  const sorted = times.sort((a, b) => a - b);
  return {
    seed,
    claims: count,
    families,
    faults,
    reasons: [...reasons].sort(([, a], [, c]) => c - a),
    longest: sorted[sorted.length - 1] ?? 0,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
  };
}

const textOf = ({ formula, claim, order, variable }: RandomClaim): string =>
  `${formulaText(formula, 400)} | ${formulaText(claim, 400)} | order ${order}${variable === undefined ? "" : ` by ${variableOf(variable).name}`}`;

/** The cells are a search of their own, and not asked for. */
const verdictText = (proof: Proof): string =>
  proof.verdict === "equal-except"
    ? JSON.stringify(proof.at)
    : proof.verdict === "refuted"
      ? JSON.stringify(proof.witness)
      : proof.verdict;

const KINDS = ["false proof", "missing point", "wrong point", "false refutation", "false witness", "hang", "failure"];

export function reportText({ seed, claims, families, faults, reasons, longest, median }: ClaimReport): string {
  const row = (name: string, counts: readonly (number | string)[]): string =>
    name.padEnd(26) + counts.map((cell) => String(cell).padStart(14)).join("");
  const verdicts = ["proved", "equal-except", "refuted", "unknown"] as const;
  const total = (verdict: (typeof verdicts)[number]): number =>
    Object.values(families).reduce((sum, counts) => sum + counts[verdict], 0);
  return [
    `${claims} claims, seed ${seed}`,
    row("", verdicts),
    ...Object.entries(families).map(([name, counts]) =>
      row(
        name,
        verdicts.map((verdict) => counts[verdict]),
      ),
    ),
    row("all", verdicts.map(total)),
    ...KINDS.map((kind) => row(kind, [faults.filter((fault) => fault.kind === kind).length])),
    "unknown:",
    ...reasons.map(([reason, count]) => `${String(count).padStart(8)}  ${reason}`),
    `median ${median.toFixed(2)} ms, longest ${longest.toFixed(0)} ms`,
  ].join("\n");
}
