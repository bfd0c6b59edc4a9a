/** Elements of a kernel's buffers in loops: where they are, whether they are inside, and those that stand in locals. */
import { isNatural, position, plus, times, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import {
  blockEnd,
  blockStart,
  type Buffer,
  type ElementOf,
  type Guard,
  type Kernel,
  type Matrix,
} from "../../ir/kernel.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  load,
  local,
  type Local,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { singular } from "../names.js";
import { KernelBlocks } from "./dimensions.js";
import type { FunctionNames, Integers } from "./integers.js";
import { ZERO } from "./places.js";

export const number = (value: number): Value => constantOf("f64", value);

/** The common ground of a kernel's steps. */
export class KernelElements extends KernelBlocks {
  private readonly registers = new Map<Buffer, Local>();
  private readonly declared = new Set<Local>();

  constructor(
    kernel: Kernel,
    readonly names: FunctionNames,
    readonly integers: Integers,
  ) {
    super(kernel);
    for (const tile of kernel.tiles)
      if (tile.axes.length === 0) this.registers.set(tile, local("f64", names.fresh(tile.name)));
  }

  /** A tile of one element as a local; undefined for what stands in an array. */
  register = (buffer: Buffer): Local | undefined => this.registers.get(buffer);

  /** A local with a value: made where nothing has made it yet. */
  set(to: Local, value: Value): Statement {
    const isNew = !this.declared.has(to);
    this.declared.add(to);
    return isNew ? letBe(to, value) : assign(to, value);
  }

  /** Locals that steps are the first to write, made before a condition. */
  declare(buffers: readonly Buffer[]): Statement[] {
    return buffers.flatMap((buffer) => {
      const found = this.registers.get(buffer);
      return found === undefined || this.declared.has(found) ? [] : [this.set(found, number(0))];
    });
  }

  /** Loops along axes, the first outermost. */
  along(axes: readonly Axis[], body: () => readonly Statement[]): readonly Statement[] {
    const [axis, ...others] = axes;
    if (axis === undefined) return body();
    // Those of blocks of one place run around the kernel.
    if (this.integers.isBound(position(axis))) return this.along(others, body);
    const { integers } = this;
    const isInBlock = integers.isBound(blockStart(axis));
    const [from, to] = isInBlock ? [blockStart(axis), blockEnd(axis)] : [ZERO, axis.size];
    const index = local("i32", this.names.fresh(singular(axis.name) ?? `${axis.name}Index`));
    const [first, end] = [integers.value(from), integers.value(to)];
    const inside = integers.within([[position(axis), index]], () => this.along(others, body));
    return [{ kind: "for", index, from: first, to: end, step: 1, body: inside }];
  }

  /** An element as a number to compute with. */
  element(of: ElementOf): Value {
    const register = this.register(of.buffer);
    if (register !== undefined) return register;
    const { name, element } = this.names.array(of.buffer);
    const value = load(element, name, this.place(of));
    return element === "f64" ? value : apply(element === "f32" ? "widen" : "fromWhole", value);
  }

  /** Conditions for an element to be inside of its tensor. */
  inside({ guards }: ElementOf): Value[] {
    return guards
      .filter((guard) => !isInside(guard))
      .flatMap(({ place, size }) => {
        const at = this.integers.value(place);
        const below = apply("lt", at, this.integers.value(size));
        return isNatural(place) ? [below] : [apply("le", constantOf("i32", 0), at), below];
      });
  }

  place({ buffer, at }: Matrix): Value {
    const terms = at.map((place, i) => times(this.local(buffer, i, place), buffer.strides[i]!));
    return this.integers.value(terms.reduce<Integer>((sum, term) => plus(sum, term), ZERO));
  }
}

/** Statements where all conditions hold. */
export function onlyIf(conditions: readonly Value[], then: readonly Statement[]): Statement[] {
  const [first, ...others] = conditions;
  if (first === undefined) return [...then];
  return [{ kind: "if", condition: others.reduce((all, one) => apply("and", all, one), first), then, otherwise: [] }];
}

/** Whether a place is known to be inside. */
const isInside = ({ place, size }: Guard): boolean =>
  (place.kind === "mod" && place.args[1] === size) ||
  (place.kind === "constant" && size.kind === "constant" && place.value >= 0 && place.value < size.value);

export const isTrue = (flag: Value): Value => apply("not", apply("eq", flag, constantOf("i32", 0)));
