/** The roles of a derivative's arguments: by names, by the usual words, by what the function leaves for them, and by places. */
import { dy, x, y } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { mentions } from "../interpreter/syntax.js";
import { squash } from "../pairing.js";
import { quote, reason } from "../place.js";
import { isBackwardName, isGradientName, isHandedOver, isOutputName, isProportional } from "../roles.js";
import type { Reading } from "./gradients.js";
import type { Input } from "./inputs.js";
import type { Expression, FunctionNode, Parameter, Statement } from "./syntax.js";
import { INPUT } from "./unreadable.js";
import { tensor, type Value } from "./values.js";

const UNTOLD = (name: string, base: string) =>
  reason(
    `it cannot be told what ${quote(name)} is: the input, the output or the incoming gradient`,
    `call it as ${quote(base)} does, "y" for the output, or "grad" for the gradient from above`,
  );
const DEFAULTS = (name: string, base: string) =>
  reason(
    `${quote(name)} has another default here than in ${quote(base)}`,
    "give both the same default, or leave it out in both",
  );

const UNTOLD_PART: Value = {
  kind: "refused",
  reason: reason("it cannot be told what this is: the input or the output", "return it beside the result"),
};

/** A value of its own for each call; a tensor may be one number as well. */
export const valueOf = ({ value }: Pick<Input, "value">): Value =>
  value.kind === "tensor" ? symbolOf(value.memory.content) : value;
const symbolOf = (expr: Expr): Value => tensor(expr, { single: true, guard: INPUT });

/** Syntax, wherever it is written. */
const written = (expression: Expression): string =>
  JSON.stringify(expression, (key, value: unknown) => (key === "start" || key === "end" ? undefined : value));

export interface Roles {
  readonly values: ReadonlyMap<string, Value>;
  /** The only argument of which nothing else is told: it is the incoming gradient, if the result is proportional to it. */
  readonly guessed?: Parameter;
}

/** Values that a function leaves for its derivative: beside its result, and in members of the object that both are methods of. */
export interface Left {
  readonly kept: Value | undefined;
  readonly left: ReadonlySet<string>;
}

/** The values of a derivative's arguments. */
export function rolesOf(
  parameters: readonly Parameter[],
  inputs: readonly Input[],
  { name: derivative, body }: FunctionNode,
  { kept, left }: Left,
  { reader, symbols }: Reading,
): Roles {
  const values = new Map<string, Value>();
  const taken = new Set<Input>();
  const give = (parameter: Parameter, input: Input): void => {
    const [p, q] = [parameter.initial, input.parameter.initial];
    // Where a kind is given, its default is another matter.
    const isSame = input.isOfKind === true || p === undefined || q === undefined || written(p) === written(q);
    if (!isSame) reader.refuse(parameter, DEFAULTS(parameter.name, derivative));
    taken.add(input);
    values.set(parameter.name, valueOf(input));
  };
  const waiting = (): readonly Parameter[] => parameters.filter(({ name }) => !values.has(name));
  const untold = (): readonly Parameter[] => waiting().filter(({ initial }) => initial === undefined);
  for (const parameter of waiting()) {
    const input = inputs.find((each) => each.parameter.name === parameter.name);
    if (input !== undefined) give(parameter, input);
  }
  for (const [isNamed, expr] of [
    [isGradientName, dy],
    [isOutputName, y],
  ] as const) {
    const meant = untold().find(({ name }) => isNamed(name, derivative));
    if (meant !== undefined) values.set(meant.name, symbolOf(expr));
  }
  const [last, ...others] = untold();
  if (kept !== undefined && last !== undefined && others.length === 0) values.set(last.name, kept);
  const isTold = [...values.values()].some((value) => value.kind === "tensor" && value.memory.content === dy);
  const isHanded = !isTold && isHandedOver(left, derivative, body);
  for (const parameter of waiting()) {
    const input = inputs[parameters.indexOf(parameter)];
    const mayBeGradient = isHanded && input?.variable === x && parameter.initial === undefined;
    if (input !== undefined && !taken.has(input) && !mayBeGradient) give(parameter, input);
  }
  const isRead = ({ name }: Parameter): boolean => mentions(body, new Set([name]));
  for (const parameter of untold())
    if (!isRead(parameter)) values.set(parameter.name, symbolOf(symbols(parameter.name, "unread")));
  const roleOf = (name: string): Value | undefined => {
    const input = inputs.find((each) => squash(each.parameter.name) === squash(name));
    if (input !== undefined) return valueOf(input);
    return isGradientName(name, derivative) ? symbolOf(dy) : isOutputName(name, derivative) ? symbolOf(y) : undefined;
  };
  for (const parameter of untold()) {
    const value = calledIn(body, parameter, roleOf);
    if (value !== undefined) values.set(parameter.name, value);
  }
  const [guessed, ...more] = untold();
  if (guessed === undefined) return { values };
  const given = (expr: Expr): Parameter | undefined =>
    parameters.find(({ name }) => {
      const value = values.get(name);
      return value?.kind === "tensor" && value.memory.content === expr;
    });
  if (more.length > 0 || given(dy) !== undefined)
    return reader.refuse(guessed, UNTOLD(guessed.name, inputs[0]!.parameter.name));
  const input = given(x);
  const isOutput = !isBackwardName(derivative) && input !== undefined && !isRead(input) && given(y) === undefined;
  values.set(guessed.name, symbolOf(isOutput ? y : dy));
  return isOutput ? { values } : { values, guessed };
}

/** The value of an argument that the body calls by a name, or takes apart into names: `Z = cache`, `A, W = cache`. */
function calledIn(
  body: Statement,
  { name }: Parameter,
  roleOf: (name: string) => Value | undefined,
): Value | undefined {
  const targets = (body.kind === "block" ? body.body : []).flatMap((each) =>
    each.kind === "assign" && each.value.kind === "name" && each.value.name === name ? each.targets : [],
  );
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0) return undefined;
  if (target.kind === "name") return roleOf(target.name);
  if (target.kind !== "tuple") return undefined;
  const items = target.items.map((item) => (item.kind === "name" ? roleOf(item.name) : undefined));
  const isTold = items.some((item) => item !== undefined);
  return isTold ? { kind: "tuple", items: items.map((item) => item ?? UNTOLD_PART) } : undefined;
}

/** Refuses a guess that the result does not bear out. */
export function checkGuess({ guessed }: Roles, claim: Expr, inputs: readonly Input[], { reader }: Reading): void {
  if (guessed !== undefined && !isProportional(claim, dy))
    reader.refuse(guessed, UNTOLD(guessed.name, inputs[0]!.parameter.name));
}
