/** Forms for parameters at their defaults, where these vanish from the formula: a product with 1 rounds nothing. */
import { and, constant, eq, select } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import { rebuild, substitute, type Expr } from "../ir/expr.js";
import { tensorTime } from "../symbolic/lean-forms.js";
import type { ChainProof } from "../symbolic/prove/chain.js";

/** A form is taken for the defaults alone where it takes at most this share of the time of the one for all numbers. */
const WORTH = 0.8;

/** Products and quotients with it are exact. */
const isExact = (value: number): boolean =>
  value === 0 || Math.abs(value) === Infinity || Number.isInteger(Math.log2(Math.abs(value)));

/** The definition without parameters, which are all at their defaults; undefined where a form of its own would gain nothing. */
export function atDefaults(definition: Definition): Definition | undefined {
  const { parameters, formula, kinks, gradient, inLayers: _, ...rest } = definition;
  if (parameters.length === 0 || gradient !== undefined) return undefined;
  if (parameters.some(({ learnable, default: value }) => learnable !== false || !isExact(value))) return undefined;
  const values = new Map(parameters.map(({ symbol, default: value }) => [symbol, constant(value)]));
  const at = (expr: Expr): Expr => withoutBeyond(substitute(expr, values));
  return { ...rest, parameters: [], samples: [], formula: at(formula), kinks: kinks.map(at) };
}

const INFINITY = constant(Infinity);

/** Nothing is beyond infinity. */
const withoutBeyond = (expr: Expr): Expr =>
  rebuild([expr], (node) => {
    const [condition, , no] = node.args;
    return node.op === "select" && condition!.op === "lt" && condition!.args[0] === INFINITY ? no! : node;
  }).get(expr)!;

/** A form for all numbers and a quicker one for the defaults as one expression; the first alone where the second is no gain. */
export function chosenByDefaults({ parameters }: Definition, general: Expr, usual: Expr): Expr {
  if (tensorTime(usual) > WORTH * tensorTime(general)) return general;
  const isUsual = parameters.map(({ symbol, default: value }) => eq(symbol, constant(value))).reduce(and);
  return select(isUsual, usual, general);
}

/** The proof that two forms are right, each where it is taken. */
export function provedTogether(one: ChainProof, other: ChainProof): ChainProof {
  const [unproved] = [one, other].filter(({ verdict }) => verdict !== "proved" && verdict !== "equal-except");
  if (unproved !== undefined) return unproved;
  const at = [...(one.at ?? []), ...(other.at ?? [])];
  const known = new Set(one.approximations.map((each) => JSON.stringify(each)));
  const approximations = [
    ...one.approximations,
    ...other.approximations.filter((each) => !known.has(JSON.stringify(each))),
  ];
  return at.length === 0 ? { verdict: "proved", approximations } : { verdict: "equal-except", at, approximations };
}
