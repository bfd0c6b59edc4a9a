/** Products of matrices as calls of `contract`. */
import { dimensionsOf, type ContractStep } from "../../codegen/loops/dimensions.js";
import { ZERO } from "../../codegen/loops/places.js";
import type { Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import type { Matrix } from "../../ir/kernel.js";
import type { KernelContext } from "./blocks.js";
import { Nest } from "./nests.js";

export function contractLines(step: ContractStep, kernel: KernelContext): string[] {
  const { to, left, right } = step;
  for (const { buffer } of [to, left, right])
    if (kernel.home(buffer).kind !== "array" || buffer.absent !== undefined)
      throw new RangeError(`a product cannot work on "${buffer.name}"`);
  kernel.context.uses("contract");
  const { rows, columns, inner, first } = dimensionsOf(step, kernel);
  const places = [...step.outer, ...rows.loops, ...columns.loops];
  const nest = new Nest(kernel, [...places, ...inner.loops], [], []);
  const outer = nest.levelInside(places);

  const call = (level: number, size: Integer, accumulate: boolean, fixed: readonly Axis[] = []): string => {
    const offset = (of: Matrix): string =>
      nest.place(nest.offset(of.buffer, [...first(of, fixed)]), level, of.buffer.name);
    const matrix = (of: Matrix, strides: readonly Integer[]): string[] => {
      const home = kernel.home(of.buffer);
      const array = home.kind === "array" ? home.array : home.variable;
      return [array, offset(of), ...strides.map((stride) => nest.text(stride))];
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
  const clear = step.accumulate ? [] : [call(outer, ZERO, false, inner.loops)];
  const sum = call(nest.innermost, inner.size, true);
  return nest.whole(outer, [comment, ...clear, ...nest.inside(outer, nest.innermost, [sum])]);
}
