/** A function with the custom_gradient of TensorFlow or JAX: runs it and the gradient function that it returns on symbols. */
import { variableOf } from "../../ir/expr.js";
import { reason, type Span } from "../place.js";
import { partsOf } from "./convert.js";
import { COUNT, claimsOf, nameOutput, resultsOf, type Gradient, type Reading } from "./gradients.js";
import { NO_INPUT, inputsOf, namesOf } from "./inputs.js";
import { instanceOf } from "./instances.js";
import { madeBy } from "./made.js";
import type { Statement } from "./syntax.js";
import type { ClassValue, FunctionValue, Value } from "./values.js";

export interface CustomGradient {
  readonly kind: "function";
  readonly path: string;
  readonly value: FunctionValue;
  /** The class that it is a method of. */
  readonly of?: ClassValue;
  /** The function of the file that makes it of what it is given. */
  readonly maker?: FunctionValue;
}

const NO_PAIR = reason(
  "this does not return its value and a gradient function",
  'end it with "return value, grad", where grad is a function of this file',
);

export function readCustomGradient(
  { path, value: found, of, maker }: CustomGradient,
  reading: Reading,
): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  const flavour = /^\s*(?:import|from)\s+tensorflow\b/m.test(text) ? "tensorflow" : "numpy";
  reader.begin(flavour, reading.layout);
  const given = maker === undefined ? undefined : madeBy(maker, reading);
  const value = given?.value.kind === "function" ? given.value : found;
  const { node } = value;
  const made = of === undefined ? undefined : instanceOf(of, [{ name: node.name, node }], reading);
  const bound = made === undefined ? [] : reader.boundTo(value, made.self);
  const taken = node.parameters.slice(bound.length);
  if (taken.length === 0) return reader.refuse(node.place, NO_INPUT);
  const written = ({ start, end }: Span): string => text.slice(start, end);
  const inputs = inputsOf(taken, symbols, written, reader.refuse, reader.choices, { layout: reading.layout });
  const byName = inputs.filter(({ parameter }) => parameter.kind === "keyword");
  const returned = reader.call(
    value,
    [...bound, ...inputs.filter((input) => !byName.includes(input)).map((input) => input.value)],
    new Map(byName.map((input) => [input.parameter.name, input.value])),
  );
  const [result, gradient] = returned.kind === "tuple" ? returned.items : [];
  if (result === undefined || gradient?.kind !== "function") return reader.refuse(node.place, NO_PAIR);
  const results = resultsOf(result, node.place, reading, () => false);
  nameOutput(results);

  const answer = reader.call(gradient, results.passed);
  const gradients: readonly Value[] = answer.kind === "tuple" ? answer.items : [answer];
  // Arguments by name are no inputs to TensorFlow.
  const least = inputs.filter(({ parameter }) => parameter.initial === undefined && parameter.kind === "plain").length;
  const { name, parameters } = gradient.node;
  const place = maker === undefined ? gradient.node.place : maker.node.place;
  if (gradients.length < least) return reader.refuse(place, COUNT(gradients.length, "the function", inputs.length));
  const names = new Map([
    ...results.incoming.flatMap(({ memory: { content } }, i) =>
      content.op === "variable" ? [[variableOf(content).name, parameters[i]?.name ?? `dy[${i}]`] as const] : [],
    ),
    ["y", returnedName(node.body) ?? "y"],
    ...namesOf(inputs),
    ...(made?.names ?? []),
    ...(given?.names ?? []),
  ]);
  return claimsOf(
    results,
    inputs,
    gradients,
    {
      name: path,
      derivativeName: `${path}.${name}`,
      place,
      names,
      notes: [...(made?.notes ?? []), ...(given?.notes ?? [])],
      flavour,
    },
    reading,
    ({ parameter }) => parameter.kind === "plain" && parameter.initial === undefined,
  );
}

/** `y` of `return y, grad`. */
function returnedName(statement: Statement): string | undefined {
  if (statement.kind === "return" && statement.value?.kind === "tuple") {
    const [first] = statement.value.items;
    return first?.kind === "name" ? first.name : undefined;
  }
  for (const part of partsOf(statement)) {
    const name = returnedName(part);
    if (name !== undefined) return name;
  }
  return undefined;
}
