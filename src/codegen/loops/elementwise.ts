/**
 * An elementwise kernel as a loop: expressions of one element, written to an array or added up. What does not change from
 * element to element is computed before the loop.
 */
import { variable } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import { node, rebuild, substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import {
  apply,
  assign,
  call,
  constantOf,
  letBe,
  load,
  local,
  store,
  whole,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { LoopOperationName } from "../../ir/loops/operations.js";
import type { OperationName } from "../../ir/ops.js";
import { STEMS } from "../names.js";
import { schedule } from "../schedule.js";

/** Numbers of arrays are float32; between a load and a store they are computed in this. */
export type Computed = "f64" | "f32";

export interface ElementwiseKernel {
  readonly name: string;
  /** The arrays that are read, by the variables that stand for their elements. */
  readonly reads: ReadonlyMap<Expr, string>;
  readonly writes: { readonly array: string; readonly value: Expr };
  /** The expressions that are added up over all elements, by the names of their sums. */
  readonly sums: ReadonlyMap<string, Expr>;
  readonly parameters: readonly string[];
  readonly computed: Computed;
}

/** The name of the number of elements. */
const LENGTH = "length";

/** The loop, one element after the other. */
export function elementwiseLoop(kernel: ElementwiseKernel): LoopFunction {
  const { name, reads, writes, sums, parameters, computed } = kernel;
  const arrays = [...reads.values(), writes.array];
  const fresh = freshNames([...arrays, LENGTH, "i"]);
  const [index, length] = [local("i32", "i"), local("i32", LENGTH)];
  const numbers = parameters.map((parameter) => local(computed, fresh(parameter)));
  const bound = new Map<string, Value>(parameters.map((parameter, i) => [parameter, numbers[i]!] as const));
  const totals = [...sums.keys()].map((sum) => local(computed, fresh(`d_${sum}`)));

  const given = [writes.value, ...sums.values()].map(withBounds);
  const { outside, roots } = hoisted(given, new Set(reads.keys()));
  const same = [...outside.values()];
  // Twice, so that each gets a name.
  const before = lines([...same, ...same], { bound, fresh, computed });
  [...outside.keys()].forEach((place, i) => bound.set(variableOf(place).name, before.results[i]!));

  const inputs = [...reads].map(([place, array]): Statement => {
    const to = local(computed, fresh(array === arrays[0] ? "v" : "u"));
    bound.set(variableOf(place).name, to);
    return letBe(to, widened(load("f32", array, index), computed));
  });
  const inside = lines(roots, { bound, fresh, computed });
  const [written, ...added] = inside.results;
  return {
    name,
    arrays,
    numbers: [length, ...numbers],
    results: totals.map(({ type }) => type),
    body: [
      ...before.statements,
      ...totals.map((total) => letBe(total, constantOf(computed, 0))),
      {
        kind: "for",
        index,
        from: whole(0),
        to: length,
        step: 1,
        body: [
          ...inputs,
          ...inside.statements,
          ...totals.map((total, i) => assign(total, apply("add", total, added[i]!))),
          store(writes.array, index, computed === "f64" ? apply("narrow", written!) : written!),
        ],
      },
      ...(totals.length === 0 ? [] : [{ kind: "return" as const, values: totals }]),
    ],
  };
}

const widened = (value: Value, computed: Computed): Value => (computed === "f64" ? apply("widen", value) : value);

function freshNames(taken: readonly string[]): (stem: string) => string {
  const used = new Set(taken);
  return (stem) => {
    let name = stem;
    for (let i = 1; used.has(name); i++) name = `${stem}${i}`;
    used.add(name);
    return name;
  };
}

/** Case distinctions that are bounds, as such: a < b ? b : a. */
const withBounds = (root: Expr): Expr =>
  rebuild([root], (expr) => {
    const [condition, yes, no] = expr.args;
    if (expr.op !== "select" || condition!.op !== "lt") return expr;
    const [a, b] = condition!.args;
    if (yes === b && no === a) return node("max", a!, b!);
    return yes === a && no === b ? node("min", b!, a!) : expr;
  }).get(root)!;

/** The largest parts that no element changes, by the variables that stand for them in the rest. */
function hoisted(
  roots: readonly Expr[],
  elements: ReadonlySet<Expr>,
): { readonly outside: ReadonlyMap<Expr, Expr>; readonly roots: readonly Expr[] } {
  const varying = new Set<Expr>();
  const order = topological(roots);
  for (const expr of order) if (elements.has(expr) || expr.args.some((arg) => varying.has(arg))) varying.add(expr);
  const isHoisted = (expr: Expr): boolean => !varying.has(expr) && expr.args.length > 0;
  const used = order.filter((expr) => varying.has(expr)).flatMap(({ args }) => args);
  const parts = [...new Set([...used, ...roots].filter(isHoisted))];
  const places = new Map(parts.map((part, i) => [part, variable("wildcard", `same ${i}`)] as const));
  return {
    outside: new Map([...places].map(([part, place]) => [place, part] as const)),
    roots: roots.map((root) => substitute(root, places)),
  };
}

interface Context {
  /** The values of variables. */
  readonly bound: ReadonlyMap<string, Value>;
  readonly fresh: (stem: string) => string;
  readonly computed: Computed;
}

/** Statements that compute expressions, and what their values then are. */
function lines(
  roots: readonly Expr[],
  { bound, fresh, computed }: Context,
): { readonly statements: readonly Statement[]; readonly results: readonly Value[] } {
  const { named } = schedule(roots, { branchCost: Infinity });
  const values = new Map<Expr, Value>();
  const statements: Statement[] = [];
  for (const expr of topological(roots)) {
    const value = expr.op === "variable" ? bound.get(variableOf(expr).name) : valueOf(expr, values, computed);
    if (value === undefined) throw new RangeError(`nothing says what ${variableOf(expr).name} is`);
    values.set(expr, value);
    if (!named.has(expr)) continue;
    const to = local(value.type, fresh(STEMS[expr.op] ?? "t"));
    statements.push(letBe(to, value));
    values.set(expr, to);
  }
  return { statements, results: roots.map((root) => values.get(root)!) };
}

/** Operations that loops have, by those of expressions. */
const DIRECT: { readonly [K in OperationName]?: LoopOperationName } = {
  add: "add",
  sub: "sub",
  mul: "mul",
  div: "div",
  neg: "neg",
  abs: "abs",
  sqrt: "sqrt",
  round: "round",
  max: "greatest",
  min: "least",
  lt: "lt",
  le: "le",
  eq: "eq",
  and: "and",
  or: "or",
  not: "not",
  select: "select",
};

/** Powers of two in steps of 128. */
const STEPS = 128;

/** An expression whose operands have values; operations that loops do not have are functions of the host's. */
function valueOf({ op, args, ...leaf }: Expr, values: ReadonlyMap<Expr, Value>, computed: Computed): Value {
  if (args.length === 0) return constantOf(computed, leafValue({ op, args, ...leaf }));
  if (op === "exp2Steps") {
    const [steps, exponent] = args[0]!.args;
    if (args[0]!.op !== "mul" || leafValue(steps!) !== STEPS) throw new RangeError("only whole powers of two are bits");
    return apply("powerOfTwo", values.get(exponent!)!);
  }
  const operands = args.map((arg) => values.get(arg)!);
  const direct = DIRECT[op];
  return direct === undefined ? call(op, ...operands) : apply(direct, ...operands);
}
