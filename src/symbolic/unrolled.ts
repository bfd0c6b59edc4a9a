/**
 * The gradients of graphs at small sizes as goals for the prover: every element of the inputs is a variable, outputs and
 * gradients are expressions in them.
 */
import { add, constant, parameter, x } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import { evaluate } from "../ir/evaluate.js";
import { rebuild, substitute, topological, variables, type Expr } from "../ir/expr.js";
import { input, timesEach } from "../ir/graph/build.js";
import { differentiableInputs, graphInputs, type GraphDefinition } from "../ir/graph/definition.js";
import { sizeOf } from "../ir/graph/places.js";
import { inputsOf, type Input } from "../ir/graph/tensor.js";
import { unrollGraph } from "../ir/graph/unroll.js";
import { goalsByResult } from "./by-result.js";
import type { Goal } from "./prove/verdict.js";
import { gradients } from "./vjp.js";

/** The sizes at which gradients are proved. */
export const SMALL_SIZES = [1, 2, 3, 4] as const;

/** Elements of all inputs up to which sizes are worth proving, and nodes of the expressions. */
const MOST_ELEMENTS = 100;
const MOST_NODES = 4000;

export interface UnrolledClaim {
  readonly input: string;
  /** One for each element of its gradient; those that differ in the names of variables alone are one. */
  readonly goals: readonly Goal[];
  /** The element that each variable stands for, such as `x[2]`; x is that of the goal. */
  readonly names: ReadonlyMap<string, string>;
}

/** The gradients where every free size is n; undefined where there is no such graph, or one that is too large. */
export function unrolledClaims(definition: GraphDefinition, n: number): readonly UnrolledClaim[] | undefined {
  const sizes = sizesOf(definition, n);
  if (sizes === undefined) return undefined;
  const outputs = definition.outputs.filter(({ type }) => type === "float32");
  const seeds = outputs.map(({ name, tensor, axes }) => ({ of: tensor, gradient: input(`d${name}`, axes) }));
  const by = differentiableInputs(definition);
  const products = seeds.map(({ of, gradient }) => timesEach(gradient, of));
  const slopes = gradients(seeds, by);
  const all = [...new Set([...graphInputs(definition), ...inputsOf([...products, ...slopes])])];
  const countOf = ({ axes }: Input): number => axes.reduce((count, { size }) => count * sizeOf(size, sizes), 1);
  if (all.reduce((sum, tensor) => sum + countOf(tensor), 0) > MOST_ELEMENTS) return undefined;

  const names = new Map([["x", "the element"]]);
  const elementsOf = (tensor: Input): readonly Expr[] =>
    Array.from({ length: countOf(tensor) }, (_, i) => {
      // Whole numbers are places; a mask lets everything through.
      if (tensor.type !== "float32") return constant(tensor.type === "int32" ? i % n : (tensor.absent ?? 1));
      names.set(`${tensor.name}_${i}`, `${tensor.name}[${i}]`);
      return parameter(`${tensor.name}_${i}`);
    });
  const tensors: Readonly<Record<string, readonly Expr[]>> = Object.fromEntries(
    all.map((tensor) => [tensor.name, elementsOf(tensor)]),
  );
  const roots = [
    ...products.map((tensor) => [tensor, tensor.axes] as const),
    ...slopes.map((s, i) => [s, by[i]!.axes] as const),
  ];
  const unrolled = unrollGraph([...roots, ...by.map((tensor) => [tensor, tensor.axes] as const)], { tensors, sizes });
  if (unrolled === undefined || topological(unrolled.flat()).length > MOST_NODES) return undefined;
  // Scalars of the graph itself are flags and limits, often infinite by default.
  const scalars = definition.parameters.filter(({ name }) => !definition.activations.some((a) => has(a, name)));
  const fixed = new Map(scalars.map(({ symbol, default: value }) => [symbol, constant(value)]));
  const terms = unrolled.slice(0, products.length).flat();
  const incoming = outputs.flatMap(({ name }) => tensors[`d${name}`] ?? []);
  const claims = by.map(({ name }, k) => {
    const [slopesOf, symbols] = [unrolled[products.length + k]!, unrolled[products.length + by.length + k]!];
    const goals = new Map<string, Goal>();
    symbols.forEach((variable, i) => {
      const own = terms.filter((term) => variables(term).includes(variable));
      // The input of the goal, so that ties are decided as they are in functions of one number.
      const asInput = (expr: Expr): Expr => substitute(decided(substitute(expr, fixed)), new Map([[variable, x]]));
      const whole = { formula: asInput(own.reduce(add, constant(0))), claim: asInput(slopesOf[i]!), order: 1 };
      const seen = incoming.filter((gradient) => variables(whole.formula, whole.claim).includes(gradient));
      for (const goal of goalsByResult(whole, seen) ?? [whole]) goals.set(canonical(goal.formula, goal.claim), goal);
    });
    return { input: name, goals: [...goals.values()], names };
  });
  const nodes = topological(claims.flatMap(({ goals }) => goals.flatMap(({ formula, claim }) => [formula, claim])));
  return nodes.some(({ op }) => op === "float") ? undefined : claims.filter(({ goals }) => goals.length > 0);
}

/** The expression with conditions of constants decided. */
const decided = (expr: Expr): Expr =>
  rebuild([expr], (node) => {
    const [condition, yes, no] = node.args;
    return node.op !== "select" || !condition!.closed ? node : evaluate(condition!, {}) ? yes! : no!;
  }).get(expr)!;

const has = ({ parameters }: Definition, name: string): boolean => parameters.some((each) => each.name === name);

/** Expressions with their variables numbered as they occur. */
function canonical(...exprs: readonly Expr[]): string {
  const numbered = new Map(variables(...exprs).map((each, i) => [each, parameter(`v${i}`)]));
  return exprs.map((expr) => substitute(expr, numbered).id).join();
}

/**
 * The sizes, n where there is no default, but at most 2 for the outermost, along which all is alike; undefined where they do
 * not fit together.
 */
function sizesOf({ sizes, requirements }: GraphDefinition, n: number): Readonly<Record<string, number>> | undefined {
  const found: Record<string, number> = {};
  const outermost = sizes.find(({ default: otherwise }) => otherwise === undefined);
  for (const size of sizes) {
    const { name, default: otherwise, least, most } = size;
    const free = size === outermost ? Math.min(n, 2) : n;
    const value = otherwise === undefined ? free : sizeOf(otherwise, found);
    if (value < least || value > most) return undefined;
    found[name] = value;
  }
  const isMet = ({ left, relation, right }: (typeof requirements)[number]): boolean => {
    const [a, b] = [sizeOf(left, found), sizeOf(right, found)];
    return relation === "==" ? a === b : a <= b;
  };
  return requirements.every(isMet) ? found : undefined;
}
