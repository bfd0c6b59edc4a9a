/** Lists of the numbers that one was made of, with the gradient along each: `((x, lambda g: g * s), ...)`, or `((x, s), ...)`. */
import { add, dy, mul } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { known } from "../interpreter/scopes.js";
import { piecesOf } from "../interpreter/syntax.js";
import type { Reading } from "./gradients.js";
import type { Instance } from "./nodes.js";
import type { Expression, FunctionNode } from "./syntax.js";
import { INCOMING } from "./unreadable.js";
import { asNumber, tensor, type Value } from "./values.js";

type Piece = Readonly<Record<string, unknown>>;

/** Whether a list of such pairs of one of its arguments stands in a function. */
export function tellsParents({ body, parameters }: FunctionNode): boolean {
  const names = new Set(parameters.map(({ name }) => name));
  const isPair = ({ kind, items }: Piece): boolean => {
    const [first, second, ...others] = kind === "tuple" ? (items as readonly Expression[]) : [];
    return first?.kind === "name" && names.has(first.name) && second !== undefined && others.length === 0;
  };
  return [...piecesOf(body)].some(({ kind, items }) => kind === "tuple" && (items as readonly Piece[]).some(isPair));
}

/** The gradient that a result's own list of pairs passes on to the number, and the name of that list. */
export function alongParents(
  result: Instance,
  self: Instance,
  { reader }: Reading,
): { readonly name: string; readonly claim: Expr } | undefined {
  for (const [name, cell] of result.context.attributes) {
    const list = known(cell);
    const pairs = list?.kind === "tuple" ? list.items : [];
    const along = pairs.map((pair) => (pair.kind === "tuple" && isOf(pair.items[0], self) ? pair.items[1] : undefined));
    const gradients = along.map((value): Expr | undefined => {
      if (value?.kind !== "function") return value && asFactor(asNumber(value));
      return asNumber(reader.call(value, [tensor(dy, { single: true, guard: INCOMING })]));
    });
    const [first, ...others] = gradients.filter((each) => each !== undefined);
    if (first !== undefined) return { name, claim: others.reduce((sum, each) => add(sum, each), first) };
  }
  return undefined;
}

const isOf = (value: Value | undefined, { context }: Instance): boolean =>
  value?.kind === "context" && value.context === context;
const asFactor = (factor: Expr | undefined): Expr | undefined => factor && mul(dy, factor);
