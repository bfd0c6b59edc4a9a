/** Functions of TensorFlow.js on tensors, element by element, and what its kernels compute. */
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { MAYBE_INFINITE } from "../interpreter/refusals.js";
import { FUNCTIONS, powerOf, type Row } from "../functions.js";
import type { Comparison, Partial } from "../partial.js";
import type { Reason } from "../place.js";
import { builtin } from "./globals.js";
import { asNumber, asTruth, isReason, valueOf, type Builtin, type Value } from "./values.js";

/** A name that a file imports, and from where; `*` is everything. */
export interface Imported {
  readonly local: string;
  readonly name: string;
  readonly from: string;
}

const unary = (build: (u: Expr) => Expr): Row => ({ count: 1, build });
const binary = (build: (u: Expr, v: Expr) => Expr): Row => ({ count: 2, build });
const exponential = (u: Expr): Expr => b.sub(b.exp(u), 1);
const positive = (u: Expr): Expr => b.gt(u, 0);

/** By the names of functions, which are those of kernels with a small letter. */
const ROWS: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(
    "exp expm1 log log1p sqrt abs sin cos sinh cosh tanh sigmoid softplus asinh acosh atanh atan erf sign tan rsqrt reciprocal"
      .split(" ")
      .flatMap((name) => (FUNCTIONS.has(name) ? [[name, FUNCTIONS.get(name)!]] : [])),
  ),
  neg: unary(b.neg),
  square: unary((u) => b.naturalPower(u, 2)),
  rsqrt: unary((u) => b.div(1, b.sqrt(u))),
  reciprocal: unary((u) => b.div(1, u)),
  tan: unary((u) => b.div(b.sin(u), b.cos(u))),
  relu: unary((u) => b.max(u, 0)),
  relu6: unary((u) => b.min(b.max(u, 0), 6)),
  elu: unary((u) => b.select(positive(u), u, exponential(u))),
  logSigmoid: unary((u) => b.neg(b.softplus(b.neg(u)))),
  add: binary(b.add),
  sub: binary(b.sub),
  mul: binary(b.mul),
  div: binary(b.div),
  maximum: binary(b.max),
  minimum: binary(b.min),
  squaredDifference: binary((u, v) => b.naturalPower(b.sub(u, v), 2)),
};
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  greater: ">",
  greaterEqual: ">=",
  less: "<",
  lessEqual: "<=",
  equal: "==",
};

/** These give back their argument: a tensor of the number, another type, another shape for all elements alike. */
const SAME = "scalar cast identity clone toFloat tensor";

const special = (apply: Builtin["apply"]): Builtin => ({
  kind: "builtin",
  count: { atLeast: 1 },
  takesAll: true,
  apply,
});
const number = (value: Value | undefined): Expr | undefined => (value === undefined ? undefined : asNumber(value));

/** The functions, by their names. */
export function tensorFunctions(partial: Partial): ReadonlyMap<string, Value> {
  const compared = (comparison: Comparison): Builtin =>
    special(([left, right]): Value | Reason | undefined => {
      const [u, v] = [number(left), number(right)];
      const told = u && v && partial.compare(comparison, u, v);
      if (u === undefined || v === undefined) return undefined;
      if (told === undefined) return MAYBE_INFINITE;
      return typeof told === "boolean" ? { kind: "truth", value: told } : { kind: "condition", expr: told };
    });
  const step = special(([value, alpha]) => {
    const [u, slope] = [number(value), alpha === undefined ? b.constant(0) : number(alpha)];
    return u && slope && valueOf(b.select(positive(u), 1, slope));
  });
  const where = special(([condition, yes, no]) => {
    const truth = condition === undefined ? undefined : asTruth(condition);
    const [u, v] = [number(yes), number(no)];
    if (truth === undefined || u === undefined || v === undefined || condition?.kind === "number") return undefined;
    return valueOf(truth.kind === "truth" ? (truth.value ? u : v) : b.select(truth.expr, u, v));
  });
  const same = special(([value]) => {
    const u = number(value);
    return u && valueOf(u);
  });
  const clipped = special(([value, low, high]) => {
    const [u, least, most] = [number(value), number(low), number(high)];
    return u && least && most && valueOf(b.min(b.max(u, least), most));
  });
  const leaky = special(([value, alpha]) => {
    const [u, slope] = [number(value), alpha === undefined ? b.decimal("0.2") : number(alpha)];
    return u && slope && valueOf(b.select(positive(u), u, b.mul(slope, u)));
  });
  const filled = (content: number): Builtin => special(() => valueOf(b.constant(content)));
  const plain = new Map<string, Builtin>([
    ...Object.entries(ROWS).map(([name, row]) => [name, builtin(row)] as const),
    ["pow", builtin(powerOf(partial))],
    ...Object.entries(COMPARISONS).map(([name, comparison]) => [name, compared(comparison)] as const),
    ...SAME.split(" ").map((name) => [name, same] as const),
    ["step", step],
    ["where", where],
    ["zerosLike", filled(0)],
    ["onesLike", filled(1)],
    ["clipByValue", clipped],
    ["leakyRelu", leaky],
  ]);
  const functions = new Map<string, Value>();
  // Their results are tensors, which have the functions as methods.
  for (const [name, each] of plain)
    functions.set(name, {
      ...each,
      apply: (args) => {
        const result = each.apply(args);
        return result !== undefined && !isReason(result) && result.kind === "number"
          ? tensorOf(result.expr, functions)
          : result;
      },
    });
  return functions;
}

/** A tensor, of which each function of tensors is a method. */
export const tensorOf = (expr: Expr, functions: ReadonlyMap<string, Value>): Value => ({
  kind: "number",
  expr,
  member: (name) => {
    const found = functions.get(name);
    if (found?.kind !== "builtin") return undefined;
    const apply: Builtin["apply"] = (args) => found.apply([tensorOf(expr, functions), ...args]);
    return { kind: "builtin", count: { atLeast: 0 }, takesAll: true, apply };
  },
});

export const isTensorFlow = (from: string): boolean => PACKAGE.test(from);
const PACKAGE = /^@tensorflow\/tfjs(?:-core|-node|-node-gpu)?(?:\/|$)/;
/** The library's own files import its functions from beside them. */
const OWN = /(?:^|\/)ops\/\w+$/;
const BESIDE = /^\.\/\w+$/;
const GRADIENTS = /(?:^|\/)gradients$/;
const REGISTRY = /(?:^|\/)kernel_registry$/;
const KERNEL_NAMES = /(?:^|\/)kernel_names$/;

/** The names that a file has from TensorFlow.js. */
export function importedTensors(imports: readonly Imported[], partial: Partial): ReadonlyMap<string, Value> {
  const isOperation = imports.some(({ name, from }) => name === "customGrad" && GRADIENTS.test(from));
  const isOfLibrary = isOperation || imports.some(({ name, from }) => name === "GradConfig" && REGISTRY.test(from));
  const functions = tensorFunctions(partial);
  return new Map(
    imports.flatMap(({ local, name, from }): readonly (readonly [string, Value])[] => {
      if (isOfLibrary && KERNEL_NAMES.test(from)) return [[local, { kind: "text", text: name }]];
      if (!PACKAGE.test(from) && !(isOfLibrary && OWN.test(from)) && !(isOperation && BESIDE.test(from))) return [];
      if (name === "*") return [[local, { kind: "object", member: (member) => functions.get(member) }]];
      const found = functions.get(name);
      if (found !== undefined) return [[local, found]];
      // The names of kernels are exported as well.
      return /^[A-Z]/.test(name) && kernelCalled(name) !== undefined ? [[local, { kind: "text", text: name }]] : [];
    }),
  );
}

/** The function that a kernel of one input computes; `attribute` gives those that it has besides. */
export function kernelCalled(name: string): ((u: Expr, attribute: (name: string) => Expr) => Expr) | undefined {
  if (name === "LeakyRelu") return (u, attribute) => b.select(positive(u), u, b.mul(attribute("alpha"), u));
  if (name === "Step") return (u, attribute) => b.select(positive(u), 1, attribute("alpha"));
  const row = ROWS[name.charAt(0).toLowerCase() + name.slice(1)];
  return row?.count === 1 ? (u) => row.build(u) : undefined;
}
