/**
 * The output of `nonlin show` for graphs: formula, tensors, sizes, scalars, the tensors that backward needs, and the
 * plan.
 */
import { planGraph } from "../../pipeline/layer.js";
import type { GraphPlan, Target } from "../../codegen/target.js";
import { createOracle, type Saving } from "../../pipeline/activation.js";
import { Diagnostic } from "../../diagnostic.js";
import type { Definition } from "../../ir/definition.js";
import type { GraphDefinition, SizeParameter } from "../../ir/graph/definition.js";
import type { Buffer, GraphFunction } from "../../ir/kernel.js";
import { formulaText } from "../../ir/print.js";
import { IDENTITY } from "../../layers/layers.js";
import { targets } from "../../registry.js";
import type { Arguments } from "../shell/arguments.js";
import type { ExitCode } from "../commands.js";
import { refuseForGraphs } from "../shell/graph-subject.js";
import { readTarget } from "../shell/options.js";
import { parameterRows } from "../shell/parameter-rows.js";
import { planFields, type PlanFields } from "../build/plan-fields.js";
import type { Terminal } from "../shell/terminal.js";
import { count, table, toJson } from "../shell/text.js";

const LONGEST_FORMULA = 160;

export async function showGraphs(
  graphs: readonly GraphDefinition[],
  save: Saving,
  given: Arguments,
  terminal: Terminal,
): Promise<ExitCode> {
  refuseForGraphs(given, ["explain"], graphs[0]!.id);
  const name = readTarget(given.value("target") ?? "js");
  const target: Target = targets[name];
  if (target.graphs?.of === "tensors")
    throw new Diagnostic(`the graphs of ${name} are the framework's own, without a plan of kernels`, {
      hint: `nonlin export shows the module; plans are there for ${kernelTargets().join(" and ")}`,
    });
  const oracle = await createOracle();
  const shown = graphs.map((graph) => {
    const plan = planGraph(graph, target, save, oracle);
    return { plan, fields: planFields(plan) };
  });
  const withPlan = given.has("plan");
  if (given.has("json")) {
    const all = shown.map(({ plan, fields }) => graphFields(plan, fields, withPlan));
    terminal.out(toJson(all.length === 1 ? all[0] : all));
  } else terminal.out(shown.map(({ plan, fields }) => page(plan, fields, withPlan)).join("\n"));
  return 0;
}

const kernelTargets = (): string[] =>
  Object.entries<Target>(targets).flatMap(([name, { graphs }]) => (graphs?.of === "kernels" ? [name] : []));

function graphFields({ definition, functions, draws }: GraphPlan, { saves, kept, ...plan }: PlanFields, all: boolean) {
  const { id, title, formula, reference, names, sizes, parameters } = definition;
  return {
    id,
    title,
    formula,
    reference,
    names,
    functions: functions.map(({ name, documentation, inputs, outputs }) => ({
      name,
      documentation,
      inputs: inputs.map(tensorFields),
      outputs: outputs.map(tensorFields),
    })),
    sizes: sizes.map(({ name, default: value, least, most, documentation }) => ({
      name,
      ...(value === undefined ? {} : { default: value.text }),
      range: [least, most],
      documentation,
    })),
    parameters: parameters.map(({ name, default: value, range }) => ({ name, default: value, range })),
    draws,
    saves,
    kept,
    ...(all ? { plan: plan.functions } : {}),
  };
}

const tensorFields = ({ name, type, axes, absent, optional, documentation }: Buffer) => ({
  name,
  type,
  axes: axes.map((axis) => ({ name: axis.name, size: axis.size.text })),
  ...(absent === undefined ? {} : { absent }),
  optional: optional || absent !== undefined,
  documentation,
});

function page({ definition, functions, draws }: GraphPlan, fields: PlanFields, withPlan: boolean): string {
  const { id, title, formula, reference, sizes, parameters, activations } = definition;
  const within = activations.filter((one) => one.id !== IDENTITY);
  const scalars = [...parameterRows(parameters), ...(draws ? DRAWN : [])];
  const sections = [
    `${id}: ${title}\n${reference === "" ? "" : `${reference}\n`}\n${formula}\n${within.map(activationText).join("")}`,
    `tensors\n${table(functions.flatMap(tensorRows), "  ")}`,
    `sizes\n${table(sizes.map(sizeRow), "  ")}`,
    scalars.length === 0 ? "" : `parameters\n${table(scalars, "  ")}`,
    needs(fields),
    withPlan ? fields.functions.map(functionText).join("\n") : "",
  ];
  return sections.filter((section) => section !== "").join("\n");
}

const activationText = ({ id, formula }: Definition): string => `${id}(x) = ${formulaText(formula, LONGEST_FORMULA)}\n`;

const DRAWN: readonly string[][] = [
  ["seed = 0", "0 to 4294967295", "what is drawn depends on it"],
  ["counter = 0", "0 to 4294967295", "another one draws other numbers"],
];

/** A function's inputs and outputs; its name stands at the first of them. */
const tensorRows = ({ name, inputs, outputs }: GraphFunction): string[][] => [
  ...inputs.map((buffer, i) => [i === 0 ? `${name} reads` : "", ...tensorRow(buffer, inputs)]),
  ...outputs.map((buffer, i) => [i === 0 ? `${name} writes` : "", ...tensorRow(buffer, inputs)]),
];

function tensorRow({ name, type, axes, absent, optional, documentation }: Buffer, inputs: readonly Buffer[]): string[] {
  const source = inputs.find((one) => name === `d${one.name}`);
  const condition = source === undefined ? "only when asked for" : `when ${source.name} is given`;
  const remarks = [
    ...(type === "float32" ? [] : [type]),
    ...(absent === undefined ? [] : [`optional, else ${absent}`]),
    ...(optional && absent === undefined ? [condition] : []),
    ...(documentation === "" ? [] : [documentation]),
  ];
  const shape = axes.map((axis) => (axis.size.text === axis.name ? axis.name : `${axis.name} (${axis.size.text})`));
  return [name, axes.length === 0 ? "one number" : shape.join(" x "), remarks.join("; ")];
}

function sizeRow({ name, default: value, least, most, documentation }: SizeParameter): string[] {
  const range = most < Infinity ? `${least} to ${most}` : least > 0 ? `at least ${least}` : "";
  return [value === undefined ? name : `${name} = ${value.text}`, documentation, range];
}

function needs({ saves, kept }: PlanFields): string {
  if (saves.length === 0) return "backward needs nothing but the gradients from above\n";
  const rows = saves.map((name) => {
    const bytes = kept.find((one) => one.name === name)?.bytes;
    return [name, bytes === undefined ? "there anyway" : `${bytes} bytes that forward writes for it`];
  });
  return `backward needs\n${table(rows, "  ")}`;
}

type FunctionFields = PlanFields["functions"][number];

function functionText({ name, kernels, workspace }: FunctionFields): string {
  const between = workspace === "0" ? "" : `, with a workspace of ${workspace} numbers between them`;
  return `${name}: ${count(kernels.length, "kernel")}${between}\n${kernels.map(kernelText).join("")}`;
}

const passes = (buffers: Readonly<Record<string, number>>): string =>
  Object.entries(buffers)
    .map(([name, times]) => (times === 1 ? name : `${name} (${times} times)`))
    .join(", ");

function kernelText(
  { blocks, steps, reads, writes, operations }: FunctionFields["kernels"][number],
  i: number,
): string {
  const rows = [
    ...steps.map((step, at) => [at === 0 ? "steps" : "", step]),
    ["reads", passes(reads)],
    ["writes", passes(writes)],
    ["operations", operations],
  ];
  return `  ${i + 1}. ${blocks.length === 0 ? "all at once" : blocks.join(", ")}\n${table(rows, "     ")}`;
}
