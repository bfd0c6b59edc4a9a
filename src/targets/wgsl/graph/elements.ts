/** Kernels that compute every element by itself: lanes stride over the elements, in the order in which they are stored. */
import { constantInteger, floorDiv, plus, times, type Integer } from "../../../ir/graph/integer.js";
import { has, type Axis } from "../../../ir/graph/tensor.js";
import type { Step, Store } from "../../../ir/kernel.js";
import { LANES } from "../elementwise.js";
import { comment } from "../text.js";
import type { KernelText } from "./kernel-text.js";
import { countText, decomposition, newLocals, type KernelScope, type Scope } from "./scope.js";
import { storeLines, valueLines } from "./values.js";

export const ceilDiv = (a: Integer, b: number): Integer => floorDiv(plus(a, b - 1), constantInteger(b));
export const countOf = (axes: readonly Axis[]): Integer =>
  axes.reduce<Integer>((product, { size }) => times(product, size), constantInteger(1));

export type StoreStep = Extract<Step, { readonly kind: "store" }>;

/** The axes of a store in the order in which what it writes is stored. */
export function storedOrder(axes: readonly Axis[], stores: readonly Store[]): readonly Axis[] {
  const order = stores.find(({ to }) => axes.every(({ name }) => has(to.buffer.axes, name)))?.to.buffer.axes ?? axes;
  return order.filter(({ name }) => has(axes, name));
}

/** Computes and writes what a step stores, at the places of a scope. */
export const storeBody = ({ stores }: Pick<StoreStep, "stores">, scope: Scope): string[] =>
  valueLines(
    stores.map(({ value }) => value),
    scope,
    (results) => stores.flatMap(({ to }, i) => storeLines(to, results[i]!, scope)),
  );

export function elementsKernel(scope: KernelScope, documentation: string): KernelText {
  const { module, kernel, entry } = scope;
  const [step] = kernel.steps as readonly [StoreStep];
  const axes = storedOrder(step.axes, step.stores);
  const locals = newLocals(module);
  const [i, count] = [locals.fresh("i"), locals.fresh("count")];
  const flat = { axes, text: i };
  const places = decomposition(flat, module, locals);
  const body = storeBody(step, {
    kernel: scope,
    locals,
    position: (axis) => places.position(axis)!,
    flats: [flat],
    tile: ({ buffer }) => {
      throw new Error(`${entry} has no tile ${buffer.name}`);
    },
  });
  module.items.push([
    ...comment(documentation),
    `@compute @workgroup_size(${LANES})`,
    `fn ${entry}(`,
    "@builtin(global_invocation_id) invocation: vec3<u32>,",
    "@builtin(num_workgroups) workgroups: vec3<u32>,",
    ") {",
    `let ${count} = ${countText(axes, module)};`,
    `for (var ${i} = invocation.x; ${i} < ${count}; ${i} += workgroups.x * ${LANES}u) {`,
    ...places.lines(),
    ...body,
    "}",
    "}",
  ]);
  return {
    workgroups: ceilDiv(countOf(axes), LANES),
    workgroupBytes: constantInteger(0),
    invocations: constantInteger(LANES),
  };
}
