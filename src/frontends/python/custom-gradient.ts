/** A function with tf.custom_gradient: runs it and the gradient function that it returns on symbols. */
import { variableOf } from "../../ir/expr.js";
import { reason, type Span } from "../place.js";
import { partsOf } from "./convert.js";
import { COUNT, claimsOf, nameOutput, resultsOf, type Gradient, type Reading } from "./gradients.js";
import { NO_INPUT, inputsOf, namesOf } from "./inputs.js";
import { instanceOf } from "./instances.js";
import type { Subject } from "./subjects.js";
import type { Statement } from "./syntax.js";
import type { Value } from "./values.js";

const NO_PAIR = reason(
  "this does not return its value and a gradient function",
  'end it with "return value, grad", where grad is a function of this file',
);

export function readCustomGradient(
  { path, value, of }: Extract<Subject, { kind: "function" }>,
  reading: Reading,
): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  const { node } = value;
  reader.begin("tensorflow", reading.layout);
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

  const given = reader.call(gradient, results.passed);
  const gradients: readonly Value[] = given.kind === "tuple" ? given.items : [given];
  // Arguments by name are no inputs to TensorFlow.
  const least = inputs.filter(({ parameter }) => parameter.initial === undefined && parameter.kind === "plain").length;
  const { place, name, parameters } = gradient.node;
  if (gradients.length < least) return reader.refuse(place, COUNT(gradients.length, "the function", inputs.length));
  const names = new Map([
    ...results.incoming.flatMap(({ memory: { content } }, i) =>
      content.op === "variable" ? [[variableOf(content).name, parameters[i]?.name ?? `dy[${i}]`] as const] : [],
    ),
    ["y", returnedName(node.body) ?? "y"],
    ...namesOf(inputs),
    ...(made?.names ?? []),
  ]);
  return claimsOf(
    results,
    inputs,
    gradients,
    { name: path, derivativeName: `${path}.${name}`, place, names, notes: made?.notes ?? [], flavour: "tensorflow" },
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
