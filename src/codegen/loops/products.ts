/**
 * Products of matrices. Blocks of both sides are packed, so that the terms of a sum are neighbours, and a function adds up all
 * sums over them. Rows that make no tile are multiplied where they are: packing does not pay.
 */
import { constantInteger, type Integer } from "../../ir/graph/integer.js";
import type { Buffer, ElementOf, Matrix } from "../../ir/kernel.js";
import {
  apply,
  constantOf,
  letBe,
  local,
  store,
  whole,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { buffer } from "../graph/buffers.js";
import { dimensionsOf, isGathered, type ContractStep, type Dimension, type Dimensions } from "./dimensions.js";
import type { Computed } from "./expressions.js";
import { Gathering, type Run } from "./gathering.js";
import type { FunctionNames, Integers } from "./integers.js";
import { multiplying, multiplyingInPlace, packing, scaled, smaller, sum, type ProductSchedule } from "./multiply.js";
import { ONE } from "./places.js";
import type { KernelElements } from "./elements.js";

/** One side of a product: where its lines begin, how far its numbers are from each other, and how lines are packed. */
interface Side {
  readonly of: Matrix;
  readonly element: Computed;
  readonly isGathered: boolean;
  readonly size: Value;
  readonly strides: { readonly line: Value; readonly term: Value };
  readonly at: (line: Value, term: Value) => Value;
  readonly pack: (lines: Run, terms: Run) => Statement;
}

export class ProductLoops {
  private readonly left: Buffer;
  private readonly right: Buffer;
  private readonly functions = new Map<string, LoopFunction>();

  constructor(
    private readonly names: FunctionNames,
    private readonly integers: Integers,
    private readonly schedule: ProductSchedule,
  ) {
    const packed = (name: string, rows: number): Buffer => ({
      ...buffer({ name, role: "workspace", type: schedule.computed === "f32" ? "float32" : "float64", axes: [] }),
      length: constantInteger(rows * schedule.pitch),
    });
    this.left = packed("packedRows", schedule.tile.rows);
    this.right = packed("packedColumns", schedule.width);
  }

  /** to (+)= left · right: sums are added to what is there. */
  contract(given: ContractStep, kernel: KernelElements): readonly Statement[] {
    // Many columns are packed at a time, and few rows: of windows the longer way.
    const step = isGathered(given.left) && !isGathered(given.right) ? turned(given) : given;
    const { to, left, right } = step;
    for (const of of [to, left, right])
      if (kernel.register(of.buffer) !== undefined)
        throw new RangeError(`a product cannot work on "${of.buffer.name}"`);
    const dimensions = dimensionsOf(step, kernel);
    const { rows, columns, inner } = dimensions;
    return kernel.along([...step.outer, ...rows.loops, ...columns.loops], () => [
      ...(step.accumulate ? [] : this.clear(to, dimensions, kernel)),
      ...kernel.along(inner.loops, () => this.add(step, dimensions, kernel)),
    ]);
  }

  private index = (stem: string): Local => local("i32", this.names.fresh(stem));

  private loop(stem: string, to: Value, step: number, body: (index: Local) => Statement[]): Statement {
    const index = this.index(stem);
    return { kind: "for", index, from: whole(0), to, step, body: body(index) };
  }

  private clear(to: Matrix, { rows, columns, inner, first }: Dimensions, kernel: KernelElements): Statement[] {
    const array = this.names.array(to.buffer);
    const zero = constantOf(array.element === "f64" ? "f64" : "f32", 0);
    const from = kernel.place({ ...to, at: first(to, inner.loops) });
    const [row, column] = [rows, columns].map(({ strides }) => this.integers.value(strides[0])) as [Value, Value];
    return [
      this.loop("row", this.integers.value(rows.size), 1, (i) => [
        this.loop("column", this.integers.value(columns.size), 1, (j) => [
          store(array.name, sum(sum(from, scaled(i, row)), scaled(j, column)), zero),
        ]),
      ]),
    ];
  }

  /** One depth of terms after the other. */
  private add(step: ContractStep, dimensions: Dimensions, kernel: KernelElements): Statement[] {
    const { depth, tile } = this.schedule;
    const { rows, columns, inner } = dimensions;
    const left = this.sideOf(step.left, [rows, inner], inner.strides[0], dimensions, kernel, this.left);
    const right = this.sideOf(step.right, [columns, inner], inner.strides[1], dimensions, kernel, this.right);
    const target = this.targetOf(step.to, dimensions, kernel);
    const isInPlace = [left, right].every(({ isGathered: is, element }) => !is && element === this.schedule.computed);
    const areNeighbours = isInPlace && inner.strides.every((stride) => stride === ONE);
    const terms = this.integers.value(inner.size);
    return [
      this.loop("term", terms, depth, (first) => {
        const count = this.index("terms");
        const run = { first, count };
        const packed = this.packed(left, right, target, run);
        return [
          letBe(count, smaller(whole(depth), apply("sub", terms, first))),
          areNeighbours
            ? {
                kind: "if",
                condition: apply("lt", left.size, whole(tile.rows)),
                then: [this.inPlace(left, right, target, run)],
                otherwise: [packed],
              }
            : packed,
        ];
      }),
    ];
  }

  private sideOf(
    of: ElementOf,
    [lines, terms]: readonly [Dimension, Dimension],
    termStride: Integer,
    { first }: Dimensions,
    kernel: KernelElements,
    to: Buffer,
  ): Side {
    const array = this.names.array(of.buffer);
    const element = array.element === "f64" ? "f64" : "f32";
    const size = this.integers.value(lines.size);
    const strides = { line: this.integers.value(lines.strides[1]), term: this.integers.value(termStride) };
    const begin = isGathered(of) ? whole(0) : kernel.place({ ...of, at: first(of) });
    const at = (line: Value, term: Value): Value =>
      sum(sum(begin, scaled(line, strides.line)), scaled(term, strides.term));
    const gathering = new Gathering(this.names, this.integers, this.schedule, kernel);
    const pack = (line: Run, term: Run): Statement =>
      isGathered(of)
        ? gathering.pack(of, this.names.array(to), { along: lines, ...line }, { along: terms, ...term })
        : {
            kind: "run",
            of: this.function(packing, element),
            arrays: [
              { array: array.name, index: at(line.first, term.first) },
              { array: this.names.array(to).name, index: whole(0) },
            ],
            numbers: [line.count, term.count, strides.line, strides.term],
          };
    return { of, element, isGathered: isGathered(of), size, strides, at, pack };
  }

  private targetOf(to: Matrix, { rows, columns, first }: Dimensions, kernel: KernelElements): Target {
    const array = this.names.array(to.buffer);
    const begin = kernel.place({ ...to, at: first(to) });
    const [row, column] = [rows, columns].map(({ strides }) => this.integers.value(strides[0])) as [Value, Value];
    return {
      array: array.name,
      element: array.element === "f64" ? "f64" : "f32",
      strides: [row, column],
      at: (i, j) => sum(sum(begin, scaled(i, row)), scaled(j, column)),
    };
  }

  private function(
    make: (schedule: ProductSchedule, element: Computed) => LoopFunction,
    element: Computed,
  ): LoopFunction {
    const made = make(this.schedule, element);
    const known = this.functions.get(made.name) ?? made;
    this.functions.set(known.name, known);
    return known;
  }

  /** Few rows: nothing is packed. */
  private inPlace(left: Side, right: Side, to: Target, { first, count }: Run): Statement {
    return {
      kind: "run",
      of: this.function(multiplyingInPlace, to.element),
      arrays: [
        { array: this.names.array(left.of.buffer).name, index: left.at(whole(0), first) },
        { array: this.names.array(right.of.buffer).name, index: right.at(whole(0), first) },
        { array: to.array, index: to.at(whole(0), whole(0)) },
      ],
      numbers: [left.size, right.size, count, ...to.strides, left.strides.line, right.strides.line],
    };
  }

  /** A width of packed columns at a time, and for each of them tiles of packed rows. */
  private packed(left: Side, right: Side, to: Target, terms: Run): Statement {
    const { tile, width } = this.schedule;
    const part = (side: Side, stem: string, step: number, body: (run: Run) => Statement[]): Statement =>
      this.loop(stem, side.size, step, (first) => {
        const count = this.index(`${stem}s`);
        return [letBe(count, smaller(whole(step), apply("sub", side.size, first))), ...body({ first, count })];
      });
    const packedAt = (of: Buffer) => ({ array: this.names.array(of).name, index: whole(0) });
    return part(right, "column", width, (columns) => [
      right.pack(columns, terms),
      part(left, "row", tile.rows, (rows) => [
        left.pack(rows, terms),
        {
          kind: "run",
          of: this.function(multiplying, to.element),
          arrays: [
            packedAt(this.left),
            packedAt(this.right),
            { array: to.array, index: to.at(rows.first, columns.first) },
          ],
          numbers: [rows.count, columns.count, terms.count, ...to.strides],
        },
      ]),
    ]);
  }
}

/** The matrix that sums are added to. */
interface Target {
  readonly array: string;
  readonly element: Computed;
  readonly strides: readonly [row: Value, column: Value];
  readonly at: (row: Value, column: Value) => Value;
}

/** The same product with its rows as columns. */
const turned = (step: ContractStep): ContractStep => ({
  ...step,
  rows: step.columns,
  columns: step.rows,
  left: step.right,
  right: step.left,
});
