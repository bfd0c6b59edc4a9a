/** Certificates for the checker in integrations/: of the catalogue, with something changed, and of claims that are wrong. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { claimsOfDefinition, type Claim } from "../../src/cli/verify/claim.js";
import { x } from "../../src/ir/build.js";
import { topological, type Expr, type Variable } from "../../src/ir/expr.js";
import type { Rational } from "../../src/ir/rational.js";
import type { Definition } from "../../src/ir/definition.js";
import type { Prover } from "../../src/symbolic/prove/prove.js";
import type { CaseRecord, ProofRecord } from "../../src/symbolic/prove/record.js";

export const CHECKER = resolve(import.meta.dirname, "..", "..", "integrations", "check_certificate.py");

export interface Certified {
  readonly says: string;
  readonly claim: Claim;
  readonly record: ProofRecord;
}

/** The claims of a definition with their proofs. */
export const certified = (definition: Definition, prover: Prover): Certified[] =>
  claimsOfDefinition(definition, prover).map((claim) => {
    const record = prover.record(claim.goal);
    if (record === undefined) throw new Error(`${definition.id} ${claim.short} has no proof`);
    return { says: `${definition.id}: ${claim.holds}`, claim, record };
  });

/** The sentences that the checker rejects, and its last line. */
export function check(
  python: string,
  proofs: readonly Pick<Certified, "says" | "record">[],
): { readonly rejected: ReadonlySet<string>; readonly summary: string } {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-certificates-"));
  try {
    const file = join(folder, "certificate.json");
    writeFileSync(file, JSON.stringify({ claims: proofs.map(({ says, record }) => ({ says, proofs: [record] })) }));
    const { stdout, stderr } = spawnSync(python, [CHECKER, file], { encoding: "utf8", maxBuffer: 2 ** 26 });
    const lines = stdout.trimEnd().split("\n");
    const rejected = lines.flatMap((line) => /^(.*): rejected: /.exec(line)?.[1] ?? []);
    return { rejected: new Set(rejected), summary: lines.at(-1)! + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A certificate that says that a claim holds for every input, however that may be. */
export function inOneCell(formula: Expr, claim: Expr): ProofRecord {
  const order = topological([formula, claim, x]);
  const at = (expr: Expr): number => order.indexOf(expr);
  return withClaim(
    {
      nodes: [],
      variables: order.filter(({ op }) => op === "variable").map((expr) => ({ node: at(expr) })),
      ...{ input: at(x), by: at(x), order: 1, formula: at(formula), claim: at(claim) },
      laws: [],
      cases: { cells: [{}] },
    },
    claim,
    order,
  );
}

/** The same certificate for another claim. */
export function withClaim(
  record: ProofRecord,
  claim: Expr,
  order: readonly Expr[] = topological([claim]),
): ProofRecord {
  const start = record.nodes.length;
  const places = new Map(order.map((expr, i) => [expr, start + i]));
  const more = order.map(({ op, args, payload }): ProofRecord["nodes"][number] => {
    if (op === "variable") return [op, (payload as Variable).name];
    if (op !== "rational") return [op, ...args.map((arg) => places.get(arg)!)];
    const { numerator, denominator } = payload as Rational;
    return [op, `${numerator}/${denominator}`];
  });
  return { ...record, nodes: [...record.nodes, ...more], claim: places.get(claim)! };
}

type Change = (record: ProofRecord) => ProofRecord | undefined;

/** A node more, and where it stands. */
const extended = ({ nodes }: ProofRecord, ...more: ProofRecord["nodes"]): Pick<ProofRecord, "nodes"> => ({
  nodes: [...nodes, ...more],
});

/** The first list of cells changed, and all else as it is. */
function inCells(record: ProofRecord, change: (cells: CellRecords) => CellRecords | undefined): CaseRecord | undefined {
  const within = (at: CaseRecord): CaseRecord | undefined => {
    if ("cells" in at) {
      const cells = change(at.cells);
      return cells && { cells };
    }
    for (const name of ["negative", "positive"] as const) {
      const next = at[name] && within(at[name]);
      if (next !== undefined) return { ...at, [name]: next };
    }
    return undefined;
  };
  return within(record.cases);
}

type CellRecords = Extract<CaseRecord, { cells: unknown }>["cells"];

const withCells =
  (change: (cells: CellRecords, end: number) => CellRecords | undefined, more?: ProofRecord["nodes"]): Change =>
  (record) => {
    const end = record.nodes.length;
    const cases = inCells(record, (cells) => change(cells, end));
    return cases && { ...record, ...extended(record, ...(more ?? [])), cases };
  };

const shifted = (record: ProofRecord, node: number, by: string): ProofRecord["nodes"] => [
  ...record.nodes,
  ["rational", by],
  ["add", node, record.nodes.length],
];

/** Something that is false of every certificate for which it is possible. */
export const TAMPERINGS: Readonly<Record<string, Change>> = {
  "a coefficient of the claim": (record) => ({
    ...record,
    nodes: shifted(record, record.claim, "1/1000000"),
    claim: record.nodes.length + 1,
  }),
  "a coefficient of a fraction": (record) => {
    const end = record.nodes.length;
    let value: number | undefined;
    const cases = inCells(record, ([first, ...rest]) => {
      value = first?.value;
      return value === undefined ? undefined : [{ ...first, value: end + 1 }, ...rest];
    });
    return cases && { ...record, nodes: shifted(record, value!, "1/1000000"), cases };
  },
  "the sign of the claim": (record) =>
    isNothing(record)
      ? undefined
      : { ...record, ...extended(record, ["neg", record.claim]), claim: record.nodes.length },
  "a boundary that is moved": (record) => {
    const end = record.nodes.length;
    let moved: number | undefined;
    const cases = inCells(record, ([first, second, ...rest]) => {
      const bound = first?.high;
      if (typeof bound !== "number" || second === undefined) return undefined;
      moved = bound;
      return [{ ...first, high: end + 1 }, { ...second, low: end + 1 }, ...rest];
    });
    return cases && { ...record, nodes: shifted(record, moved!, "1/1000"), cases };
  },
  "a boundary of one cell": withCells(
    ([first, ...rest], end) => (first?.high === undefined ? undefined : [{ ...first, high: end }, ...rest]),
    [["rational", "77"]],
  ),
  "the first cell left out": withCells(([, ...rest]) => rest),
  "the last cell left out": withCells((cells) => cells.slice(0, -1)),
  "two cells taken for one": withCells(([first, second, ...rest]) => {
    if (second === undefined) return undefined;
    const { high: _, ...open } = first!;
    return [{ ...open, ...(second.high !== undefined && { high: second.high }) }, ...rest];
  }),
  "a case left out": ({ cases, ...record }) => {
    if ("cells" in cases) return undefined;
    const { positive: _, ...others } = cases;
    return cases.positive === undefined ? undefined : { ...record, cases: others };
  },
  "special parameters left out": ({ cases, ...record }) =>
    "cells" in cases || cases.zeros.length === 0 ? undefined : { ...record, cases: { ...cases, zeros: [] } },
  "an operand that comes later": (record) => ({
    ...record,
    ...extended(record, ["add", record.nodes.length, record.claim]),
    claim: record.nodes.length,
  }),
};

/** The claim is the number 0. */
const isNothing = ({ nodes, claim }: ProofRecord): boolean =>
  nodes[claim]![0] === "rational" && nodes[claim]![1] === "0";
