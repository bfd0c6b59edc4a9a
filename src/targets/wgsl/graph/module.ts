/** A graph as a WGSL module: its bindings, its kernels as entry points, and what a host has to know of them. */
import { generated } from "../../../codegen/header.js";
import { reportOf } from "../../../codegen/graph/report.js";
import type { GraphPlan } from "../../../codegen/target.js";
import { integerParts, type Integer } from "../../../ir/graph/integer.js";
import { buffersWritten, plainSteps, type Buffer, type GraphFunction, type Kernel } from "../../../ir/kernel.js";
import { bindingLine, moduleText } from "../module.js";
import {
  SUBGROUP_MARK,
  type Binding,
  type Override,
  type ShaderFunction,
  type ShaderKernel,
  type ShaderModule,
} from "../shader.js";
import { comment, oneLine } from "../text.js";
import { callableFunctions } from "./calls.js";
import { elementsKernel } from "./elements.js";
import { integerHelpers } from "./helpers.js";
import type { KernelText } from "./kernel-text.js";
import { identifier, Locals } from "./names.js";
import { productsKernel } from "./products.js";
import { reachable } from "./reach.js";
import { rowsKernel } from "./rows.js";
import type { KernelScope, ModuleScope } from "./scope.js";
import { SUBGROUP_NAMES } from "./subgroups.js";
import { sweepKernel } from "./sweep.js";

const ELEMENTS: { readonly [K in Buffer["type"]]: Binding["element"] } = {
  float32: "f32",
  float64: "f32",
  int32: "i32",
  uint8: "u32",
};

export function emitShaders(plan: GraphPlan): ShaderModule {
  const { definition, functions } = plan;
  const bindings = bindingsOf(functions);
  const overrides = new Map<string, Override>();
  for (const { presence, role, documentation } of bindings.all)
    if (presence !== undefined && !overrides.has(presence))
      overrides.set(presence, presenceOverride(presence, role, documentation));
  const taken = new Set([...bindings.all.map(({ name }) => name), ...overrides.keys(), ...TAKEN]);
  const module: ModuleScope = {
    bindingOf: bindings.of,
    taken,
    items: [],
    sizes: new Map(),
    overrides,
    callable: callableFunctions(plan.activations, taken),
    called: new Set(),
    isOutput: ({ name }) => definition.outputs.some((output) => output.name === name),
  };
  const reports = reportOf(plan).functions;
  const unlinked = functions.map((of, i): ShaderFunction => {
    const entries = entryNames(of, module);
    const bound = (buffers: readonly Buffer[]): Binding[] => buffers.map((buffer) => bindings.of(buffer));
    return {
      name: of.name,
      documentation: of.documentation,
      inputs: bound(of.inputs),
      outputs: bound(of.outputs),
      workspace: bound(of.workspace),
      kernels: of.kernels.map((kernel, j): ShaderKernel => {
        const documentation = reports[i]!.kernels[j]!.steps.map((step) => step.trim()).join("\n");
        const scope: KernelScope = { module, of, kernel, entry: entries[j]! };
        const text = writerOf(kernel)(scope, documentation);
        const used = bound([...touched(kernel, of)]);
        return {
          entry: entries[j]!,
          bindings: used,
          documentation: documentation.replaceAll("\n", "; "),
          overrides: [],
          ...text,
        };
      }),
    };
  });
  const items = [...module.callable.filter((one) => module.called.has(one)).map(({ lines }) => lines), ...module.items];
  const reached = reachable(
    items,
    unlinked.flatMap(({ kernels }) => kernels.map(({ entry }) => entry)),
    [...overrides.keys()],
  );
  const written = unlinked.map((of) => ({
    ...of,
    kernels: of.kernels.map((kernel) => ({ ...kernel, overrides: reached.get(kernel.entry)! })),
  }));
  const lines = items.flat();
  const declared = new Map(bindings.all.map((binding) => [binding.name, binding]));
  const subgroups = lines.some((line) => line.startsWith(SUBGROUP_MARK));
  return {
    id: definition.id,
    title: definition.title,
    formula: definition.formula,
    reference: definition.reference,
    code: moduleText({
      header: header(plan, written, subgroups),
      sizes: definition.sizes,
      parameters: definition.parameters,
      draws: plan.draws,
      overrides: [...overrides.values()],
      bindings: [...declared.values()]
        .sort((a, b) => a.number - b.number)
        .map((binding) => bindingLine(binding, binding.name, binding.element)),
      items: [...items, ...integerHelpers(lines)],
    }),
    half: false,
    subgroups,
    sizes: definition.sizes,
    requirements: definition.requirements,
    parameters: definition.parameters,
    draws: plan.draws,
    overrides: [...overrides.values()],
    functions: written,
    saves: plan.saves,
  };
}

/** Names that entry points declare. */
const TAKEN = [
  ...SUBGROUP_NAMES,
  "workgroup",
  "workgroups",
  "local",
  "invocation",
  "tiles",
  "row_tiles",
  "column_tiles",
];

function writerOf({ steps }: Kernel): (scope: KernelScope, documentation: string) => KernelText {
  if (steps.some(({ kind }) => kind === "sweep")) return sweepKernel;
  const kinds = new Set(plainSteps(steps).map(({ kind }) => kind));
  return kinds.has("contract") ? productsKernel : kinds.has("fold") ? rowsKernel : elementsKernel;
}

/**
 * One binding for each tensor: what forward writes and backward reads is the same. It has a variable for each access, since
 * an entry point that only reads may not say that it writes.
 */
function bindingsOf(functions: readonly GraphFunction[]) {
  const keyOf = ({ role, name }: Buffer, of: GraphFunction): string =>
    role === "workspace" ? `${of.name}_${name}` : name;
  const groups = (["inputs", "outputs", "workspace"] as const).flatMap((kind) =>
    functions.flatMap((of) => of[kind].map((buffer) => ({ buffer, of }))),
  );
  const written = new Set(
    groups.filter(({ buffer }) => buffer.role !== "input").map(({ buffer, of }) => keyOf(buffer, of)),
  );
  const names = new Map<string, string>();
  const numbers = new Map<string, number>();
  const locals = new Locals(new Set());
  const made = new Map<Buffer, Binding>();
  for (const { buffer, of } of groups) {
    const key = keyOf(buffer, of);
    const variable = buffer.role === "input" && written.has(key) ? `saved_${key}` : key;
    const name = names.get(variable) ?? locals.fresh(variable);
    names.set(variable, name);
    numbers.set(key, numbers.get(key) ?? numbers.size + 1);
    const presence =
      buffer.role === "input" && buffer.absent !== undefined
        ? `has_${name}`
        : buffer.role === "output" && buffer.optional
          ? `writes_${name}`
          : undefined;
    made.set(buffer, {
      name,
      tensor: buffer.name,
      number: numbers.get(key)!,
      role: buffer.role === "tile" ? "workspace" : buffer.role,
      access: buffer.role === "input" ? "read" : "read_write",
      element: ELEMENTS[buffer.type],
      length: buffer.length,
      presence,
      documentation: buffer.documentation,
    });
  }
  return { all: [...made.values()], of: (buffer: Buffer): Binding => made.get(buffer)! };
}

const presenceOverride = (name: string, role: Binding["role"], documentation: string): Override => ({
  name,
  type: "bool",
  default: 1,
  documentation: role === "input" ? `Whether it is given. ${documentation}` : `Whether it is written. ${documentation}`,
});

/** `forward`, or `backward_dx` and `backward_dweight` where there are several. */
function entryNames({ name, kernels }: GraphFunction, { taken }: ModuleScope): readonly string[] {
  const locals = new Locals(taken);
  return kernels.map(({ steps }) => {
    if (kernels.length === 1) return locals.fresh(name);
    const written = [...new Set(plainSteps(steps).flatMap(buffersWritten))];
    const outputs = written.filter(({ role }) => role === "output");
    const left = outputs.length > 0 ? outputs : written.filter(({ role }) => role === "workspace");
    return locals.fresh([name, ...left.map((buffer) => identifier(buffer.name))].join("_"));
  });
}

/** The buffers in memory that a kernel touches, index tensors included. */
function touched({ steps, accesses }: Kernel, { inputs }: GraphFunction): Set<Buffer> {
  const found = new Set<Buffer>();
  const place = (at: Integer): void => {
    for (const { tensor } of integerParts(at))
      if (tensor?.kind === "input") {
        const index = inputs.find(({ name }) => name === tensor.name);
        if (index !== undefined) found.add(index);
      }
  };
  const element = (buffer: Buffer, at: readonly Integer[]): void => {
    if (buffer.role !== "tile") found.add(buffer);
    at.forEach(place);
  };
  for (const access of accesses.values())
    if (access.kind === "load") {
      element(access.element.buffer, access.element.at);
      for (const guard of access.element.guards) place(guard.place);
    } else place(access.kind === "random" ? access.index : access.value);
  for (const step of plainSteps(steps)) {
    if (step.kind === "contract") for (const { buffer, at } of [step.left, step.right, step.to]) element(buffer, at);
    else for (const { to } of step.kind === "store" ? step.stores : step.folds) element(to.buffer, to.at);
  }
  return found;
}

/** `5 y, output of forward; saved_y, input of backward: rows * outputs of f32.`: what functions do with each buffer. */
function bufferTexts(functions: readonly ShaderFunction[]): string[] {
  const uses = functions.flatMap((of) =>
    [...of.inputs, ...of.outputs, ...of.workspace].map((binding) => ({ binding, of: of.name })),
  );
  const numbers = [...new Set(uses.map(({ binding }) => binding.number))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const own = uses.filter(({ binding }) => binding.number === number);
    const roles = [...new Set(own.map(({ binding }) => `${binding.name}, ${binding.role}`))].map((role) => {
      const users = own.filter(({ binding }) => `${binding.name}, ${binding.role}` === role).map(({ of }) => of);
      return users.length === own.length ? role : `${role} of ${users.join(" and ")}`;
    });
    const { length, element } = own[0]!.binding;
    const documentation = own.map(({ binding }) => oneLine(binding.documentation)).find((text) => text !== "");
    return `- ${number} ${roles.join("; ")}: ${length.text} of ${element}. ${documentation ?? ""}`.trim();
  });
}

const bindingNumbers = (bindings: readonly Binding[]): string =>
  bindings
    .map(({ number }) => number)
    .sort((a, b) => a - b)
    .join(", ");

function header({ definition, draws }: GraphPlan, functions: readonly ShaderFunction[], subgroups: boolean): string[] {
  const inputs = functions.flatMap((of) => of.inputs);
  return [
    `// ${generated()}`,
    ...comment(`${oneLine(definition.title)}: ${oneLine(definition.formula)}`),
    ...(definition.reference === "" ? [] : comment(oneLine(definition.reference))),
    "//",
    ...comment(
      `Group 0 has the uniform sizes as binding 0 - sizes, then parameters${draws ? ", then the seed and the counter of draws" : ""}, ` +
        "each of four bytes - and storage buffers:",
    ),
    ...bufferTexts(functions).flatMap(comment),
    ...(inputs.some(({ element }) => element === "i32")
      ? comment("Indices are not checked: where one is outside of its axis, 0 is read.")
      : []),
    ...(subgroups
      ? comment(
          `Lines that begin with ${SUBGROUP_MARK.trim()} are for devices with subgroups: without these marks, and with ` +
            "`enable subgroups;` above everything.",
        )
      : []),
    "//",
    "// Entry points, each function's in order, and for how many workgroups along x there is work; fewer or more will do.",
    ...functions.flatMap(({ kernels }) =>
      kernels.flatMap(({ entry, workgroups, bindings }) =>
        comment(`- ${entry}: ${workgroups.text}. Bindings ${bindingNumbers(bindings)}.`),
      ),
    ),
  ];
}
