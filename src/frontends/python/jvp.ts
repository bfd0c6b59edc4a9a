/** Rules of JAX for tangents: `@f.defjvp` above a function of the arguments and their tangents. */
import { constant, dy, x } from "../../ir/build.js";
import { topological, type Expr } from "../../ir/expr.js";
import { reason, type Span } from "../place.js";
import { maskReason } from "./blocks.js";
import type { Peek } from "./classes.js";
import { OTHER_VALUE, within, type Gradient, type Reading } from "./gradients.js";
import { NO_INPUT, inputsOf, namesOf } from "./inputs.js";
import type { FunctionNode, Statement } from "./syntax.js";
import { INFINITE, NO_NUMBER, REDUCTION } from "./unreadable.js";
import { asNumber, tensor, type FunctionValue, type Scope, type Value } from "./values.js";
import { staticsOf, wrappersOf } from "./wrappers.js";

export interface Tangents {
  readonly kind: "tangents";
  readonly path: string;
  readonly forward: FunctionValue;
  readonly rule: FunctionValue;
}

const CUSTOM_JVP = "jax.custom_jvp";

/** The function whose rule another is by its decorator. */
export function forwardOf({ decorators }: FunctionNode, scope: Scope, peek: Peek): FunctionValue | undefined {
  for (const each of decorators) {
    if (each.kind !== "member" || each.name !== "defjvp") continue;
    const forward = peek(each.object, scope);
    if (forward?.kind !== "function") continue;
    if (isCustom(forward, peek)) return forward;
  }
  return undefined;
}

const isCustom = (forward: FunctionValue, peek: Peek): boolean =>
  wrappersOf(forward, peek).some(({ path }) => path === CUSTOM_JVP);

/** `f.defjvp(rule)`. */
export function tangentsBy(statement: Statement, scope: Scope, peek: Peek): Tangents | undefined {
  if (statement.kind !== "expression" || statement.value.kind !== "call") return undefined;
  const { callee, args } = statement.value;
  const [given] = args;
  if (callee.kind !== "member" || callee.name !== "defjvp" || given === undefined) return undefined;
  const [forward, rule] = [peek(callee.object, scope), peek(given.value, scope)];
  if (forward?.kind !== "function" || rule?.kind !== "function" || !isCustom(forward, peek)) return undefined;
  return { kind: "tangents", path: forward.node.name, forward, rule };
}

export function readTangents({ path, forward, rule }: Tangents, reading: Reading): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  reader.begin("numpy");
  const { place } = rule.node;
  const written = ({ start, end }: Span): string => text.slice(start, end);
  if (forward.node.parameters.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const statics = staticsOf(forward, CUSTOM_JVP, reader.peek);
  if ("message" in statics) return reader.refuse(forward.node.place, statics);
  const all = inputsOf(forward.node.parameters, symbols, written, reader.refuse, undefined, statics);
  const inputs = all.filter(({ parameter }) => !statics.has(parameter));
  if (inputs.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const first = all.flatMap(({ parameter, value }) => (statics.has(parameter) ? [value] : []));
  const numberOf = (value: Value | undefined): Expr => {
    if (value?.kind === "sum") return reader.refuse(value.place, REDUCTION);
    if (value?.kind === "tensor" && value.memory.mask !== undefined) return reader.refuse(place, maskReason(value));
    return (value && asNumber(value)) ?? reader.refuse(place, NO_NUMBER);
  };
  const formula = numberOf(
    reader.call(
      forward,
      all.map(({ value }) => value),
    ),
  );
  const several = inputs.filter(({ variable }) => variable !== undefined).length > 1;
  const claims = inputs.flatMap(({ variable, parameter }, i): readonly Gradient[] => {
    if (variable === undefined) return [];
    // Along one input alone, the tangent of the result is the derivative by it.
    const tangents = inputs.map((_, at) => tensor(at === i ? dy : constant(0)));
    const primals: Value = { kind: "tuple", items: inputs.map(({ value }) => value) };
    const returned = reader.call(rule, [...first, primals, { kind: "tuple", items: tangents }]);
    const [value, tangent] = returned.kind === "tuple" ? returned.items : [];
    if (tangent === undefined) return reader.refuse(place, NO_TANGENT);
    if (numberOf(value) !== formula) return reader.refuse(place, OTHER_VALUE);
    const claim = numberOf(tangent);
    reader.requireValues(formula, claim);
    if (topological([formula, claim]).some(({ op }) => op === "float")) return reader.refuse(place, INFINITE);
    return [
      {
        name: path,
        derivativeName: rule.node.name,
        place,
        ...within(reader, formula, claim),
        ...(variable !== x && { variable }),
        ...(several && { by: parameter.name }),
        notes: [...reader.assumptions()],
        names: new Map([...namesOf(all), ["dy", several ? `tangent of ${parameter.name}` : "tangent"]]),
        flavour: "numpy",
      },
    ];
  });
  return claims;
}

const NO_TANGENT = reason("this does not return the value and its tangent", 'end it with "return value, tangent"');
