/** Gradients given to HIPS autograd by a call: `defvjp(f, lambda ans, x: lambda g: ...)`, one maker for each argument. */
import { reason, type Span } from "../place.js";
import type { Peek } from "./classes.js";
import { claimsOf, nameOutput, resultsOf, type Gradient, type Reading } from "./gradients.js";
import { inputsOf, namesOf } from "./inputs.js";
import { rowOf } from "./library.js";
import type { Argument, Expression, FunctionNode, Statement } from "./syntax.js";
import { createScope, wholeOf, type FunctionValue, type Scope, type Value } from "./values.js";

export interface Told {
  readonly kind: "told";
  readonly path: string;
  /** The function as it stands there: one of the file, or of a library. */
  readonly forward: Expression;
  readonly scope: Scope;
  readonly node?: FunctionNode;
  /** By the places of the arguments. */
  readonly makers: ReadonlyMap<number, FunctionValue>;
}

const DEFVJP = /(?:^|\.)(?:extend|core)\.defvjp$/;

/** The gradients that a statement tells, where the function's formula is known at all. */
export function toldBy(statement: Statement, scope: Scope, peek: Peek): Told | undefined {
  if (statement.kind !== "expression" || statement.value.kind !== "call") return undefined;
  const { callee, args } = statement.value;
  const told = peek(callee, scope);
  const [forward, ...makers] = args.filter(({ name }) => name === undefined).map(({ value }) => value);
  if (told?.kind !== "path" || !DEFVJP.test(told.path) || forward === undefined) return undefined;
  const value = peek(forward, scope);
  const isOfLibrary = value?.kind === "path" && rowOf(value.path) !== undefined;
  if ((value?.kind !== "function" && !isOfLibrary) || args.some(({ spread }) => spread)) return undefined;
  const places = placesIn(args, scope, peek) ?? makers.map((_, i) => i);
  const found = makers.flatMap((each, i) => {
    const maker = peek(each, scope);
    return maker?.kind === "function" && maker.node.parameters.length > 1 ? [[places[i]!, maker] as const] : [];
  });
  if (found.length === 0 || places.length !== makers.length) return undefined;
  const path = forward.kind === "member" || forward.kind === "name" ? forward.name : "";
  return {
    kind: "told",
    path,
    forward,
    scope,
    makers: new Map(found),
    ...(value.kind === "function" && { node: value.node }),
  };
}

/** `argnums=(1,)` */
function placesIn(args: readonly Argument[], scope: Scope, peek: Peek): readonly number[] | undefined {
  const given = args.find(({ name }) => name === "argnums");
  if (given === undefined) return undefined;
  const value = peek(given.value, scope);
  return value?.kind === "tuple" ? value.items.flatMap((item) => wholeOf(item) ?? []) : [];
}

export const placeOf = ({ forward: { start, end } }: Told): Span => ({ start, end });

export function readTold(subject: Told, reading: Reading): readonly Gradient[] {
  const { forward, path, makers } = subject;
  const { reader, symbols, text } = reading;
  reader.begin("numpy");
  reader.nodes.begin(true, true);
  const place = placeOf(subject);
  const [first] = makers.values();
  const parameters = first!.node.parameters.slice(1).filter(({ kind }) => kind === "plain");
  const written = ({ start, end }: Span): string => text.slice(start, end);
  const statics = new Set(parameters.filter((_, i) => !makers.has(i)));
  const all = inputsOf(parameters, symbols, written, reader.refuse, reader.choices, { statics });
  const scope = createScope(subject.scope);
  for (const { parameter, value } of all) scope.cells.set(parameter.name, { content: value });
  const required = all.filter(({ parameter }) => parameter.initial === undefined);
  const args = required.map(({ parameter: { name } }): Argument => ({
    ...place,
    value: { kind: "name", name, ...place },
    spread: false,
  }));
  const value = reader.evaluate({ kind: "call", callee: forward, args, ...place }, scope);
  const results = resultsOf(value, place, reading, () => false);
  nameOutput(results);

  const given = all.map((input) => input.value);
  const inputs = all.filter(({ parameter }) => !statics.has(parameter));
  const gradients = all.flatMap((_, i): Value[] => {
    const maker = makers.get(i);
    if (maker === undefined) return [];
    const made = reader.call(maker, [value, ...given]);
    const { place: at } = maker.node;
    return [made.kind === "function" ? reader.call(made, results.passed) : reader.refuse(at, NO_FUNCTION)];
  });
  const names = new Map([...namesOf(all), ["dy", "g"] as const, ["y", first!.node.parameters[0]!.name] as const]);
  const named = { name: path, derivativeName: `vjp of ${path}`, place, names, flavour: "numpy" as const };
  return claimsOf(results, inputs, gradients, named, reading, () => false);
}

const NO_FUNCTION = reason("this makes no function of the gradient from above", "write lambda ans, x: lambda g: ...");
