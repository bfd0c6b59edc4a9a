/**
 * A proof as plain data, for a checker that shares no code with the prover: the claim as a DAG of operations, the cases of the
 * parameters, in each the cells of the line of inputs, and in each cell the fraction over kernels that both sides are. What
 * can be found again cheaply is left out: derivatives, signs and what happens between two cells. docs/certificates.md has the format.
 */
import { topological, variableOf, type Expr } from "../../ir/expr.js";
import { rationalFromNumber, type Rational } from "../../ir/rational.js";
import { lawsFor } from "./algebra/laws.js";
import type { Findings } from "./findings.js";
import { EVERY_PARAMETER, type Case } from "./regions/cases.js";
import type { Bound } from "./regions/region.js";
import type { Task } from "./task.js";

/** The place of a node in the list of nodes. */
type NodeIndex = number;

/** An operation and its operands; of a leaf the text of what it is. */
type NodeRecord = readonly [op: string, ...args: readonly (NodeIndex | string)[]];

/** A place on the line of inputs: an expression of the parameters, or the one zero of a function between two numbers. */
type BoundRecord = NodeIndex | { readonly zero: NodeIndex; readonly between: readonly [number, number] };

interface CellRecord {
  readonly low?: BoundRecord;
  readonly high?: BoundRecord;
  /** The fraction over kernels that both sides are; absent where the formula has no value. */
  readonly value?: NodeIndex;
}

/** The cells of a case, or the cases that stand for it by the sign of a subject. */
export type CaseRecord =
  | { readonly cells: readonly CellRecord[] }
  | {
      readonly subject: NodeIndex;
      readonly negative?: CaseRecord;
      readonly positive?: CaseRecord;
      /** Where the subject is 0, a parameter is replaced. */
      readonly zeros: readonly {
        readonly parameter: NodeIndex;
        readonly value: NodeIndex;
        readonly then: CaseRecord;
      }[];
    };

export interface ProofRecord {
  readonly nodes: readonly NodeRecord[];
  readonly variables: readonly {
    readonly node: NodeIndex;
    /** Promised bounds, both included; absent where there are none. */
    readonly low?: string;
    readonly high?: string;
    /** Promised to be above 0. */
    readonly positive?: true;
  }[];
  readonly input: NodeIndex;
  /** By what the formula is differentiated, and how often. */
  readonly by: NodeIndex;
  readonly order: number;
  readonly formula: NodeIndex;
  readonly claim: NodeIndex;
  /** The gradient from above by which the derivative is multiplied. */
  readonly times?: NodeIndex;
  readonly laws: readonly string[];
  readonly cases: CaseRecord;
}

/** Undefined where a case was not gone through by cells. */
export function recordOf(task: Task, findings: Findings): ProofRecord | undefined {
  const nodes: NodeRecord[] = [];
  const indices = new Map<Expr, NodeIndex>();
  const index = (root: Expr): NodeIndex => {
    for (const expr of indices.has(root) ? [] : topological([root])) {
      if (indices.has(expr)) continue;
      indices.set(expr, nodes.length);
      nodes.push([expr.op, ...expr.args.map((arg) => indices.get(arg)!), ...payloadText(expr)]);
    }
    return indices.get(root)!;
  };
  const bound = (place: Bound): BoundRecord =>
    place.kind === "exact" ? index(place.expr) : { zero: index(place.root), between: [place.low, place.high] };
  const values = new Map(findings.records.map(({ region, value }) => [region, value]));
  const caseRecord = (current: Case): CaseRecord | undefined => {
    const split = findings.splits.get(current);
    if (split === undefined) {
      const { facts, equalities } = current;
      const line = findings.lines.find((other) => other.facts === facts && other.equalities === equalities);
      return (
        line && {
          cells: line.cells.map((region) => {
            const value = values.get(region);
            return {
              ...(region.low !== undefined && { low: bound(region.low) }),
              ...(region.high !== undefined && { high: bound(region.high) }),
              ...(value !== undefined && { value: index(value[0].expression(value[1])) }),
            };
          }),
        }
      );
    }
    const signs: { negative?: CaseRecord; positive?: CaseRecord } = {};
    const zeros = [];
    for (const next of split.cases) {
      const then = caseRecord(next);
      if (then === undefined) return undefined;
      const special = next.equalities.length > current.equalities.length ? next.equalities.at(-1) : undefined;
      if (special !== undefined) zeros.push({ parameter: index(special[0]), value: index(special[1]), then });
      else signs[next.facts.at(-1)!.sign < 0 ? "negative" : "positive"] = then;
    }
    return { subject: index(split.subject), ...signs, zeros };
  };
  const [formula, claim] = [index(task.formula), index(task.claim)];
  const [input, by] = [index(task.input), index(task.variable)];
  const cases = caseRecord(EVERY_PARAMETER);
  if (cases === undefined) return undefined;
  return {
    nodes,
    variables: [...indices].filter(([{ op }]) => op === "variable").map(([expr, node]) => ({ node, ...rangeOf(expr) })),
    ...{ input, by, order: task.order, formula, claim },
    ...(task.gradient !== undefined && { times: index(task.gradient) }),
    laws: lawsFor([task.formula, task.claim]),
    cases,
  };
}

function payloadText({ op, payload }: Expr): readonly string[] {
  if (op === "rational") return [textOf(payload as Rational)];
  if (op === "float") return [String(payload as number)];
  return op === "variable" ? [variableOf({ payload } as Expr).name] : [];
}

function rangeOf(expr: Expr): { readonly low?: string; readonly high?: string; readonly positive?: true } {
  const [low, high] = variableOf(expr).range;
  return {
    ...(low === Number.MIN_VALUE ? { positive: true } : low > -Infinity && { low: exact(low) }),
    ...(high < Infinity && { high: exact(high) }),
  };
}

const exact = (value: number): string => textOf(rationalFromNumber(value));

const textOf = ({ numerator, denominator }: Rational): string =>
  denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
