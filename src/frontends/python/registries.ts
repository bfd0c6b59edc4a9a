/** Functions that are given together: rows of dictionaries, tuples and lists, and the arguments of calls. */
import { mentions } from "../interpreter/syntax.js";
import type { Span } from "../place.js";
import { lineage, methodOf } from "./classes.js";
import { rowOf } from "./library.js";
import type { NamedFunction, NamedPair } from "./named.js";
import type { Reader } from "./reading.js";
import type { Argument, Expression, ExpressionOf, Parameter } from "./syntax.js";
import { createScope, type FunctionValue, type Scope } from "./values.js";

export interface Registries {
  readonly named: readonly NamedFunction[];
  /** Pairs that nothing but their places tells. */
  readonly guesses: readonly NamedPair[];
  /** All that stands in a value, which has a key in a group. */
  readonly add: (group: string, key: string, value: Expression, scope: Scope) => void;
  /** The arguments of a call; `name`: of its result; `parameters`: those of the function that is called. */
  readonly call: (
    call: ExpressionOf<"call">,
    scope: Scope,
    more?: { readonly name?: string; readonly parameters?: readonly Parameter[] },
  ) => void;
}

const CONSTANTS: ReadonlySet<Expression["kind"]> = new Set(["text", "number", "unary", "truth", "none"] as const);

export function createRegistries(reader: Reader, text: string): Registries {
  const named: NamedFunction[] = [];
  const guesses: NamedPair[] = [];

  const functionOf = (expression: Expression, scope: Scope): FunctionValue | undefined => {
    const value = reader.peek(expression, scope);
    if (value?.kind === "path") return isOfOne(value.path) ? calling(expression, scope) : undefined;
    return value?.kind === "function" && !reader.isOfOthers(value) ? value : undefined;
  };

  /** A function where it stands, under the name that it has there. */
  const member = (name: string, { start, end, ...rest }: Expression, group: string, scope: Scope): NamedFunction[] => {
    const place = { start, end };
    const value = functionOf({ ...rest, ...place } as Expression, scope);
    return value === undefined
      ? []
      : [{ name, path: `${group}.${name}`, group, node: { ...value.node, place }, value }];
  };

  const guess = ([base, derivative, ...more]: readonly NamedFunction[], of: string): void => {
    if (base !== undefined && derivative !== undefined && more.length === 0)
      guesses.push({ kind: "pair", path: derivative.path, base, derivative, guess: of });
  };

  /** The names of the arguments, in their order: those that the call gives them, else those of what is called. */
  const namesOf = (args: readonly Argument[], parameters: readonly Parameter[]): readonly (string | undefined)[] =>
    args.map(({ name }, i) => name ?? parameters[i]?.name);

  const parametersOf = (callee: Expression, scope: Scope): readonly Parameter[] => {
    const value = reader.peek(callee, scope);
    if (value?.kind === "function") return value.node.parameters;
    if (value?.kind !== "class") return [];
    return methodOf(lineage(value, reader.peek).classes, "__init__")?.node.parameters.slice(1) ?? [];
  };

  const call: Registries["call"] = ({ callee, args, start }, scope, more = {}) => {
    const registry = text.slice(callee.start, callee.end);
    const [first] = args;
    const isKeyed = first?.value.kind === "text";
    const key = isKeyed ? first.value.text : `${start}`;
    const group = more.name ?? `${registry}.${key}`;
    const names = namesOf(args, more.parameters ?? parametersOf(callee, scope));
    const found = args.flatMap(({ value, spread }, i) =>
      spread ? [] : member(names[i] ?? `${isKeyed ? i - 1 : i}`, value, group, scope),
    );
    if (found.length === 0)
      for (const { name, value } of args) if (isRow(value)) add(more.name ?? registry, name ?? key, value, scope);
    if (found.length < 2) return;
    named.push(...found);
    guess(found, registry);
  };

  const add: Registries["add"] = (registry, first, value, scope) => {
    const waiting = [{ group: registry, key: first, value }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { group, key, value } = next;
      const path = group === "" ? key : `${group}.${key}`;
      if (value.kind === "unreadable")
        waiting.push(...(value.entries ?? []).map((entry) => ({ ...entry, group: path })));
      else if (value.kind === "tuple") {
        const found = value.items.flatMap((item, i) => member(`${i}`, item, path, scope));
        const others = value.items.length - value.items.filter(({ kind }) => CONSTANTS.has(kind)).length - found.length;
        if (others === 0) guess(found, registry);
        else
          waiting.push(
            ...value.items.flatMap((item, i) => (isRow(item) ? [{ group: path, key: `${i}`, value: item }] : [])),
          );
      } else {
        const found = member(key, value, group, scope);
        named.push(...found);
        if (found.length === 0 && value.kind === "call") call(value, scope, { name: path });
      }
    }
  };

  return { named, guesses, add, call };
}

const isRow = ({ kind }: Expression): boolean => kind === "tuple" || kind === "unreadable" || kind === "call";

/** A function of a library that takes one number, and has defaults for everything else. */
function isOfOne(path: string): boolean {
  const { row, inPlace } = rowOf(path) ?? {};
  const required = row?.parameters.filter(({ initial }) => initial === undefined) ?? [];
  return required.length === 1 && row?.parameters[0] === required[0] && row?.makes === undefined && inPlace === false;
}

/** `np.tanh` by its full name, wherever it stands. */
export function functionOfLibrary(path: string, place: Span): FunctionValue | undefined {
  if (!isOfOne(path)) return undefined;
  const [first = "", ...members] = path.split(".");
  const callee = members.reduce<Expression>((object, name) => ({ kind: "member", object, name, ...place }), {
    kind: "name",
    name: first,
    ...place,
  });
  const scope = createScope();
  scope.cells.set(first, { content: { kind: "path", path: first } });
  return calling(callee, scope);
}

/** `np.tanh` as `lambda x: np.tanh(x)`. */
function calling(callee: Expression, scope: Scope): FunctionValue {
  const place: Span = { start: callee.start, end: callee.end };
  const name = ["x", "input"].find((each) => !mentions(callee, new Set([each]))) ?? "value";
  const args = [{ value: { kind: "name", name, ...place }, spread: false, ...place } as const];
  return {
    kind: "function",
    scope,
    initial: new Map(),
    node: {
      name: "lambda",
      place,
      ...place,
      parameters: [{ name, kind: "plain", ...place }],
      body: { kind: "return", value: { kind: "call", callee, args, ...place }, ...place },
      decorators: [],
      locals: new Set(),
    },
  };
}
