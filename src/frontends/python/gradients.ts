/** Forward's results and backward's gradients to claims, one for each input that gets a gradient. */
import { add, constant, dy, log, mul, neg, select, x, y } from "../../ir/build.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { reason, type Reason, type Span } from "../place.js";
import type { Pair, ReadClaim } from "../report.js";
import type { Symbols } from "../symbols.js";
import { finiteParameters } from "./arithmetic.js";
import { maskReason } from "./blocks.js";
import type { Input } from "./inputs.js";
import { partsOf, type Layout } from "./parts.js";
import type { Flavour, Reader } from "./reading.js";
import { INCOMING, INFINITE, PLUMBING, REDUCTION, RESHAPES } from "./unreadable.js";
import { NONE, asNumber, tensor, type Memory, type Tensor, type Value } from "./values.js";

/** A claim on one of the inputs of a function, with the incoming gradient dy as a factor, but for functions of several results. */
export interface Gradient extends ReadClaim {
  readonly place: Span;
  /** By what the formula is differentiated, where it is another than the input x. */
  readonly variable?: Expr;
  /** The name of that input, where there are others. */
  readonly by?: string;
  /** For a function of several results, the gradients from above that are in the formula and in the claim. */
  readonly gradients?: readonly Expr[];
  readonly flavour: Flavour;
  /** Why it was read for a part of the inputs alone. */
  readonly part?: string;
}
export type PythonPair = Pair<Gradient>;

export interface Reading {
  readonly text: string;
  readonly reader: Reader;
  readonly symbols: Symbols;
  /** How tensors are cut, where they are. */
  readonly layout?: Layout;
  /** Something to be said besides the claims that are made. */
  readonly report: (place: Span, reason: Reason) => void;
}

/** The results of a function, and the one formula of which the gradients are derivatives. */
export interface Results {
  readonly formula: Expr;
  /** The gradient from above for each result. */
  readonly incoming: readonly Tensor[];
  /** The arguments of backward: these, or a tensor of them as its parts. */
  readonly passed: readonly Value[];
  /** The only result, which backward may have as y. */
  readonly output?: Memory;
  /** Where there are several, the variables that stand for the gradients of each. */
  readonly gradients?: readonly Expr[];
}

const NO_TENSOR = reason(
  "this returns no tensor that a gradient could be of",
  "return what is computed from the input",
);

/**
 * The gradient of results u, v, ... with the gradients g, h, ... from above is the derivative of g·u + h·v + ...; that of
 * one result is dy times its own.
 */
export function resultsOf(
  result: Value,
  place: Span,
  { reader, symbols }: Reading,
  isConstant: (memory: Memory) => boolean,
): Results {
  const items = result.kind === "tuple" || result.kind === "parts" ? result.items : [result];
  const differentiable = items.filter(
    (item): item is Tensor => item.kind === "tensor" && !isConstant(item.memory) && !isCondition(item.memory.content),
  );
  const sum = items.find((item) => item.kind === "sum");
  if (sum?.kind === "sum") return reader.refuse(sum.place, REDUCTION);
  if (differentiable.length === 0)
    return reader.refuse(
      place,
      result.kind === "refused" ? result.reason : result.kind === "plumbing" ? PLUMBING : NO_TENSOR,
    );
  const masked = differentiable.find(({ memory }) => memory.mask !== undefined);
  if (masked !== undefined) return reader.refuse(place, maskReason(masked));
  const gradientOf = new Map<Value, Expr>(
    differentiable.map((item, i) => [item, differentiable.length === 1 ? dy : symbols(`dy${i + 1}`, "incoming")]),
  );
  const incoming = items.map((item) => tensor(gradientOf.get(item) ?? constant(0), { guard: INCOMING }));
  const passed = result.kind === "parts" ? [partsOf(incoming)] : incoming;
  const [only, ...others] = differentiable;
  if (others.length === 0) return { formula: only!.memory.content, incoming, passed, output: only!.memory };
  const terms = differentiable.map((item) => mul(gradientOf.get(item)!, item.memory.content));
  const gradients = differentiable.map((item) => gradientOf.get(item)!);
  return { formula: terms.reduce((sum, term) => add(sum, term)), incoming, passed, gradients };
}

/** A result that is worth a name of its own: not the input as it is, nor a number. */
export const isNamed = (formula: Expr): boolean => formula.op !== "variable" && !formula.closed;

/** From here on the only result reads as y. */
export function nameOutput({ output, formula }: Results): void {
  if (output !== undefined && isNamed(formula)) output.content = y;
}

export interface Named {
  readonly name: string;
  readonly derivativeName: string;
  readonly place: Span;
  readonly names: ReadonlyMap<string, string>;
  readonly notes?: readonly string[];
  readonly flavour: Flavour;
}

/** The claims that a list of gradients makes. */
export function claimsOf(
  results: Results,
  given: readonly Input[],
  returned: readonly Value[],
  named: Named,
  { reader, report }: Reading,
  /** The input is surely a tensor, which may want a gradient. */
  isTensor: (input: Input) => boolean,
): readonly Gradient[] {
  const { place } = named;
  const [inputs, gradients] = inPieces(given, returned, (at) => reader.refuse(place, at));
  const notes = [...(named.notes ?? []), ...inputs.flatMap(({ note }) => (note === undefined ? [] : [note]))];
  const replacements = reader.promises();
  const several = inputs.filter(({ variable }) => variable !== undefined).length > 1;
  notes.push(...reader.assumptions());
  const claims = inputs.flatMap(({ parameter, variable }, i): readonly Gradient[] => {
    const gradient = gradients[i];
    if (variable === undefined) return [];
    if (gradient === undefined || gradient.kind === "none") {
      if (variable !== x && variables(results.formula).includes(variable) && isTensor(inputs[i]!))
        report(place, NO_GRADIENT(parameter.name));
      return [];
    }
    if (gradient.kind === "refused") reader.refuse(place, gradient.reason);
    if (gradient.kind === "plumbing") reader.refuse(place, PLUMBING);
    // All elements share what is no input itself, so that its gradient is the sum of theirs.
    if (gradient.kind === "sum" && variable === x) reader.refuse(gradient.place, REDUCTION);
    const content =
      gradient.kind === "sum"
        ? gradient.content
        : (asNumber(gradient) ?? reader.refuse(place, NO_GRADIENT(parameter.name)));
    if (gradient.kind === "tensor" && gradient.memory.mask !== undefined) reader.refuse(place, maskReason(gradient));
    reader.requireValues(results.formula, content);
    if (topological([results.formula, content]).some(({ op }) => op === "float")) reader.refuse(place, INFINITE);
    // A gradient without the one from above is wrong but where both are 0.
    const claim = results.output === undefined || variables(content).includes(dy) ? content : add(content, mul(0, dy));
    return [
      {
        ...named,
        ...within(reader, results.formula, claim),
        ...(variable !== x && { variable: substitute(variable, replacements) }),
        notes,
        ...(several && { by: parameter.name }),
        ...(results.gradients !== undefined && { gradients: results.gradients }),
      },
    ];
  });
  const main = inputs.findIndex(({ variable }) => variable !== undefined && variableOf(variable).role === "input");
  const isMissing = (gradients[main]?.kind ?? "none") === "none" && inputs[main] !== undefined;
  if (claims.length === 0 || (isMissing && variables(results.formula).includes(inputs[main]!.variable!)))
    reader.refuse(place, NO_GRADIENT(inputs[main]?.parameter.name ?? "the input"));
  return claims;
}

/** Inputs that are cut, and their gradients, part by part. */
function inPieces(
  inputs: readonly Input[],
  gradients: readonly Value[],
  refuse: (reason: Reason) => never,
): readonly [readonly Input[], readonly Value[]] {
  const pieces = inputs.map((input, i): readonly (readonly [Input, Value | undefined])[] => {
    const gradient = gradients[i];
    if (input.parts === undefined) return [[input, gradient]];
    if (gradient?.kind !== "parts" || gradient.items.length !== input.parts.length) return refuse(RESHAPES);
    return input.parts.map((part, index) => [part, gradient.items[index]]);
  });
  return [pieces.flat().map(([input]) => input), pieces.flat().map(([, gradient]) => gradient ?? NONE)];
}

/** A claim for those parameters for which the function does not raise. */
export function within(reader: Reader, formula: Expr, claim: Expr): Pick<Gradient, "formula" | "claim" | "part"> {
  const promised = reader.promises();
  const holes = [...reader.holes(), ...finiteParameters(formula, claim)];
  const inside = holes.reduce((value, condition) => select(condition, value, NOWHERE), formula);
  const part = reader.part();
  return {
    formula: substitute(inside, promised),
    claim: substitute(claim, promised),
    ...(part !== undefined && { part }),
  };
}

/** It has no value, so that nothing is claimed where it is chosen. */
const NOWHERE = log(neg(constant(1)));

/** `what` takes so many inputs, and other gradients are returned. */
export const COUNT = (found: number, what: string, wanted: number): Reason =>
  reason(
    `this returns ${found === 1 ? "one gradient" : `${found} gradients`}, and ${what} takes ${wanted} inputs`,
    "return a gradient for each input, None for those that need none",
  );
export const OTHER_VALUE = reason(
  "this does not compute its value as the function itself does, so which of both counts depends on who calls",
  "call the function in it",
);

const NO_GRADIENT = (name: string) =>
  reason(`this gives no gradient for "${name}"`, "return a tensor for each input that the result depends on");
