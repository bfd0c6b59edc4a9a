/** Wrappers of functions, by decorators or by calls: a function of a library, and the arguments that it is given beside them. */
import { quote, reason, type Reason } from "../place.js";
import type { Peek } from "./classes.js";
import type { Argument, Expression, Parameter } from "./syntax.js";
import { wholeOf, type FunctionValue, type Scope, type Value } from "./values.js";

export interface Wrapper {
  /** Its full name; nothing where it is not told. */
  readonly path: string;
  /** Its arguments by name. */
  readonly given: ReadonlyMap<string, Value | undefined>;
}

const PARTIAL = "functools.partial";
const UNTOLD: Wrapper = { path: "", given: new Map() };

/** `@f`, `@f(a=1)`, `@partial(f, a=1)`. */
export function wrapperOf(decorator: Expression, scope: Scope, peek: Peek): Wrapper {
  const pathOf = (expression: Expression): string => {
    const value = peek(expression, scope);
    return value?.kind === "path" ? value.path : "";
  };
  if (decorator.kind !== "call") return { path: pathOf(decorator), given: new Map() };
  const path = pathOf(decorator.callee);
  const valuesOf = (all: readonly Argument[]): Wrapper["given"] =>
    new Map(all.flatMap(({ name, value }) => (name === undefined ? [] : [[name, peek(value, scope)] as const])));
  const [wrapped, ...args] = decorator.args;
  if (path !== PARTIAL) return { path, given: valuesOf(decorator.args) };
  if (wrapped === undefined || args.some(({ name, spread }) => spread || name === undefined)) return UNTOLD;
  return { path: pathOf(wrapped.value), given: valuesOf(args) };
}

/** All that a function is wrapped in, the outermost first. */
export const wrappersOf = ({ node, scope, wrappers = [] }: FunctionValue, peek: Peek): readonly Wrapper[] => [
  ...wrappers,
  ...node.decorators.map((each) => wrapperOf(each, scope, peek)),
];

/** The parameters that have no gradient, as `nondiff_argnums` and `nondiff_argnames` of JAX say; a reason where these are not told. */
export function staticsOf(forward: FunctionValue, custom: string, peek: Peek): ReadonlySet<Parameter> | Reason {
  const [wrapper = UNTOLD, ...others] = wrappersOf(forward, peek).filter(({ path }) => path === custom);
  const { parameters } = forward.node;
  const found = new Set<Parameter | undefined>();
  for (const [name, parameterOf] of Object.entries(TOLD_BY)) {
    if (!wrapper.given.has(name)) continue;
    const value = wrapper.given.get(name);
    if (value?.kind !== "tuple") return UNTOLD_STATICS(name);
    // Some versions sort them, others do not.
    const places = value.items.map((item) => parameterOf(parameters, item)).map((each) => parameters.indexOf(each!));
    if (places.some((place, i) => place < 0 || (i > 0 && place <= places[i - 1]!))) return UNTOLD_STATICS(name);
    for (const place of places) found.add(parameters[place]);
  }
  if (others.length > 0) return UNTOLD_STATICS(custom);
  return new Set(parameters.filter((each) => found.has(each)));
}

type ParameterOf = (parameters: readonly Parameter[], item: Value) => Parameter | undefined;
const TOLD_BY: Readonly<Record<string, ParameterOf>> = {
  nondiff_argnums: (parameters, item) => parameters[wholeOf(item) ?? -1],
  nondiff_argnames: (parameters, item) =>
    item.kind === "text" ? parameters.find(({ name }) => name === item.text) : undefined,
};

const UNTOLD_STATICS = (name: string): Reason =>
  reason(`${quote(name)} does not tell which arguments have no gradient`, "write a tuple of ascending numbers there");
