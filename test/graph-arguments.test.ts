/** What emitted graphs refuse before they write anything, and what callers may leave out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphDefinition } from "../src/ir/graph/definition.js";
import { sizeOf } from "../src/ir/graph/places.js";
import type { Buffer } from "../src/ir/kernel.js";
import {
  MODULE_TARGETS,
  emptyArray,
  functionOf,
  graphModule,
  type GraphModule,
  type ModuleTarget,
  type MutableArrays,
} from "./helpers/graph-modules.js";
import { drawnSizes, instanceOf, invoke, type Instance } from "./helpers/graph-random.js";
import { graphDefinition, rowActivations } from "./helpers/layer-cases.js";

const LAYERS = ["dense", "gated_dense", "conv1d", "conv2d", "layer_norm", "rms_norm", "batch_norm", "residual"];
const COMPOSITE = ["cross_entropy", "attention", "multihead_attention", "adaptive_log_softmax"];
const SUBJECTS: readonly (readonly [id: string, definition: GraphDefinition])[] = [
  ...rowActivations.map((definition) => [definition.id, definition] as const),
  ...[...LAYERS, ...COMPOSITE].map((id) => [id, graphDefinition(id)] as const),
];

const SENTINEL = 7;

interface Subject {
  readonly module: GraphModule;
  readonly instance: Instance;
  /** Everything that any of the functions wants. */
  readonly tensors: MutableArrays;
}

/** A module and a call of it in which no tensor is empty. */
async function subjectOf(id: string, definition: GraphDefinition, target: ModuleTarget = "js"): Promise<Subject> {
  const module = await graphModule(definition, "auto", target);
  for (const sizes of fc.sample(drawnSizes(id), { numRuns: 2000, seed: 5 })) {
    const instance = instanceOf(definition, sizes, 1);
    const needed = module.plan.functions.flatMap((of) => [...of.inputs, ...of.outputs]);
    if (needed.some((of) => of.absent === undefined && sizeOf(of.length, instance.sizes) === 0)) continue;
    const tensors: MutableArrays = { ...instance.tensors, ...instance.upstream };
    for (const of of functionOf(module, "forward").outputs) tensors[of.name] = emptyArray(of, instance.sizes);
    invoke(module, "forward", tensors, instance.given, tensors);
    return { module, instance, tensors };
  }
  throw new Error(`no sizes of ${id} make a call without empty tensors`);
}

/** Calls with outputs full of sentinels: it has to fail, and leave them alone. */
function refused(
  { module, instance, tensors }: Subject,
  name: string,
  changes: {
    readonly tensors?: Readonly<Record<string, unknown>>;
    readonly numbers?: object;
    readonly outputs?: Readonly<Record<string, unknown>>;
    readonly workspace?: unknown;
  },
  kind: typeof RangeError | typeof TypeError,
  ...parts: readonly string[]
): void {
  const { outputs } = functionOf(module, name);
  const arrays = outputs.map((of) => [of.name, emptyArray(of, instance.sizes).fill(SENTINEL)] as const);
  let error: unknown;
  try {
    const given = changes.numbers ?? instance.given;
    const into = { ...Object.fromEntries(arrays), ...changes.outputs };
    invoke(module, name, { ...tensors, ...changes.tensors }, given, into, changes.workspace);
  } catch (caught) {
    error = caught;
  }
  expect(error, `${name}: ${parts.join(", ")}`).toBeInstanceOf(kind);
  for (const part of parts) expect((error as Error).message).toContain(part);
  for (const [output, array] of arrays)
    expect(
      array.every((value) => value === SENTINEL),
      output,
    ).toBe(true);
}

/** `outputs (3) x inputs (4) are 12` */
function whyOf({ axes, length }: Buffer, { sizes }: Instance): string {
  const factors = axes.map((axis) => `${axis.name} (${sizeOf(axis.size, sizes)})`);
  const count = sizeOf(length, sizes);
  return factors.length === 0
    ? `a number has ${count}`
    : `${factors.join(" x ")} ${factors.length === 1 ? "is" : "are"} ${count}`;
}

const longer = (of: Buffer, instance: Instance): MutableArrays[string] => {
  const right = emptyArray(of, instance.sizes);
  return new (right.constructor as Float32ArrayConstructor)(right.length + 1);
};

const EACH = MODULE_TARGETS.flatMap((target) => SUBJECTS.map((subject) => [target, ...subject] as const));

describe.each(EACH)("%s: %s", async (target, id, definition) => {
  const subject = await subjectOf(id, definition, target);
  const { module, instance, tensors } = subject;
  const functions = module.plan.functions;

  it("refuses sizes and scalars that cannot be", () => {
    const numbers = (name: string, value: unknown): object => ({ ...instance.given, [name]: value });
    for (const { name: of } of functions) {
      for (const { name, least, most } of definition.sizes)
        for (const value of [-1, 1.5, NaN, "2", null, least - 1, most + 1].filter((one) => one !== Infinity))
          refused(
            subject,
            of,
            { numbers: numbers(name, value) },
            RangeError,
            `${name} must be a whole number`,
            `${value}`,
          );
      for (const { name, range } of module.plan.definition.parameters)
        for (const value of [NaN, range[0] - Math.abs(range[0]) - 1, range[1] + Math.abs(range[1]) + 1].filter(
          (one) => Math.abs(one) !== Infinity,
        ))
          refused(subject, of, { numbers: numbers(name, value) }, RangeError, `${name} must be `, `${value}`);
      if (module.plan.draws)
        for (const name of ["seed", "counter"])
          for (const value of [-1, 0.5, 2 ** 32, NaN])
            refused(subject, of, { numbers: numbers(name, value) }, RangeError, `${name} must be a whole number`);
    }
  });

  it("refuses inputs of another length or type, and those that are missing", () => {
    for (const { name: of, inputs } of functions)
      for (const input of inputs) {
        const wrong = longer(input, instance);
        const { length } = wrong;
        const why = `"${input.name}" has ${length} elements; ${whyOf(input, instance)}`;
        refused(subject, of, { tensors: { [input.name]: wrong } }, RangeError, why);
        const type = emptyArray(input, instance.sizes).constructor.name;
        for (const other of [new Float64Array(length - 1), Array.from({ length: length - 1 }, () => 0), 3])
          refused(subject, of, { tensors: { [input.name]: other } }, TypeError, `"${input.name}" must be a ${type}`);
        if (input.absent === undefined)
          for (const nothing of [undefined, null])
            refused(subject, of, { tensors: { [input.name]: nothing } }, TypeError, `"${input.name}" is not given`);
      }
  });

  it("refuses outputs and workspaces that do not fit", () => {
    for (const { name: of, outputs } of functions) {
      for (const output of outputs) {
        const wrong = longer(output, instance);
        const why = `"${output.name}" has ${wrong.length} elements; ${whyOf(output, instance)}`;
        refused(subject, of, { outputs: { [output.name]: wrong } }, RangeError, why);
        const other = new Float64Array(wrong.length - 1);
        refused(subject, of, { outputs: { [output.name]: other } }, TypeError, `"${output.name}" must be a `);
      }
      const needed = (module.exports["workspaceLength"] as (of: string, sizes: object) => number)(of, instance.given);
      if (needed === 0) continue;
      const small = new Float64Array(needed - 1);
      refused(subject, of, { workspace: small }, RangeError, `"workspace" has ${needed - 1} elements`, `${needed}`);
      refused(subject, of, { workspace: new Float32Array(needed) }, TypeError, '"workspace" must be a Float64Array');
    }
  });

  it("leaves out what is not wanted, and gives the same otherwise", () => {
    for (const { name: of, outputs } of functions) {
      if (outputs.length === 1) continue;
      const all = Object.fromEntries(outputs.map((output) => [output.name, emptyArray(output, instance.sizes)]));
      invoke(module, of, tensors, instance.given, all);
      for (const { name } of outputs) {
        const arrays = outputs.map(
          (output) => [output.name, emptyArray(output, instance.sizes).fill(SENTINEL)] as const,
        );
        const into = { ...Object.fromEntries(arrays), [name]: null };
        const written = invoke(module, of, tensors, instance.given, into);
        expect(written).toEqual({ ...all, [name]: null });
        for (const [output] of arrays) expect(written[output], output).toBe(into[output]);
      }
    }
  });
});

describe("what sizes have to fulfil", () => {
  it.each<readonly [id: string, sizes: object, message: string]>([
    ["conv1d", { channels: 3, filters: 4, groups: 2 }, "channels (3) must be divisible by groups (2)"],
    ["conv1d", { channels: 4, filters: 3, groups: 2 }, "filters (3) must be divisible by groups (2)"],
    [
      "conv1d",
      { length: 3, kernel: 3, dilation: 2, padding: 0 },
      "kernel (3) with dilation (2), must fit into the length (3)",
    ],
    ["conv2d", { width: 1, kernelWidth: 4, dilationWidth: 1, paddingWidth: 1 }, "kernelWidth (4)"],
    ["conv2d", { channels: 5, groups: 3 }, "channels (5) must be divisible by groups (3)"],
    ["attention", { maskBatch: 3, batch: 2 }, "maskBatch (3) must be 1 or batch (2)"],
    ["attention", { maskHeads: 2, heads: 4 }, "maskHeads (2) must be 1 or heads (4)"],
    ["multihead_attention", { embed: 7, heads: 2 }, "embed (7) must be divisible by heads (2)"],
    ["multihead_attention", { maskHeads: 3, batch: 2, heads: 2 }, "maskHeads (3) must be 1 or batch (2) · heads (2)"],
    ["adaptive_log_softmax", { size_1: 0, size_2: 2 }, "size_1 (0) must not be 0 where size_2 (2) is not"],
  ])("%s %o", async (id, sizes, message) => {
    const subject = await subjectOf(id, graphDefinition(id));
    for (const { name } of subject.module.plan.functions)
      refused(subject, name, { numbers: { ...subject.instance.given, ...sizes } }, RangeError, message);
  });
});

describe.each(MODULE_TARGETS)("a shape and an axis: %s", (target) => {
  const ranks: Readonly<Record<string, readonly [number, number]>> = { softmax2d: [3, 4] };
  const shaped = rowActivations.filter((definition) => definition.shaped !== undefined);

  it.each(shaped.map((definition) => [definition.id, definition] as const))("%s", async (id, definition) => {
    const module = await graphModule(definition, "auto", target);
    const { parts, rows, along, inner } = definition.shaped!;
    const [least, most] = ranks[id] ?? [1, 4];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: least, maxLength: most }),
        fc.nat({ max: 3 }),
        fc.boolean(),
        (drawn, at, fromEnd) => {
          const axis = at % drawn.length;
          const shape = drawn.map((size, i) => (i === axis ? size * parts : size));
          const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
          const sizes = {
            [rows]: product(shape.slice(0, axis)),
            [along]: drawn[axis]!,
            [inner]: product(shape.slice(axis + 1)),
          };
          const x = Float32Array.from({ length: product(shape) }, (_, i) => Math.sin(7 * i));
          const named = fromEnd ? axis - shape.length : axis;
          const found = invoke(module, "forward", { x }, { shape, axis: named });
          expect(found).toEqual(invoke(module, "forward", { x }, sizes));
        },
      ),
      { numRuns: 50, seed: 3 },
    );
  });

  it.each(shaped.map((definition) => [definition.id, definition] as const))(
    "of %s is checked",
    async (_, definition) => {
      const module = await graphModule(definition, "auto", target);
      const x = new Float32Array(24);
      const y = new Float32Array(24).fill(SENTINEL);
      const run = (numbers: object) => () => invoke(module, "forward", { x }, numbers, { y });
      const { ranks: accepted, parts } = definition.shaped!;
      expect(run({ shape: [2, 3, 4], axis: 3 })).toThrow("there is no axis 3 in a shape of rank 3");
      expect(run({ shape: [2, 3, 4], axis: -4 })).toThrow("there is no axis -4 in a shape of rank 3");
      expect(run({ shape: [2, 3, 4], axis: 0.5 })).toThrow("there is no axis 0.5");
      expect(run({ shape: [] })).toThrow("the shape has rank 0");
      if (accepted[0] > 1) expect(run({ shape: [2, 12] })).toThrow("the shape has rank 2");
      expect(run({ shape: [2, -3, -4], axis: 0 })).toThrow(
        "each size in the shape must be a whole number of at least 0, got -3",
      );
      expect(run({ shape: [2, 1.5, 8], axis: 0 })).toThrow("got 1.5");
      if (parts === 2)
        expect(run({ shape: [8, 3, 1], axis: 1 })).toThrow("axis 1 has 3 elements, which do not make 2 equal parts");
      expect(y.every((value) => value === SENTINEL)).toBe(true);
    },
  );
});

describe.each(MODULE_TARGETS)("targets: %s", (target) => {
  const WITH_TARGETS = [
    ["cross_entropy", 13, { ignore: -1 }, " or -1"],
    ["adaptive_log_softmax", 12, {}, ""],
  ] as const;
  it.each(WITH_TARGETS)("of %s have to be classes", async (id, classes, scalars, other) => {
    const definition = graphDefinition(id);
    const sizes = { rows: 3, inputs: 4, classes: 13, shortlist: 5, size_0: 4, size_1: 3, size_2: 0, divisor: 2 };
    const known = Object.fromEntries(
      definition.sizes.flatMap(({ name }) => (name in sizes ? [[name, sizes[name as keyof typeof sizes]]] : [])),
    );
    const module = await graphModule(definition, "auto", target);
    const made = instanceOf(definition, known, 1);
    const instance = { ...made, given: { ...made.given, ...scalars } };
    const written = Object.fromEntries(
      functionOf(module, "forward").outputs.map((of) => [of.name, emptyArray(of, instance.sizes)]),
    );
    const subject: Subject = { module, instance, tensors: { ...made.tensors, ...made.upstream, ...written } };
    for (const name of ["forward", "backward"])
      for (const wrong of [classes, -100, 2 ** 31 - 1, -(2 ** 31)]) {
        const classesOf = Int32Array.of(0, wrong, 1);
        const message = `"target" has ${wrong} at 1; it must be in [0, ${classes - 1}]${other}`;
        refused(subject, name, { tensors: { target: classesOf } }, RangeError, message);
      }
    const right = Int32Array.of(0, classes - 1, id === "cross_entropy" ? -1 : 1);
    expect(() => invoke(module, "forward", { ...subject.tensors, target: right }, instance.given)).not.toThrow();
  });
});
