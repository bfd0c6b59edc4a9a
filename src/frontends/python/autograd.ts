/** A class of torch.autograd.Function: runs its forward and backward on symbols. */
import type { Expr } from "../../ir/expr.js";
import { variableOf } from "../../ir/expr.js";
import { known } from "../interpreter/scopes.js";
import { reason, type Span } from "../place.js";
import { isFunctionClass, lineage, methodAmong } from "./classes.js";
import { createContext, memoriesIn, reachable } from "./context.js";
import {
  COUNT,
  claimsOf,
  isNamed,
  nameOutput,
  resultsOf,
  type Gradient,
  type Reading,
  type Results,
} from "./gradients.js";
import { NO_INPUT, inputsOf, type Input } from "./inputs.js";
import { isAbstract } from "./named.js";
import { namesOf, partsOf } from "./convert.js";
import type { Subject } from "./subjects.js";
import type { FunctionNode, Statement } from "./syntax.js";
import { INPUT, SAVED } from "./unreadable.js";
import { nameOfPart } from "./parts.js";
import { type Context, type FunctionValue, type Memory, type Value } from "./values.js";

export function readClass(
  { path, value, isBase }: Extract<Subject, { kind: "class" }>,
  reading: Reading,
): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  const { classes, libraries } = lineage(value, reader.peek);
  const find = (...names: readonly string[]) => methodAmong(classes, names);
  const [forward, backward] = [find("forward", "_forward"), find("backward", "_backward", "vjp")];
  const setUp = find("setup_context");
  // A class that others derive from may have one of them.
  if (isBase || (forward === undefined && backward === undefined))
    if (forward === undefined || backward === undefined) return [];
  const isOfOthers = !isFunctionClass(libraries);
  // A framework's own base, and what is to be written yet.
  const isPlan = ({ node }: FunctionValue): boolean =>
    isAbstract(node) || node.parameters.some(({ kind }) => kind === "list");
  if (isOfOthers && [forward, backward].some((each) => each !== undefined && isPlan(each))) return [];
  if (forward === undefined) return reader.refuse(value.node.place, NO_FORWARD);
  if (backward === undefined) return reader.refuse(value.node.place, NO_BACKWARD);
  reader.begin("torch", reading.layout);
  reader.checkClass(value, [forward.node.name, backward.node.name, "setup_context", "apply"]);

  const ofClass = (method: NonNullable<typeof forward>): readonly Value[] => (reader.isOfClass(method) ? [value] : []);
  const parameters = forward.node.parameters.slice(ofClass(forward).length + (setUp === undefined ? 1 : 0));
  if (parameters.length === 0) return reader.refuse(forward.node.place, NO_INPUT);
  const written = ({ start, end }: Span): string => text.slice(start, end);
  const inputs = inputsOf(parameters, symbols, written, reader.refuse, reader.choices, {
    layout: reading.layout,
    areNumbers: isOfOthers,
  });
  if (isOfOthers) reader.assume(KEEPS);
  const context = createContext(inputs.length, { isOfOthers });
  const self: Value = { kind: "context", context };
  const given = inputs.map((input) => input.value);
  const run = (method: NonNullable<typeof forward>, args: readonly Value[]): Value =>
    reader.call(method, [...ofClass(method), ...args]);

  const result = run(forward, setUp === undefined ? [self, ...given] : given);
  refuseChangedInputs(inputs, context, reading);
  if (setUp !== undefined) run(setUp, [self, { kind: "tuple", items: given }, result]);
  const results = resultsOf(result, forward.node.place, reading, (memory) => context.nonDifferentiable.has(memory));
  guard(context, inputs, results.output);
  const names = namesIn(backward.node, ofClass(backward).length + 1, context, inputs, results);
  nameOutput(results);

  const saved = memoriesIn(context.saved);
  const returned = run(backward, [self, ...results.passed]);
  const gradients = returned.kind === "tuple" ? returned.items : [returned];
  const { place } = backward.node;
  if (gradients.length < inputs.length) return reader.refuse(place, COUNT(gradients.length, "forward", inputs.length));
  return claimsOf(
    results,
    inputs,
    gradients,
    {
      name: `${path}.${forward.node.name}`,
      derivativeName: `${path}.${backward.node.name}`,
      place,
      names,
      flavour: "torch",
    },
    reading,
    // Nothing but tensors can be saved.
    ({ value: given }) => given.kind === "tensor" && saved.has(given.memory),
  );
}

const KEEPS = "ctx taken to keep what it is given";
const NO_FORWARD = reason("this class has no forward", "define forward and backward in it");
const NO_BACKWARD = reason("this class has no backward", "define forward and backward in it");

/** Autograd has to be told of inputs that are changed in place. */
function refuseChangedInputs(inputs: readonly Input[], { dirty }: Context, { reader }: Reading): void {
  for (const { value } of inputs)
    if (value.kind === "tensor" && value.memory.changed !== undefined && !dirty.has(value.memory))
      reader.refuse(value.memory.changed, INPUT);
}

/** Backward may run again, so it must not change what it finds. */
function guard(context: Context, inputs: readonly Input[], output: Memory | undefined): void {
  for (const memory of reachable(context)) memory.guard = SAVED;
  for (const { value } of inputs) if (value.kind === "tensor") value.memory.guard = SAVED;
  if (output !== undefined) output.guard = SAVED;
}

/** The class's names for our variables: inputs as forward calls them, gradients and a saved output as backward does. */
function namesIn(
  backward: FunctionNode,
  /** How many arguments are before the gradients. */
  before: number,
  context: Context,
  inputs: readonly Input[],
  { incoming, passed, output }: Results,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { parameter, variable } of inputs.flatMap((each) => each.parts ?? [each]))
    if (variable !== undefined) names.set(nameOf(variable), parameter.name);
  incoming.forEach(({ memory: { content } }, i) => {
    if (content.op === "variable")
      names.set(nameOf(content), backward.parameters[before + i]?.name ?? `grad_output[${i}]`);
  });
  const [whole] = passed;
  if (whole?.kind === "parts")
    whole.items.forEach(({ memory: { content } }, i) => {
      const part = nameOfPart(backward.parameters[before]?.name ?? "grad_output", i, whole.items.length);
      if (content.op === "variable") names.set(nameOf(content), part);
    });
  if (output === undefined || !isNamed(output.content)) return names;
  const isOutput = (value: Value | undefined): boolean => value?.kind === "tensor" && value.memory === output;
  const saved = known(context.saved);
  const items = saved?.kind === "tuple" ? saved.items : [];
  const unpacked = unpackedNames(backward.body).find((_, i) => isOutput(items[i]));
  const attribute = [...context.attributes].find(([, cell]) => isOutput(known(cell)));
  const name = unpacked ?? (attribute === undefined ? undefined : `ctx.${attribute[0]}`);
  const isTaken = name === undefined || [...names.values()].includes(name);
  return names.set("y", isTaken ? "output" : name);
}

const nameOf = (variable: Expr): string => variableOf(variable).name;

/** `x, y` of `x, y = ctx.saved_tensors`. */
function unpackedNames(statement: Statement): readonly string[] {
  if (statement.kind === "assign" && statement.value.kind === "member" && statement.value.name.startsWith("saved_"))
    return statement.targets[0]!.kind === "tuple" ? namesOf(statement.targets[0]!) : [];
  for (const part of partsOf(statement)) {
    const names = unpackedNames(part);
    if (names.length > 0) return names;
  }
  return [];
}
