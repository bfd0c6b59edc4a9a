/**
 * Products of matrices. Blocks of both sides are packed as float64, so that the terms of a sum are neighbours; for each tile
 * of rows and columns one loop over them adds up all sums of the tile. Places of a tile that are outside are computed and not
 * stored. For fewer rows than a tile has, packing does not pay.
 */
import { constantInteger, type Integer } from "../../ir/graph/integer.js";
import type { Buffer, Matrix } from "../../ir/kernel.js";
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
import { buffer } from "../graph/buffers.js";
import { dimensionsOf, type ContractStep, type Dimensions } from "./dimensions.js";
import type { FunctionNames, Integers } from "./integers.js";
import { ONE } from "./places.js";
import type { KernelLoops } from "./steps.js";

/** How products are divided on a machine. */
export interface ProductSchedule {
  /** Sums that are added up together: what the registers hold, beside one number of each of its rows and columns. */
  readonly tile: { readonly rows: number; readonly columns: number };
  /** The same for a single row that is read where it is. */
  readonly single: { readonly columns: number };
  /** Terms and columns that are packed at a time: what the second cache holds. */
  readonly depth: number;
  readonly width: number;
  /** How far packed rows are from each other: not a power of two, for which caches have few places. */
  readonly pitch: number;
}

/** One line of a matrix along the terms of sums: where its term at a place is. */
interface Line {
  readonly array: ArrayParameter;
  readonly at: (term: Value) => Value;
}

const isConstant = (value: Value, wanted: number): boolean => value.kind === "constant" && value.value === wanted;
const sum = (a: Value, b: Value): Value => (isConstant(b, 0) ? a : isConstant(a, 0) ? b : apply("add", a, b));
const scaled = (a: Value, by: Value): Value => (isConstant(by, 1) ? a : isConstant(a, 0) ? a : apply("mul", a, by));
const smaller = (a: Value, b: Value): Value => apply("select", apply("lt", a, b), a, b);

export class ProductLoops {
  private readonly left: Buffer;
  private readonly right: Buffer;

  constructor(
    private readonly names: FunctionNames,
    private readonly integers: Integers,
    private readonly schedule: ProductSchedule,
  ) {
    const packed = (name: string, rows: number): Buffer => ({
      ...buffer({ name, role: "workspace", type: "float64", axes: [] }),
      length: constantInteger(rows * schedule.pitch),
    });
    this.left = packed("packedRows", schedule.tile.rows);
    this.right = packed("packedColumns", schedule.width);
  }

  /** to (+)= left · right: sums are added to what is there. */
  contract(step: ContractStep, kernel: KernelLoops): readonly Statement[] {
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

  private loop(stem: string, from: Value, to: Value, step: number, body: (index: Local) => Statement[]): Statement {
    const index = this.index(stem);
    return { kind: "for", index, from, to, step, body: body(index) };
  }

  private clear(to: Matrix, { rows, columns, inner, first }: Dimensions, kernel: KernelLoops): Statement[] {
    const array = this.names.array(to.buffer);
    const zero = constantOf(array.element === "f64" ? "f64" : "f32", 0);
    const from = kernel.place({ ...to, at: first(to, inner.loops) });
    const [row, column] = [rows, columns].map(({ strides }) => this.integers.value(strides[0])) as [Value, Value];
    return [
      this.loop("row", whole(0), this.integers.value(rows.size), 1, (i) => [
        this.loop("column", whole(0), this.integers.value(columns.size), 1, (j) => [
          store(array.name, sum(sum(from, scaled(i, row)), scaled(j, column)), zero),
        ]),
      ]),
    ];
  }

  private add(step: ContractStep, { rows, columns, inner, first }: Dimensions, kernel: KernelLoops): Statement[] {
    const { schedule, integers } = this;
    const value = (integer: Integer): Value => integers.value(integer);
    const [height, width, terms] = [rows, columns, inner].map(({ size }) => value(size)) as [Value, Value, Value];
    const start = (of: Matrix): Value => kernel.place({ ...of, at: first(of) });
    /** The line of a matrix at a place along one of its dimensions. */
    const lineOf =
      (of: Matrix, stride: Integer, termStride: Integer) =>
      (place: Value, from: Value): Line => {
        const begin = sum(sum(start(of), scaled(place, value(stride))), scaled(from, value(termStride)));
        return {
          array: this.names.array(of.buffer),
          at: (term) => sum(begin, scaled(term, value(termStride))),
        };
      };
    const leftLine = lineOf(step.left, rows.strides[1], inner.strides[0]);
    const rightLine = lineOf(step.right, columns.strides[1], inner.strides[1]);
    const put = (row: Value, column: Value, added: Value): Statement =>
      this.addTo(
        this.names.array(step.to.buffer),
        sum(sum(start(step.to), scaled(row, value(rows.strides[0]))), scaled(column, value(columns.strides[0]))),
        added,
      );

    const { tile, single, depth, pitch } = schedule;
    const packed = [
      this.loop("term", whole(0), terms, depth, (from) => {
        const count = this.index("terms");
        return [
          letBe(count, smaller(sum(from, whole(depth)), terms)),
          assign(count, apply("sub", count, from)),
          this.loop("column", whole(0), width, schedule.width, (firstColumn) => {
            const end = this.index("end");
            return [
              letBe(end, smaller(sum(firstColumn, whole(schedule.width)), width)),
              this.pack(this.right, firstColumn, end, count, (column) => rightLine(column, from)),
              this.loop("row", whole(0), height, tile.rows, (row) => {
                const last = this.index("end");
                return [
                  letBe(last, smaller(sum(row, whole(tile.rows)), height)),
                  this.pack(this.left, row, last, count, (at) => leftLine(at, from)),
                  this.loop("column", firstColumn, end, tile.columns, (column) => {
                    const at = this.index("at");
                    const lines = (of: Buffer, from: Value, many: number): Line[] =>
                      Array.from({ length: many }, (_, i) => ({
                        array: this.names.array(of),
                        at: (term) => sum(sum(from, term), whole(i * pitch)),
                      }));
                    const { statements, sums } = this.tile(
                      lines(this.left, whole(0), tile.rows),
                      lines(this.right, at, tile.columns),
                      count,
                    );
                    return [
                      letBe(at, apply("mul", apply("sub", column, firstColumn), whole(pitch))),
                      ...statements,
                      ...sums.flatMap((ofRow, r) =>
                        inside(sum(row, whole(r)), last, (i) =>
                          ofRow.flatMap((added, c) =>
                            inside(sum(column, whole(c)), end, (j) => [put(i, j, added)]),
                          ),
                        ),
                      ),
                    ];
                  }),
                ];
              }),
            ];
          }),
        ];
      }),
    ];
    if (inner.strides.some((stride) => stride !== ONE)) return packed;
    const few = this.loop("row", whole(0), height, 1, (row) => [
      this.loop("column", whole(0), width, single.columns, (column) => {
        const { statements, sums } = this.tile(
          [leftLine(row, whole(0))],
          Array.from({ length: single.columns }, (_, c) =>
            rightLine(smaller(sum(column, whole(c)), apply("sub", width, whole(1))), whole(0)),
          ),
          terms,
        );
        return [
          ...statements,
          ...sums[0]!.flatMap((added, c) => inside(sum(column, whole(c)), width, (j) => [put(row, j, added)])),
        ];
      }),
    ]);
    return [{ kind: "if", condition: apply("lt", height, whole(tile.rows)), then: [few], otherwise: packed }];
  }

  /** Lines from one place to another, one behind the other. */
  private pack(to: Buffer, first: Value, end: Value, count: Value, line: (place: Value) => Line): Statement {
    const array = this.names.array(to);
    return this.loop("line", first, end, 1, (place) => {
      const at = this.index("at");
      const from = line(place);
      return [
        letBe(at, apply("mul", apply("sub", place, first), whole(this.schedule.pitch))),
        this.loop("term", whole(0), count, 1, (term) => [store(array.name, sum(at, term), numberAt(from, term))]),
      ];
    });
  }

  /** The sums over terms of each left line with each right one. */
  private tile(
    left: readonly Line[],
    right: readonly Line[],
    count: Value,
  ): { readonly statements: Statement[]; readonly sums: readonly (readonly Local[])[] } {
    const made = (stem: string): Local => local("f64", this.names.fresh(stem));
    const sums = left.map(() => right.map(() => made("sum")));
    const [a, b] = [left.map(() => made("a")), right.map(() => made("b"))];
    return {
      statements: [
        ...sums.flat().map((one) => letBe(one, constantOf("f64", 0))),
        this.loop("term", whole(0), count, 1, (term) => [
          ...a.map((number, i) => letBe(number, numberAt(left[i]!, term))),
          ...b.map((number, j) => letBe(number, numberAt(right[j]!, term))),
          ...sums.flatMap((ofRow, i) =>
            ofRow.map((one, j) => assign(one, apply("add", one, apply("mul", a[i]!, b[j]!)))),
          ),
        ]),
      ],
      sums,
    };
  }

  private addTo({ name, element }: ArrayParameter, at: Value, added: Value): Statement {
    if (element === "f64") return store(name, at, apply("add", load("f64", name, at), added));
    return store(name, at, apply("narrow", apply("add", apply("widen", load("f32", name, at)), added)));
  }
}

/** A term of a line, as a number to compute with. */
function numberAt({ array: { name, element }, at }: Line, term: Value): Value {
  const value = load(element === "f64" ? "f64" : "f32", name, at(term));
  return element === "f64" ? value : apply("widen", value);
}

/** Statements for a place, where it is below an end. */
const inside = (place: Value, end: Value, then: (place: Value) => Statement[]): Statement[] => [
  { kind: "if", condition: apply("lt", place, end), then: then(place), otherwise: [] },
];
