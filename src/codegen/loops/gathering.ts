/**
 * Packing of what is no matrix in memory, such as windows: every number is read where it is, and is 0 outside. Lines and terms
 * are numbers of places along several axes; the innermost loop goes along the last of those with many neighbours.
 */
import { minus, position, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import { blockEnd, blockStart, type ElementOf } from "../../ir/kernel.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  load,
  local,
  store,
  whole,
  type ArrayParameter,
  type Local,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { Dimension } from "./dimensions.js";
import type { FunctionNames, Integers } from "./integers.js";
import { converted, scaled, smaller, sum, type ProductSchedule } from "./multiply.js";
import { onlyIf, type KernelElements } from "./elements.js";

/** Lines or terms side by side. */
export interface Run {
  readonly first: Value;
  readonly count: Value;
}

/** A run along a dimension. */
export interface Stretch extends Run {
  readonly along: Dimension;
}

type Bindings = readonly (readonly [Integer, Value])[];

export class Gathering {
  constructor(
    private readonly names: FunctionNames,
    private readonly integers: Integers,
    private readonly schedule: ProductSchedule,
    private readonly kernel: KernelElements,
  ) {}

  /** Lines with their terms, packed one behind the other. */
  pack(of: ElementOf, to: ArrayParameter, lines: Stretch, terms: Stretch): Statement {
    const { pitch, computed } = this.schedule;
    const isLong = ({ along }: Stretch): boolean => along.axes.some((axis) => this.kernel.block(axis) !== undefined);
    const [outer, inner] = isLong(lines) ? [terms, lines] : [lines, terms];
    return this.oneByOne(outer, (here) =>
      this.inRows(inner, (next) => {
        const [line, term] = outer === lines ? [here, next] : [next, here];
        const array = this.names.array(of.buffer);
        const number = local(computed, this.names.fresh("number"));
        const read = converted(load(array.element, array.name, this.kernel.place(of)), computed);
        return [
          letBe(number, constantOf(computed, 0)),
          ...onlyIf(this.kernel.inside(of), [assign(number, read)]),
          store(to.name, sum(scaled(line, whole(pitch)), term), number),
        ];
      }),
    );
  }

  private index = (stem: string): Local => local("i32", this.names.fresh(stem));

  /** A loop over a stretch; the places along its axes are computed anew for each number. */
  private oneByOne({ along, first, count }: Stretch, body: (index: Value) => Statement[]): Statement {
    const index = this.index("at");
    const { statements, places } = this.placesOf(sum(first, index), along.axes);
    const inside = this.integers.within(places, () => body(index));
    return { kind: "for", index, from: whole(0), to: count, step: 1, body: [...statements, ...inside] };
  }

  /** A loop over the rows of a stretch, and one along the last axis, as far as each row is part of the stretch. */
  private inRows(stretch: Stretch, body: (index: Value) => Statement[]): Statement[] {
    const { along, first, count } = stretch;
    const last = along.axes.at(-1);
    if (last === undefined || along.axes.length === 1) return [this.oneByOne(stretch, body)];
    const size = this.integers.value(this.extentOf(last));
    const [row, before, from, end] = ["row", "before", "from", "end"].map(this.index) as [Local, Local, Local, Local];
    const index = this.index("at");
    const rows = apply("quotient", apply("add", sum(first, count), apply("sub", size, whole(1))), size);
    const { statements, places } = this.placesOf(row, along.axes.slice(0, -1));
    const own = [...places, [position(last), this.placed(index, last)] as const];
    const start = apply("sub", first, before);
    const inside = this.integers.within(own, () => body(apply("sub", index, start)));
    return [
      {
        kind: "for",
        index: row,
        from: apply("quotient", first, size),
        to: rows,
        step: 1,
        body: [
          ...statements,
          letBe(before, apply("mul", row, size)),
          letBe(from, apply("select", apply("lt", before, first), start, whole(0))),
          letBe(end, smaller(apply("add", start, count), size)),
          { kind: "for", index, from, to: end, step: 1, body: inside },
        ],
      },
    ];
  }

  /** The places along axes of a number that counts them row-major. */
  private placesOf(
    number: Value,
    axes: readonly Axis[],
  ): { readonly statements: Statement[]; readonly places: Bindings } {
    const statements: Statement[] = [];
    const places: (readonly [Integer, Value])[] = [];
    const named = (stem: string, value: Value): Local => {
      const to = this.index(stem);
      statements.push(letBe(to, value));
      return to;
    };
    let rest = number;
    for (const [i, axis] of [...axes.entries()].reverse()) {
      const size = this.integers.value(this.extentOf(axis));
      const own = i === 0 ? rest : named("place", apply("remainder", rest, size));
      places.push([position(axis), named("place", this.placed(own, axis))]);
      if (i > 0) rest = named("rest", apply("quotient", rest, size));
    }
    return { statements, places };
  }

  private extentOf = (axis: Axis): Integer =>
    this.kernel.block(axis) === undefined ? axis.size : minus(blockEnd(axis), blockStart(axis));

  private placed = (place: Value, axis: Axis): Value =>
    this.kernel.block(axis) === undefined ? place : sum(this.integers.value(blockStart(axis)), place);
}
