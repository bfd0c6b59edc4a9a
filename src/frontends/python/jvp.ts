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
  /** Rules for the tangent of each argument, of which that is the first; nothing for None. */
  readonly each?: readonly (FunctionValue | undefined)[];
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

/** `f.defjvp(rule)`, `f.defjvps(rule, rule)`. */
export function tangentsBy(statement: Statement, scope: Scope, peek: Peek): Tangents | undefined {
  if (statement.kind !== "expression" || statement.value.kind !== "call") return undefined;
  const { callee, args } = statement.value;
  if (callee.kind !== "member" || !/^defjvps?$/.test(callee.name)) return undefined;
  const forward = peek(callee.object, scope);
  const rules = args.map(({ value }) => peek(value, scope));
  if (forward?.kind !== "function" || !isCustom(forward, peek)) return undefined;
  const isRule = (value: Value | undefined): boolean => value?.kind === "function" || value?.kind === "none";
  if (!rules.every(isRule) || args.some(({ name, spread }) => spread || name !== undefined)) return undefined;
  const each = rules.map((value) => (value?.kind === "function" ? value : undefined));
  const rule = each.find((value) => value !== undefined);
  if (rule === undefined) return undefined;
  return { kind: "tangents", path: forward.node.name, forward, rule, ...(callee.name === "defjvps" && { each }) };
}

export function readTangents({ path, forward, rule, each }: Tangents, reading: Reading): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  reader.begin("numpy");
  const { place } = rule.node;
  const written = ({ start, end }: Span): string => text.slice(start, end);
  if (forward.node.parameters.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const statics = staticsOf(forward, CUSTOM_JVP, reader.peek);
  if ("message" in statics) return reader.refuse(forward.node.place, statics);
  const all = inputsOf(forward.node.parameters, symbols, written, reader.refuse, reader.choices, { statics });
  const inputs = all.filter(({ parameter }) => !statics.has(parameter));
  if (inputs.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const first = all.flatMap(({ parameter, value }) => (statics.has(parameter) ? [value] : []));
  const numberOf = (value: Value | undefined): Expr => {
    if (value?.kind === "sum") return reader.refuse(value.place, REDUCTION);
    if (value?.kind === "tensor" && value.memory.mask !== undefined) return reader.refuse(place, maskReason(value));
    return (value && asNumber(value)) ?? reader.refuse(place, NO_NUMBER);
  };
  const output = reader.call(
    forward,
    all.map(({ value }) => value),
  );
  const formula = numberOf(output);
  const primals = inputs.map(({ value }) => value);
  // Along one input alone, the tangent of the result is the derivative by it.
  const tangentAlong = (i: number): Value | undefined => {
    const ofInput = each?.[i];
    if (each !== undefined) return ofInput && reader.call(ofInput, [tensor(dy), output, ...primals]);
    const tangents = inputs.map((_, at) => tensor(at === i ? dy : constant(0)));
    const both = [primals, tangents].map((items): Value => ({ kind: "tuple", items }));
    const returned = reader.call(rule, [...first, ...both]);
    const [value, tangent] = returned.kind === "tuple" ? returned.items : [];
    if (tangent === undefined) return reader.refuse(place, NO_TANGENT);
    return numberOf(value) === formula ? tangent : reader.refuse(place, OTHER_VALUE);
  };
  if (each !== undefined && each.length !== all.length) return reader.refuse(place, RULES);
  const several = inputs.filter(({ variable }) => variable !== undefined).length > 1;
  const claims = inputs.flatMap(({ variable, parameter }, i): readonly Gradient[] => {
    const tangent = variable && tangentAlong(i);
    if (tangent === undefined) return [];
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

const RULES = reason("this has not one rule for each argument", "give one for each, None for those that need none");
const NO_TANGENT = reason("this does not return the value and its tangent", 'end it with "return value, tangent"');
