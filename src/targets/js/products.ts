/** Products of matrices as calls of `contract`. */
import { integerParts, minus, plus, position, substituteInteger, times, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import { blockEnd, blockStart, type Matrix, type Step } from "../../ir/kernel.js";
import type { KernelContext } from "./blocks.js";
import { Nest } from "./nests.js";
import { ONE, ZERO, isSameInteger, strideAlong } from "../../codegen/loops/places.js";

type ContractStep = Extract<Step, { readonly kind: "contract" }>;

/** Several axes as one: neighbours along it are equally far from each other in each of the matrices. */
interface Dimension {
  readonly size: Integer;
  readonly strides: readonly Integer[];
  /** The axes that are part of it, and those that loops have to go along. */
  readonly axes: readonly Axis[];
  readonly loops: readonly Axis[];
}

export function contractLines(step: ContractStep, kernel: KernelContext): string[] {
  const { to, left, right } = step;
  for (const { buffer } of [to, left, right])
    if (kernel.home(buffer).kind !== "array" || buffer.absent !== undefined)
      throw new RangeError(`a product cannot work on "${buffer.name}"`);
  kernel.context.uses("contract");
  const rows = dimension(step.rows, [to, left], kernel);
  const columns = dimension(step.columns, [to, right], kernel);
  const inner = dimension(step.inner, [left, right], kernel);
  const called = [rows, columns, inner].flatMap(({ axes }) => axes);
  const places = [...step.outer, ...rows.loops, ...columns.loops];
  const nest = new Nest(kernel, [...places, ...inner.loops], [], []);
  const outer = nest.levelInside(places);

  const call = (level: number, size: Integer, accumulate: boolean, fixed = called): string => {
    const offset = ({ buffer, at }: Matrix): string =>
      nest.place(nest.offset(buffer, firstPlace(at, fixed, kernel)), level, buffer.name);
    const matrix = (of: Matrix, strides: readonly (Integer | undefined)[]): string[] => {
      const home = kernel.home(of.buffer);
      const array = home.kind === "array" ? home.array : home.variable;
      return [array, offset(of), ...strides.map((stride) => nest.text(stride!))];
    };
    const operands = [
      ...matrix(to, [rows.strides[0], columns.strides[0]]),
      ...matrix(left, [rows.strides[1], inner.strides[0]]),
      ...matrix(right, [columns.strides[1], inner.strides[1]]),
    ];
    const sizes = [rows.size, columns.size, size].map((one) => nest.text(one));
    return `contract(${[...operands, ...sizes, accumulate].join(", ")});`;
  };
  const comment = `// ${to.buffer.name} ${step.accumulate ? "+=" : "="} ${left.buffer.name} · ${right.buffer.name}, summed over ${step.inner.map(({ name }) => name).join(" and ") || "nothing"}`;
  if (inner.loops.length === 0) return nest.whole(outer, [comment, call(outer, inner.size, step.accumulate)]);
  // Several sums to the same place: without terms the product is 0.
  const clear = step.accumulate ? [] : [call(outer, ZERO, false, [...called, ...inner.loops])];
  const sum = call(nest.innermost, inner.size, true);
  return nest.whole(outer, [comment, ...clear, ...nest.inside(outer, nest.innermost, [sum])]);
}

/** The places at which a product begins: where its own axes begin, and those of the loops around it are. */
function firstPlace(at: readonly Integer[], called: readonly Axis[], kernel: KernelContext): Integer[] {
  const first = (axis: Axis): Integer => (kernel.block(axis) === undefined ? ZERO : blockStart(axis));
  const starts = new Map(called.map((axis) => [position(axis), first(axis)]));
  return at.map((place) => substituteInteger(place, (part) => starts.get(part)));
}

/** The axes of a list that are as good as one; the last one first, since it is the one of neighbours. */
function dimension(axes: readonly Axis[], matrices: readonly Matrix[], kernel: KernelContext): Dimension {
  let [size, strides] = [ONE, matrices.map(() => ZERO)] as [Integer, Integer[]];
  const [inside, loops]: [Axis[], Axis[]] = [[], []];
  for (const axis of axes.filter((one) => !kernel.isPlain(one)).reverse()) {
    const steps = matrices.map((matrix) => strideOf(matrix, axis, kernel));
    const nests = steps.every(
      (step, i) => step !== undefined && (inside.length === 0 || isSameInteger(step, times(size, strides[i]!))),
    );
    if (!nests) {
      loops.unshift(axis);
      continue;
    }
    const extent = kernel.block(axis) === undefined ? axis.size : minus(blockEnd(axis), blockStart(axis));
    if (inside.length === 0) strides = steps as Integer[];
    size = times(extent, size);
    inside.unshift(axis);
  }
  return { size, strides, axes: inside, loops };
}

/** How far neighbours along an axis are from each other, where that is the same everywhere. */
function strideOf({ buffer, at }: Matrix, axis: Axis, kernel: KernelContext): Integer | undefined {
  let stride: Integer = ZERO;
  for (const [i, place] of at.entries()) {
    const along = strideAlong(kernel.local(buffer, i, place), axis);
    if (along === undefined || integerParts(along).some(({ kind }) => kind === "position" || kind === "element"))
      return undefined;
    stride = plus(stride, times(along, buffer.strides[i]!));
  }
  return stride;
}
