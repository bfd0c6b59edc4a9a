/** Graphs in tests: sizes with their defaults, and tensors in the order in which they are stored. */
import type { GraphDefinition } from "../../src/ir/graph/definition.js";
import { input } from "../../src/ir/graph/build.js";
import { sizeOf } from "../../src/ir/graph/places.js";
import type { Integer } from "../../src/ir/graph/integer.js";
import type { Axis, Input } from "../../src/ir/graph/tensor.js";

export type Numbers = Readonly<Record<string, number>>;

/** All sizes, those that are not given by their defaults; fails where a requirement is not met. */
export function completeSizes(definition: GraphDefinition, given: Numbers): Numbers {
  const sizes: Record<string, number> = {};
  for (const { name, default: otherwise, least, most } of definition.sizes) {
    const value = given[name] ?? (otherwise === undefined ? undefined : sizeOf(otherwise, sizes));
    if (value === undefined) throw new RangeError(`the size ${name} is not given`);
    if (value < least || value > most) throw new RangeError(`${name} (${value}) must be from ${least} to ${most}`);
    sizes[name] = value;
  }
  for (const name of Object.keys(given)) if (!(name in sizes)) throw new RangeError(`there is no size ${name}`);
  for (const { left, relation, right, message } of definition.requirements) {
    const [a, b] = [sizeOf(left, sizes), sizeOf(right, sizes)];
    if (relation === "==" ? a !== b : a > b)
      throw new RangeError(message.replace(/\{(\w+)\}/g, (_, name: string) => String(sizes[name])));
  }
  return sizes;
}

/** All scalars, those that are not given by their defaults. */
export const completeParameters = (definition: GraphDefinition, given: Numbers = {}): Numbers => ({
  ...Object.fromEntries(definition.parameters.map((parameter) => [parameter.name, parameter.default])),
  ...given,
});

interface Layout {
  readonly axes: readonly Axis[];
  readonly strides: readonly Integer[] | undefined;
}

export const countOf = (axes: readonly Axis[], sizes: Numbers): number =>
  axes.reduce((product, { size }) => product * sizeOf(size, sizes), 1);

/** Elements that are row-major along some axes as they are stored in a layout of the same axes. */
export function stored(values: ArrayLike<number>, along: readonly Axis[], layout: Layout, sizes: Numbers): number[] {
  const extents = along.map(({ size }) => sizeOf(size, sizes));
  const rowMajor = layout.axes.map((_, i) => countOf(layout.axes.slice(i + 1), sizes));
  const strides = layout.strides?.map((stride) => sizeOf(stride, sizes)) ?? rowMajor;
  const strideAlong = along.map(({ name }) => strides[layout.axes.findIndex((axis) => axis.name === name)]!);
  const result = new Array<number>(values.length).fill(NaN);
  for (let index = 0; index < values.length; index++) {
    let [at, rest] = [0, index];
    for (let i = along.length - 1; i >= 0; i--) {
      at += (rest % extents[i]!) * strideAlong[i]!;
      rest = Math.floor(rest / extents[i]!);
    }
    result[at] = values[index]!;
  }
  return result;
}

/** The gradient that comes to an output from above: an input in the output's layout. */
export const upstreamOf = (name: string, { axes, strides }: Layout): Input =>
  input(`upstream of ${name}`, axes, strides === undefined ? {} : { strides });
