/** Gradients that are registered by a call: `f.defvjp(fwd, bwd)` of JAX, `register_autograd` of torch.library. */
import { variableOf } from "../../ir/expr.js";
import { known, lookUp } from "../interpreter/scopes.js";
import { reason, type Span } from "../place.js";
import { createContext, memoriesIn } from "./context.js";
import { COUNT, OTHER_VALUE, claimsOf, nameOutput, resultsOf, type Gradient, type Reading } from "./gradients.js";
import { NO_INPUT, inputsOf, namesOf } from "./inputs.js";
import type { Peek } from "./classes.js";
import type { Expression, Statement } from "./syntax.js";
import { asNumber, type FunctionValue, type Scope, type Value } from "./values.js";
import { staticsOf, wrapperOf, wrappersOf } from "./wrappers.js";

export interface Registered {
  readonly kind: "registered";
  readonly path: string;
  readonly forward: FunctionValue;
  readonly backward: FunctionValue;
  /** JAX: the function again, with what it leaves for backward. torch: what saves that. */
  readonly saves: FunctionValue | undefined;
  readonly flavour: "torch" | "numpy";
}

export const CUSTOM_VJP = "jax.custom_vjp";
export const CUSTOM_OP = "torch.library.custom_op";

/** The registration that a statement is, where all of its functions are of this file. */
export function registeredBy(statement: Statement, scope: Scope, peek: Peek): Registered | undefined {
  if (statement.kind !== "expression" || statement.value.kind !== "call") return undefined;
  const { callee, args } = statement.value;
  if (callee.kind !== "member" || args.some(({ spread }) => spread)) return undefined;
  const functionOf = (expression: Expression | undefined): FunctionValue | undefined => {
    const value = expression && peek(expression, scope);
    return value?.kind === "function" ? value : undefined;
  };
  const argument = (index: number, name: string): FunctionValue | undefined =>
    functionOf(
      (args.find((each) => each.name === name) ?? args.filter((each) => each.name === undefined)[index])?.value,
    );
  const named = (forward: FunctionValue | undefined, wrapper: string): forward is FunctionValue =>
    forward !== undefined && wrappersOf(forward, peek).some(({ path }) => path === wrapper);

  if (callee.name === "defvjp") {
    const [forward, saves, backward] = [functionOf(callee.object), argument(0, "fwd"), argument(1, "bwd")];
    if (!named(forward, CUSTOM_VJP) || saves === undefined || backward === undefined) return undefined;
    return { kind: "registered", path: forward.node.name, forward, saves, backward, flavour: "numpy" };
  }
  if (callee.name !== "register_autograd") return undefined;
  const isOfLibrary = pathOf(callee, scope, peek) === "torch.library.register_autograd";
  const forward = isOfLibrary ? operatorCalled(args[0]?.value, scope, peek) : functionOf(callee.object);
  const backward = argument(isOfLibrary ? 1 : 0, "backward");
  if (!named(forward, CUSTOM_OP) || backward === undefined) return undefined;
  const saves = functionOf(args.find(({ name }) => name === "setup_context")?.value);
  return { kind: "registered", path: forward.node.name, forward, saves, backward, flavour: "torch" };
}

const pathOf = (expression: Expression, scope: Scope, peek: Peek): string => wrapperOf(expression, scope, peek).path;

/** The function with `@torch.library.custom_op("name", ...)`. */
function operatorCalled(name: Expression | undefined, scope: Scope, peek: Peek): FunctionValue | undefined {
  if (name?.kind !== "text") return undefined;
  for (const key of scope.cells.keys()) {
    const value = known(lookUp(scope, key));
    if (value?.kind !== "function") continue;
    for (const each of value.node.decorators) {
      const first = each.kind === "call" ? each.args[0]?.value : undefined;
      if (pathOf(each, scope, peek) === CUSTOM_OP && first?.kind === "text" && first.text === name.text) return value;
    }
  }
  return undefined;
}

export function readRegistered(subject: Registered, reading: Reading): readonly Gradient[] {
  const { path, forward, backward, saves, flavour } = subject;
  const { reader, symbols, text } = reading;
  reader.begin(flavour, reading.layout);
  const { place } = backward.node;
  if (forward.node.parameters.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const written = ({ start, end }: Span): string => text.slice(start, end);
  const statics = staticsOf(forward, CUSTOM_VJP, reader.peek);
  if ("message" in statics) return reader.refuse(forward.node.place, statics);
  const all = inputsOf(forward.node.parameters, symbols, written, reader.refuse, reader.choices, {
    layout: reading.layout,
    statics,
  });
  const given = all.map(({ value }) => value);
  const inputs = all.filter(({ parameter }) => !statics.has(parameter));
  const first = all.flatMap(({ parameter, value }) => (statics.has(parameter) ? [value] : []));
  if (inputs.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const result = reader.call(forward, given);

  const context = createContext(inputs.length);
  const self: Value = { kind: "context", context };
  const state = (): { readonly output: Value; readonly passed: readonly Value[] } => {
    if (flavour === "torch") {
      if (saves !== undefined) reader.call(saves, [self, { kind: "tuple", items: given }, result]);
      return { output: result, passed: [self] };
    }
    const again = reader.call(saves!, given);
    const [output, residuals] = again.kind === "tuple" ? again.items : [];
    if (output === undefined || residuals === undefined) return reader.refuse(saves!.node.place, NO_RESIDUALS);
    if (asNumber(output) !== asNumber(result)) return reader.refuse(saves!.node.place, OTHER_VALUE);
    return { output, passed: [residuals] };
  };
  const { output, passed } = state();
  const results = resultsOf(output, forward.node.place, reading, () => false);
  nameOutput(results);
  const returned = reader.call(backward, [...first, ...passed, ...results.passed]);
  const gradients = returned.kind === "tuple" ? returned.items : [returned];
  if (gradients.length < inputs.length)
    return reader.refuse(place, COUNT(gradients.length, "the function", inputs.length));
  const saved = memoriesIn(context.saved);
  const names = new Map([
    ...namesOf(all),
    ...results.incoming.flatMap(({ memory: { content } }, i) =>
      content.op === "variable"
        ? [[variableOf(content).name, backward.node.parameters[first.length + 1 + i]?.name ?? `dy[${i}]`] as const]
        : [],
    ),
    ["y", "output"] as const,
  ]);
  return claimsOf(
    results,
    inputs,
    gradients,
    { name: path, derivativeName: backward.node.name, place, names, flavour },
    reading,
    ({ value }) => flavour === "numpy" || (value.kind === "tensor" && saved.has(value.memory)),
  );
}

const NO_RESIDUALS = reason(
  "this does not return its value and what backward needs",
  'end it with "return value, residuals"',
);
