/**
 * Products of matrices. Blocks of both sides are packed, so that the terms of a sum are neighbours; for each tile of rows and
 * columns one loop over them adds up all sums of the tile. Places of a tile that are outside are computed and not stored. Rows
 * that make no tile are multiplied where they are: packing does not pay.
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
import type { Computed } from "./expressions.js";
import type { FunctionNames, Integers } from "./integers.js";
import { ONE } from "./places.js";
import type { KernelLoops } from "./steps.js";

/** How products are divided on a machine. */
export interface ProductSchedule {
  /** The numbers that are multiplied and, within one depth, added up. */
  readonly computed: Computed;
  /** Sums that are added up together: what the registers hold, beside one number of each of its rows and columns. */
  readonly tile: { readonly rows: number; readonly columns: number };
  /** The same for a single row that is read where it is. */
  readonly single: { readonly columns: number };
  /** Terms of a sum, and columns, that are packed at a time: what the second cache holds. Columns make whole tiles. */
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

/** The matrices of a product: the line of a row and of a column from a term on, and where their sum goes. */
interface Operands {
  readonly height: Value;
  readonly width: Value;
  readonly row: (place: Value, from: Value) => Line;
  readonly column: (place: Value, from: Value) => Line;
  readonly put: (row: Value, column: Value, added: Value) => Statement;
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
      ...buffer({ name, role: "workspace", type: schedule.computed === "f32" ? "float32" : "float64", axes: [] }),
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

  /** One depth of terms after the other. */
  private add(step: ContractStep, dimensions: Dimensions, kernel: KernelLoops): Statement[] {
    const { tile, depth } = this.schedule;
    const { inner } = dimensions;
    const operands = this.operandsOf(step, dimensions, kernel);
    const areNeighbours = inner.strides.every((stride) => stride === ONE);
    const few = apply("lt", operands.height, whole(tile.rows));
    const terms = this.integers.value(inner.size);
    return [
      this.loop("term", whole(0), terms, depth, (from) => {
        const count = this.index("terms");
        const alone = areNeighbours ? [this.whereTheyAre(operands, from, count)] : undefined;
        const packed = this.packed(operands, from, count);
        return [
          letBe(count, smaller(whole(depth), apply("sub", terms, from))),
          alone === undefined ? packed : { kind: "if", condition: few, then: alone, otherwise: [packed] },
        ];
      }),
    ];
  }

  private operandsOf(step: ContractStep, { rows, columns, inner, first }: Dimensions, kernel: KernelLoops): Operands {
    const value = (integer: Integer): Value => this.integers.value(integer);
    const start = (of: Matrix): Value => kernel.place({ ...of, at: first(of) });
    const lineOf =
      (of: Matrix, stride: Integer, termStride: Integer) =>
      (place: Value, from: Value): Line => {
        const begin = sum(sum(start(of), scaled(place, value(stride))), scaled(from, value(termStride)));
        return {
          array: this.names.array(of.buffer),
          at: (term) => sum(begin, scaled(term, value(termStride))),
        };
      };
    return {
      height: value(rows.size),
      width: value(columns.size),
      row: lineOf(step.left, rows.strides[1], inner.strides[0]),
      column: lineOf(step.right, columns.strides[1], inner.strides[1]),
      put: (row, column, added) =>
        this.addTo(
          this.names.array(step.to.buffer),
          sum(sum(start(step.to), scaled(row, value(rows.strides[0]))), scaled(column, value(columns.strides[0]))),
          added,
        ),
    };
  }

  /** Few rows: nothing is packed, and columns beyond the last are the last again. */
  private whereTheyAre(operands: Operands, from: Value, count: Value): Statement {
    const { height, width } = operands;
    const { columns } = this.schedule.single;
    return this.loop("row", whole(0), height, 1, (row) => [
      this.loop("column", whole(0), width, columns, (column) => {
        const last = apply("sub", width, whole(1));
        const rights = range(columns, (c) => operands.column(smaller(sum(column, whole(c)), last), from));
        return this.tiled(operands, row, column, [[operands.row(row, from)], rights], count);
      }),
    ]);
  }

  /** A width of packed columns at a time, and for each of them tiles of packed rows. */
  private packed(operands: Operands, from: Value, count: Value): Statement {
    const { tile, width, pitch } = this.schedule;
    return this.loop("column", whole(0), operands.width, width, (firstColumn) => {
      const end = this.index("end");
      return [
        letBe(end, smaller(sum(firstColumn, whole(width)), operands.width)),
        this.pack(this.right, firstColumn, end, count, (column) => operands.column(column, from)),
        this.loop("row", whole(0), operands.height, tile.rows, (row) => {
          const last = this.index("end");
          return [
            letBe(last, smaller(sum(row, whole(tile.rows)), operands.height)),
            this.pack(this.left, row, last, count, (at) => operands.row(at, from)),
            this.loop("column", firstColumn, end, tile.columns, (column) => {
              const at = this.index("at");
              const lines = [
                this.packedLines(this.left, whole(0), tile.rows),
                this.packedLines(this.right, at, tile.columns),
              ] as const;
              return [
                letBe(at, apply("mul", apply("sub", column, firstColumn), whole(pitch))),
                ...this.tiled(operands, row, column, lines, count),
              ];
            }),
          ];
        }),
      ];
    });
  }

  /** The sums of a tile from its lines, added where they are inside. */
  private tiled(
    { height, width, put }: Operands,
    firstRow: Value,
    firstColumn: Value,
    [lefts, rights]: readonly [readonly Line[], readonly Line[]],
    count: Value,
  ): Statement[] {
    const { statements, sums } = this.tile(lefts, rights, count);
    return [
      ...statements,
      ...sums.flatMap((ofRow, r) =>
        inside(sum(firstRow, whole(r)), height, (row) =>
          ofRow.flatMap((added, c) => inside(sum(firstColumn, whole(c)), width, (column) => [put(row, column, added)])),
        ),
      ),
    ];
  }

  private packedLines(of: Buffer, from: Value, count: number): Line[] {
    const array = this.names.array(of);
    return range(count, (i) => ({ array, at: (term) => sum(sum(from, term), whole(i * this.schedule.pitch)) }));
  }

  /** Lines from one place to another, one behind the other. */
  private pack(to: Buffer, first: Value, end: Value, count: Value, line: (place: Value) => Line): Statement {
    const array = this.names.array(to);
    return this.loop("line", first, end, 1, (place) => {
      const at = this.index("at");
      const from = line(place);
      return [
        letBe(at, apply("mul", apply("sub", place, first), whole(this.schedule.pitch))),
        this.loop("term", whole(0), count, 1, (term) => [store(array.name, sum(at, term), this.numberAt(from, term))]),
      ];
    });
  }

  /** The sums over terms of each left line with each right one. */
  private tile(
    left: readonly Line[],
    right: readonly Line[],
    count: Value,
  ): { readonly statements: Statement[]; readonly sums: readonly (readonly Local[])[] } {
    const { computed } = this.schedule;
    const made = (stem: string): Local => local(computed, this.names.fresh(stem));
    const sums = left.map(() => right.map(() => made("sum")));
    const [a, b] = [left.map(() => made("a")), right.map(() => made("b"))];
    return {
      statements: [
        ...sums.flat().map((one) => letBe(one, constantOf(computed, 0))),
        this.loop("term", whole(0), count, 1, (term) => [
          ...a.map((number, i) => letBe(number, this.numberAt(left[i]!, term))),
          ...b.map((number, j) => letBe(number, this.numberAt(right[j]!, term))),
          ...sums.flatMap((ofRow, i) =>
            ofRow.map((one, j) => assign(one, apply("add", one, apply("mul", a[i]!, b[j]!)))),
          ),
        ]),
      ],
      sums,
    };
  }

  /** A term of a line, as a number to compute with. */
  private numberAt({ array: { name, element }, at }: Line, term: Value): Value {
    const type = element === "f64" ? "f64" : "f32";
    return converted(load(type, name, at(term)), this.schedule.computed);
  }

  private addTo({ name, element }: ArrayParameter, at: Value, added: Value): Statement {
    const type = element === "f64" ? "f64" : "f32";
    const all = apply("add", converted(load(type, name, at), "f64"), converted(added, "f64"));
    return store(name, at, converted(all, type));
  }
}

const converted = (value: Value, to: Computed): Value =>
  value.type === to ? value : apply(to === "f64" ? "widen" : "narrow", value);

const range = <Made>(count: number, make: (i: number) => Made): Made[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Statements for a place, where it is below an end. */
const inside = (place: Value, end: Value, then: (place: Value) => Statement[]): Statement[] => [
  { kind: "if", condition: apply("lt", place, end), then: then(place), otherwise: [] },
];
