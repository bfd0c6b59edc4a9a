/** The roles of the arguments of a function and its derivative: input, output, incoming gradient, parameters. */
import { dy, x, y } from "../../ir/build.js";
import { variableOf, type Expr } from "../../ir/expr.js";
import { mentions } from "../interpreter/syntax.js";
import { quote, type Reason, type Span, type Refuse } from "../place.js";
import { isBackwardName, isGradientName, isHandedOver, isOutputName, membersLeftBy, predictedAmong } from "../roles.js";
import type { Symbols } from "../symbols.js";
import type { NamedFunction } from "./functions.js";
import { choiceFor } from "./choices.js";
import type { Reader } from "./reader.js";
import type { Expression, FunctionNode } from "./syntax.js";
import { MANY_ARGUMENTS, PATTERN } from "./unreadable.js";
import type { Value } from "./values.js";

/** An argument, or one of the names of a destructured argument. */
interface Flat extends Span {
  readonly name: string;
  /** Which argument it is; that of a destructured one is told by `key` too. */
  readonly index: number;
  readonly key?: string;
  readonly initial?: Expression;
  readonly optional: boolean;
}

const flatten = ({ args }: FunctionNode): readonly Flat[] =>
  args.flatMap(({ target, initial }, index): readonly Flat[] => {
    const { start, end } = target;
    const optional = initial !== undefined;
    if (target.kind === "name")
      return [{ name: target.name, index, ...(optional && { initial }), optional, start, end }];
    if (target.kind === "unreadable") return [];
    return target.fields.map(({ key, local, initial, start, end }) => {
      const ofField = initial === undefined ? {} : { initial };
      return { name: local, key, index, ...ofField, optional: true, start, end };
    });
  });

/** Each argument is compared with each of another function. */
const MOST_ARGUMENTS = 100;

/** The input of a function: what its comment says, else `x`, of a loss what is predicted, else its first argument that is no kind. */
export function inputOf({ node }: NamedFunction, reader: Asking, symbols: Symbols): Flat | Reason {
  const all = flatten(node).filter(
    ({ name, key = name, initial }) => choiceFor(symbols(key), initial, reader) === undefined,
  );
  if (all.length > MOST_ARGUMENTS) return MANY_ARGUMENTS;
  const tagged = node.tags.find(({ name }) => name === "input");
  if (tagged !== undefined)
    return all.find(({ name }) => name === wordOf(tagged.text)) ?? noSuchArgument("input", tagged.text);
  const predicted = predictedAmong(all.map(({ name }) => name));
  const input = all.find(({ name }) => name === "x") ?? all[predicted ?? 0];
  if (input === undefined)
    return { message: "this function has no argument", hint: "a function and its derivative need an input" };
  reader.choices.readAs(symbols(input.key ?? input.name), x);
  return input;
}
type Asking = Pick<Reader, "peek" | "choices">;

const wordOf = (text: string): string => text.split(/\s+/)[0]!;
const noSuchArgument = (tag: string, text: string): Reason => ({
  message: `"@${tag}" names ${quote(wordOf(text))}, which is no argument of this function`,
  hint: "name one of its arguments",
});

/** Tags that say what an argument is. */
const ROLES: ReadonlyMap<string, Expr> = new Map([
  ["input", x],
  ["output", y],
  ["gradient", dy],
]);

/** Our variables for the names in two functions, and the names that the second one has for them. */
export interface Binding {
  readonly ofBase: readonly (Value | undefined)[];
  readonly ofDerivative: readonly (Value | undefined)[];
  readonly names: ReadonlyMap<string, string>;
  /** The kinds that arguments are read for, `kind = "relu"`, as far as they have been asked for. */
  readonly notes: ReadonlySet<string>;
  /** Nothing but names and positions says that the derivative gets the input, and not the output. */
  readonly mayBeOfOutput: boolean;
  /** The only argument of which nothing else is told: it is the incoming gradient, if the result is proportional to it. */
  readonly guessed?: Span & { readonly reason: Reason };
}

export function bindArguments(
  base: NamedFunction,
  derivative: NamedFunction,
  input: Flat,
  refuse: Refuse,
  { peek, choices }: Asking,
  symbols: Symbols,
): Binding {
  // Which of the items is the input is not said.
  for (const { target } of [...base.node.args, ...derivative.node.args])
    if (target.kind === "fields" && target.isList) refuse(target, PATTERN);
  const names = new Map([["x", input.name]]);
  const notes = new Set<string>();
  const name = (expr: Expr, written: string): Expr => {
    names.set(variableOf(expr).name, written);
    return expr;
  };
  const ofBase = new Map(
    flatten(base.node).map(
      (arg) => [arg, isSame(arg, input) ? x : name(symbols(arg.key ?? arg.name, "", arg.initial), arg.name)] as const,
    ),
  );

  const ours = new Map<Flat, Expr>();
  const all = flatten(derivative.node);
  if (all.length > MOST_ARGUMENTS) refuse(derivative.place, MANY_ARGUMENTS);
  const waiting = (): readonly Flat[] => all.filter((arg) => !ours.has(arg));
  const give = (arg: Flat, expr: Expr): void => void ours.set(arg, name(expr, arg.name));
  const isFree = (expr: Expr): boolean => ![...ours.values()].includes(expr);

  for (const { name: role, text, start } of derivative.node.tags) {
    const expr = ROLES.get(role);
    if (expr === undefined) continue;
    const meant = waiting().find((arg) => arg.name === wordOf(text));
    if (meant === undefined) refuse({ start, end: start + role.length + 1 }, noSuchArgument(role, text));
    else give(meant, expr);
  }
  for (const arg of waiting())
    for (const [other, expr] of ofBase)
      if ((other.key ?? other.name) === (arg.key ?? arg.name) && isFree(expr)) give(arg, expr);
  for (const [isNamed, expr] of [
    [isGradientName, dy],
    [isOutputName, y],
  ] as const) {
    const meant = waiting().find(
      (arg) => arg.key === undefined && arg.initial?.kind !== "number" && isNamed(arg.name, derivative.name),
    );
    if (meant !== undefined && isFree(expr)) give(meant, expr);
  }
  const isHanded = isFree(dy) && isHandedOver(membersLeftBy(base.node.body), derivative.name, derivative.node.body);
  for (const arg of waiting())
    for (const [other, expr] of ofBase)
      if (other.key === undefined && arg.key === undefined && other.index === arg.index && isFree(expr))
        if (!(isHanded && expr === x && !arg.optional)) give(arg, expr);
  // Who leaves an argument out must get the same function.
  for (const [arg, expr] of ours)
    for (const [other, same] of ofBase) {
      if (same !== expr || arg.initial === undefined || other.initial === undefined) continue;
      if (arg.initial !== other.initial && !isSameValue(peek(arg.initial), peek(other.initial)))
        refuse(arg, {
          message: `${quote(arg.name)} has another default here than in ${quote(base.name)}`,
          hint: "give both the same default, or leave it out in both",
        });
    }
  const isRead = (arg: Flat): boolean => mentions(derivative.node.body, new Set([arg.name]));
  const untold = ({ name, start, end }: Flat): Span & { readonly reason: Reason } => ({
    start,
    end,
    reason: {
      message: `it cannot be told what ${quote(name)} is: the input, the output or the incoming gradient`,
      hint: `call it "${input.name}" as "${base.name}" does, "y" for the output, "dy" for the gradient, or write "@input ${name}", "@output ${name}" or "@gradient ${name}" in its comment`,
    },
  });
  for (const arg of waiting())
    if (arg.optional || !isRead(arg)) give(arg, symbols(arg.key ?? arg.name, "", arg.initial));
  const [last, ...others] = waiting();
  const ofInput = [...ours].find(([, expr]) => expr === x)?.[0];
  const isOutput = !isBackwardName(derivative.name) && ofInput !== undefined && !isRead(ofInput) && isFree(y);
  const isGradient = isBackwardName(derivative.name) && isFree(dy);
  if (last !== undefined) {
    const { reason, ...place } = untold(last);
    if (others.length > 0 || (!isOutput && !isGradient)) refuse(place, reason);
    give(last, isOutput ? y : dy);
  }

  const kindOf = (expr: Expr, written: string, initial: Expression | undefined): Value | undefined => {
    const choice = choiceFor(expr, initial, { peek, choices });
    if (choice !== undefined) notes.add(`${written} = ${choice.name}`);
    return choice?.value;
  };
  const values = (node: FunctionNode, known: ReadonlyMap<Flat, Expr>): readonly (Value | undefined)[] => {
    const written = new Set([...known.keys()].map((arg) => arg.name));
    return node.args.map(({ initial }, index) => {
      const here = [...known].filter(([arg]) => arg.index === index);
      const [arg, whole] = here.find(([each]) => each.key === undefined) ?? [];
      const member = (key: string): Value => {
        const [field, expr = name(symbols(key), key)] = here.find(([each]) => each.key === key) ?? [];
        return kindOf(expr, key, field?.initial) ?? { kind: "number", expr };
      };
      if (whole === undefined) return { kind: "object", member };
      // `s = sigmoid(x)` is no parameter: it follows from the others.
      if (whole !== y && mentions(initial, written)) return undefined;
      if (whole === x || whole === y || whole === dy) return { kind: "number", expr: whole };
      // Another argument may turn out to be an object of options.
      return kindOf(whole, arg!.name, initial) ?? { kind: "number", expr: whole, member };
    });
  };
  const mayBeOfOutput = !derivative.node.tags.some(({ name }) => name === "input");
  return {
    ofBase: values(base.node, ofBase),
    ofDerivative: values(derivative.node, ours),
    names,
    notes,
    mayBeOfOutput,
    ...(last !== undefined && !isOutput && { guessed: untold(last) }),
  };
}

const isSameValue = (p: Value | undefined, q: Value | undefined): boolean =>
  (p?.kind === "number" && q?.kind === "number" && p.expr === q.expr) ||
  (p?.kind === "text" && q?.kind === "text" && p.text === q.text);

const isSame = (a: Flat, b: Flat): boolean => a.index === b.index && a.key === b.key;
