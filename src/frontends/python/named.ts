/** A function and its derivative by their names, or one function with a flag, of a file or of a class: run on symbols. */
import { constant, dy, x, y } from "../../ir/build.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { createPairing, isFlag, type Nameable } from "../pairing.js";
import { reason, type Span } from "../place.js";
import { isOfOtherFile } from "./assumptions.js";
import { maskReason } from "./blocks.js";
import { lineage } from "./classes.js";
import { within, type Gradient, type Reading } from "./gradients.js";
import { NO_INPUT, inputsOf, type Input } from "./inputs.js";
import { instanceOf, type Instance } from "./instances.js";
import type { Flavour } from "./reading.js";
import { checkGuess, rolesOf, valueOf } from "./roles.js";
import type { FunctionNode, Parameter } from "./syntax.js";
import { INFINITE, NO_NUMBER, PLUMBING, REDUCTION } from "./unreadable.js";
import { FALSE, TRUE, asNumber, type ClassValue, type FunctionValue, type Value } from "./values.js";

export interface NamedFunction extends Nameable {
  readonly node: FunctionNode;
  readonly value: FunctionValue;
  /** The class that it is a method of. */
  readonly of?: ClassValue;
  /** It is of another file. */
  readonly isOfOthers?: boolean;
  /** Taken for granted of it, in words. */
  readonly note?: string;
}

export interface NamedPair {
  readonly kind: "pair";
  readonly path: string;
  readonly base: NamedFunction;
  readonly derivative: NamedFunction;
  /** Both are one function, and this argument says which is wanted. */
  readonly flag?: string;
  /** Nothing but their places in a pair says so: the dictionary in which others like them are. */
  readonly guess?: string;
}

/** Those by names, and guesses at others; a pair by two names counts once. */
export function pairsOf(functions: readonly NamedFunction[], guesses: readonly NamedPair[] = []): readonly NamedPair[] {
  const baseOf = createPairing(functions);
  const known = new Set<string>();
  const isNew = ({ base, derivative }: NamedPair): boolean => {
    const key = [base, derivative].map(({ node }) => node.start).join(" ");
    const before = known.size;
    return known.add(key).size > before || base.isOfOthers === true;
  };
  const byName = functions.flatMap((derivative): readonly NamedPair[] => {
    const { path, node } = derivative;
    // It is read in its own file; how an instance is made is no derivative.
    if (derivative.isOfOthers === true || derivative.name === "__init__") return [];
    const found = baseOf(derivative);
    // Second derivatives are found, so that they are not taken for others.
    if (found !== undefined && (isAbstract(node) || isAbstract(found.base.node))) return [];
    // Two functions of nothing, to be called later.
    if (found !== undefined && [node, found.base.node].every(({ parameters }) => parameters.length === 0)) return [];
    if (found !== undefined) return found.order === 1 ? [{ kind: "pair", path, base: found.base, derivative }] : [];
    const flag = node.parameters.find(({ name }) => isFlag(name, node.body))?.name;
    return flag === undefined ? [] : [{ kind: "pair", path, base: derivative, derivative, flag }];
  });
  return [...byName, ...guesses].filter(isNew);
}

/** Nothing but what says that others are to define it. */
export function isAbstract({ body }: FunctionNode): boolean {
  const statements = body.kind === "block" ? body.body : [body];
  return statements.every(
    (each) =>
      each.kind === "raise" ||
      (each.kind === "block" && each.body.length === 0) ||
      (each.kind === "return" && each.value === undefined) ||
      (each.kind === "expression" && (each.value.kind === "text" || each.value.kind === "ellipsis")),
  );
}

export function readNamed({ base, derivative, flag }: NamedPair, reading: Reading): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  const written = ({ start, end }: Span): string => text.slice(start, end);
  const flavour = flavourOf(text, base.node, derivative.node);
  reader.begin(flavour);
  const { of } = derivative;
  if (of !== undefined) reader.checkClass(of, [base.name, derivative.name]);
  const made = of === undefined || base.of === undefined ? undefined : instanceOf(of, [base, derivative], reading);
  const bound = (each: NamedFunction): readonly Value[] =>
    made === undefined ? [] : reader.boundTo(each.value, made.self);
  const parametersOf = (each: NamedFunction): readonly Parameter[] =>
    each.node.parameters
      .slice(bound(each).length)
      .filter(({ kind, name }) => kind !== "list" && kind !== "table" && name !== flag);

  const parameters = parametersOf(base);
  if (parameters.length === 0) return reader.refuse(base.node.place, NO_INPUT);
  const inputs = inputsOf(parameters, symbols, written, reader.refuse, reader.choices).map(whileTraining);
  const given = new Map(inputs.map((input) => [input.parameter.name, input]));

  const run = (each: NamedFunction, values: ReadonlyMap<string, Value>, asked: Value): Value => {
    const byName = flag === undefined ? values : new Map([...values, [flag, asked]]);
    const before = attributesOf(made?.self);
    const returned = reader.call(each.value, bound(each), byName);
    if (returned.kind === "rows") return returned.each;
    return returned.kind === "none" ? (leftIn(made?.self, before) ?? returned) : returned;
  };
  const numberOf = (result: Value, { node: { place } }: NamedFunction): Expr => {
    if (result.kind === "refused") return reader.refuse(place, result.reason);
    if (result.kind === "plumbing") return reader.refuse(place, PLUMBING);
    if (result.kind === "sum") return reader.refuse(result.place, REDUCTION);
    if (result.kind === "tensor" && result.memory.mask !== undefined) return reader.refuse(place, maskReason(result));
    return asNumber(result) ?? reader.refuse(place, NO_NUMBER);
  };
  const before = attributesOf(made?.self);
  const computed = run(base, new Map([...given].map(([name, input]) => [name, valueOf(input)])), FALSE);
  if (made !== undefined) remember(made.self, [...given.values()].map(valueOf), computed, reading);
  // `return out, cache`: the second is for the derivative.
  const isPair = derivative !== base && computed.kind === "tuple" && computed.items.length === 2;
  const formula = numberOf(isPair ? computed.items[0]! : computed, base);
  const kept = isPair ? computed.items[1]! : undefined;
  const left = new Set(
    [...attributesOf(made?.self)].flatMap(([name, now]) => (now === before.get(name) ? [] : [name])),
  );
  const node = { ...derivative.node, name: derivative.name };
  const roles = rolesOf(parametersOf(derivative), inputs, node, { kept, left }, reading);
  const main = inputs.find(({ variable }) => variable === x)!;
  const gradients = gradientsIn(run(derivative, roles.values, TRUE), inputs, main).map(([input, value]) => {
    // All elements share what is no input itself, so that its gradient is the sum of theirs.
    const claim = value.kind === "sum" && input !== main ? value.content : numberOf(value, derivative);
    checkGuess(roles, claim, inputs, reading);
    return [input, claim] as const;
  });
  const claims = gradients.map(([, claim]) => claim);
  if (flag !== undefined && claims.includes(formula)) return reader.refuse(derivative.node.place, NO_FLAG);
  reader.requireValues(formula, ...claims);
  if (topological([formula, ...claims]).some(({ op }) => op === "float"))
    return reader.refuse(derivative.node.place, INFINITE);

  const taken = [base.note, derivative.note].filter((note) => note !== undefined);
  const assumed = new Set([...reader.assumptions(), ...taken]);
  const notes = [...inputs.flatMap(({ note }) => note ?? []), ...(made?.notes ?? []), ...assumed];
  const names = new Map([
    ["x", main.parameter.name],
    ...inputs.flatMap(({ variable, parameter }) =>
      variable === undefined ? [] : [[variableOf(variable).name, parameter.name] as const],
    ),
    ...(made?.names ?? []),
  ]);
  return gradients.map(([{ variable, parameter }, claim]): Gradient => {
    const used = variables(claim);
    const mayBeOfOutput = gradients.length === 1 && used.includes(x) && !used.includes(y);
    const isCalledOutput = gradients.length === 1 && used.includes(y) && !used.includes(x);
    return {
      name: base.path,
      derivativeName: derivative.path + (flag === undefined ? "" : ` with ${flag} = True`),
      place: derivative.node.place,
      ...within(reader, formula, claim),
      ...(isCalledOutput && { ofInput: within(reader, formula, substitute(claim, new Map([[y, x]]))).claim }),
      ...(mayBeOfOutput && { ofOutput: within(reader, formula, substitute(claim, new Map([[x, y]]))).claim }),
      ...(variable !== undefined && variable !== x && { variable }),
      ...(gradients.length > 1 && { by: parameter.name }),
      notes,
      names,
      flavour,
    };
  });
}

/** The gradient of the input; that of each input, where there are several and as many results with the one from above. */
function gradientsIn(result: Value, inputs: readonly Input[], main: Input): readonly (readonly [Input, Value])[] {
  const given = inputs.filter(({ variable, value }) => variable !== undefined && value.kind === "tensor");
  const items = result.kind === "tuple" ? result.items : [];
  const isGradient = (item: Value): boolean => {
    const expr = item.kind === "sum" ? item.content : asNumber(item);
    return expr !== undefined && (expr === ZERO || variables(expr).includes(dy));
  };
  if (given.length < 2 || items.length !== given.length || !items.every(isGradient))
    return [[main, gradientIn(result)]];
  return given.map((input, i) => [input, items[i]!]);
}
const ZERO = constant(0);

/** The attributes that a base of another file is taken to keep of a call of forward. */
function remember({ context }: Instance["self"], inputs: readonly Value[], result: Value, { reader }: Reading): void {
  if (!lineage(context.of!, reader.peek).libraries.some(isOfOtherFile)) return;
  const kept: Readonly<Record<string, readonly Value[]>> = {
    inputs,
    outputs: result.kind === "tuple" ? result.items : [result],
  };
  for (const [name, items] of Object.entries(kept))
    if (!context.attributes.has(name))
      context.attributes.set(name, {
        content: () => {
          reader.assume(`self.${name} taken to be those of forward`);
          return { kind: "tuple", items };
        },
      });
}

/** `train = False` and the like: gradients are for calls that keep what they need. */
const whileTraining = (input: Input): Input => {
  const { name, initial } = input.parameter;
  if (initial?.kind !== "truth" || !TRAINING.test(name)) return input;
  return { parameter: input.parameter, value: TRUE, note: `${name} = True` };
};
const TRAINING =
  /^(?:is_)?(?:train|training|entrenando|(?:save|keep|store)_?(?:cache|derived|grad)?|cache|retain_derived)$/i;

/** Of several results the one that has the gradient from above in it: `return da, dz`. */
function gradientIn(result: Value): Value {
  if (result.kind !== "tuple") return result;
  const found = result.items.filter((item) => {
    const expr = asNumber(item);
    return expr !== undefined && variables(expr).includes(dy);
  });
  return found.length === 1 ? found[0]! : result;
}

type Attributes = ReadonlyMap<string, Value | (() => Value)>;
const attributesOf = (self: Instance["self"] | undefined): Attributes =>
  new Map([...(self?.context.attributes ?? [])].map(([name, { content }]) => [name, content]));

/** The attribute that a method without a result leaves: the only one that it computes, rather than keeps; the input, where it only keeps that. */
function leftIn(self: Instance["self"] | undefined, before: Attributes): Value | undefined {
  const written = [...attributesOf(self)].flatMap(([name, content]): readonly Value[] =>
    typeof content === "function" || content === before.get(name) || asNumber(content) === undefined ? [] : [content],
  );
  const found = written.filter((value) => asNumber(value) !== x);
  return found.length === 0 ? written[0] : found.length === 1 ? found[0] : undefined;
}

const NO_FLAG = reason(
  "this gives the same with its flag and without it",
  "give the function and its derivative names of their own",
);
/** `parts`: what is read of a file that has NumPy as well, which may not be about tensors at all. */
export function flavourOf(text: string, ...parts: readonly Span[]): Flavour {
  if (/^\s*(?:import|from)\s+torch\b/m.test(text)) return "torch";
  if (!/^\s*(?:import|from)\s+tensorflow\b/m.test(text)) return "numpy";
  const isOfArrays = ({ start, end }: Span): boolean =>
    /\bnp\s*\./.test(text.slice(start, end)) && !/\b(?:tf|K|keras|tensorflow)\s*\./.test(text.slice(start, end));
  return parts.length > 0 && parts.every(isOfArrays) ? "numpy" : "tensorflow";
}
