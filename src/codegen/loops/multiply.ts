/**
 * The functions that products run: lines of a matrix packed side by side, and sums over packed lines, a tile of them at a time.
 * Places of a tile that are outside are computed and not stored.
 */
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
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { freshNames, type Computed, type Fresh } from "./expressions.js";
import { hoist } from "./hoist.js";
import { promote } from "./promote.js";
import { reuse } from "./reuse.js";

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

interface FloatArray extends ArrayParameter {
  readonly element: Computed;
}

/** One line of a matrix along the terms of sums: where its term at a place is. */
interface Line {
  readonly array: FloatArray;
  readonly at: (term: Value) => Value;
}

const isConstant = (value: Value, wanted: number): boolean => value.kind === "constant" && value.value === wanted;
export const sum = (a: Value, b: Value): Value => (isConstant(b, 0) ? a : isConstant(a, 0) ? b : apply("add", a, b));
export const scaled = (a: Value, by: Value): Value => (isConstant(by, 1) || isConstant(a, 0) ? a : apply("mul", a, by));
export const smaller = (a: Value, b: Value): Value => apply("select", apply("lt", a, b), a, b);

/** A number of one type of floats as one of another. */
export const converted = (value: Value, to: Computed): Value =>
  value.type === to ? value : apply(to === "f64" ? "widen" : "narrow", value);

/** The parts of a function: arrays and whole numbers by the names that it gives them, and names for what it makes. */
interface Parts<Arrays extends string, Numbers extends string> {
  readonly arrays: Readonly<Record<Arrays, FloatArray>>;
  readonly numbers: Readonly<Record<Numbers, Local>>;
  readonly fresh: Fresh;
}

function functionOf<Arrays extends string, Numbers extends string>(
  name: string,
  elements: Readonly<Record<Arrays, Computed>>,
  words: readonly Numbers[],
  body: (parts: Parts<Arrays, Numbers>) => Statement[],
): LoopFunction {
  const named = Object.keys(elements) as Arrays[];
  const arrays = named.map((one): FloatArray => ({ name: one, element: elements[one] }));
  const numbers = words.map((one) => local("i32", one));
  const byName = <One extends { readonly name: string }, Names extends string>(all: readonly One[]) =>
    Object.fromEntries(all.map((one) => [one.name, one])) as Record<Names, One>;
  const parts: Parts<Arrays, Numbers> = {
    arrays: byName<FloatArray, Arrays>(arrays),
    numbers: byName<Local, Numbers>(numbers),
    fresh: freshNames([...named, ...words]),
  };
  return reuse(
    promote(
      hoist({
        name,
        arrays,
        numbers,
        results: [],
        body: body(parts),
      }),
    ),
  );
}

const over = (
  { fresh }: { readonly fresh: Fresh },
  stem: string,
  to: Value,
  step: number,
  body: (index: Local) => Statement[],
): Statement => {
  const index = local("i32", fresh(stem));
  return { kind: "for", index, from: whole(0), to, step, body: body(index) };
};

/** Lines of a matrix, packed one behind the other; along whichever of lines and terms its numbers are neighbours. */
export const packing = ({ computed, pitch }: ProductSchedule, element: Computed): LoopFunction =>
  functionOf(
    `pack_${element}`,
    { from: element, to: computed },
    ["lines", "terms", "lineStride", "termStride"],
    (parts) => {
      const { from, to } = parts.arrays;
      const { lines, terms, lineStride, termStride } = parts.numbers;
      const copy = (line: Value, term: Value): Statement => {
        const number = load(element, from.name, sum(scaled(line, lineStride), scaled(term, termStride)));
        return store(to.name, sum(scaled(line, whole(pitch)), term), converted(number, computed));
      };
      return [
        {
          kind: "if",
          condition: apply("and", apply("eq", lineStride, whole(1)), apply("lt", whole(1), termStride)),
          then: [
            over(parts, "term", terms, 1, (term) => [over(parts, "line", lines, 1, (line) => [copy(line, term)])]),
          ],
          otherwise: [
            over(parts, "line", lines, 1, (line) => [over(parts, "term", terms, 1, (term) => [copy(line, term)])]),
          ],
        },
      ];
    },
  );

/** to += the sums over packed lines, for at most as many rows as a tile has. */
export const multiplying = (schedule: ProductSchedule, element: Computed): LoopFunction => {
  const { computed, tile, pitch } = schedule;
  return functionOf(
    `multiply_${element}`,
    { rows: computed, columns: computed, to: element },
    ["height", "width", "terms", "rowStride", "columnStride"],
    (parts) => {
      const { rows, columns } = parts.arrays;
      const linesOf = (array: FloatArray, from: Value, count: number): Line[] =>
        range(count, (i) => ({ array, at: (term) => sum(sum(from, term), whole(i * pitch)) }));
      return [
        over(parts, "column", parts.numbers.width, tile.columns, (column) => {
          const at = local("i32", parts.fresh("at"));
          return [
            letBe(at, apply("mul", column, whole(pitch))),
            ...tiled(parts, computed, whole(0), column, [
              linesOf(rows, whole(0), tile.rows),
              linesOf(columns, at, tile.columns),
            ]),
          ];
        }),
      ];
    },
  );
};

/** to += the sums over lines whose terms are neighbours, where they are; columns beyond the last are the last again. */
export const multiplyingInPlace = ({ computed, single }: ProductSchedule, element: Computed): LoopFunction =>
  functionOf(
    `multiply_in_place_${element}`,
    { left: computed, right: computed, to: element },
    ["height", "width", "terms", "rowStride", "columnStride", "leftStride", "rightStride"],
    (parts) => {
      const { left, right } = parts.arrays;
      const { height, width, leftStride, rightStride } = parts.numbers;
      const lineOf = (array: FloatArray, place: Value, stride: Value): Line => ({
        array,
        at: (term) => sum(scaled(place, stride), term),
      });
      const last = apply("sub", width, whole(1));
      return [
        over(parts, "row", height, 1, (row) => [
          over(parts, "column", width, single.columns, (column) =>
            tiled(parts, computed, row, column, [
              [lineOf(left, row, leftStride)],
              range(single.columns, (c) => lineOf(right, smaller(sum(column, whole(c)), last), rightStride)),
            ]),
          ),
        ]),
      ];
    },
  );

type TileParts = Parts<"to", "height" | "width" | "terms" | "rowStride" | "columnStride">;

/** The sums of a tile from its lines, added where they are inside. */
function tiled(
  parts: TileParts,
  computed: Computed,
  firstRow: Value,
  firstColumn: Value,
  [left, right]: readonly [readonly Line[], readonly Line[]],
): Statement[] {
  const { height, width, terms, rowStride, columnStride } = parts.numbers;
  const made = (stem: string): Local => local(computed, parts.fresh(stem));
  const sums = left.map(() => right.map(() => made("sum")));
  const [a, b] = [left.map(() => made("a")), right.map(() => made("b"))];
  const numberAt = ({ array, at }: Line, term: Value): Value => load(computed, array.name, at(term));
  const put = (row: Value, column: Value, added: Value): Statement => {
    const { name, element } = parts.arrays.to;
    const at = sum(scaled(row, rowStride), scaled(column, columnStride));
    const all = apply("add", converted(load(element, name, at), "f64"), converted(added, "f64"));
    return store(name, at, converted(all, element));
  };
  return [
    ...sums.flat().map((one) => letBe(one, constantOf(computed, 0))),
    over(parts, "term", terms, 1, (term) => [
      ...a.map((number, i) => letBe(number, numberAt(left[i]!, term))),
      ...b.map((number, j) => letBe(number, numberAt(right[j]!, term))),
      ...sums.flatMap((ofRow, i) => ofRow.map((one, j) => assign(one, apply("add", one, apply("mul", a[i]!, b[j]!))))),
    ]),
    ...sums.flatMap((ofRow, r) =>
      inside(sum(firstRow, whole(r)), height, (row) =>
        ofRow.flatMap((added, c) => inside(sum(firstColumn, whole(c)), width, (column) => [put(row, column, added)])),
      ),
    ),
  ];
}

const range = <Made>(count: number, make: (i: number) => Made): Made[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Statements for a place, where it is below an end. */
const inside = (place: Value, end: Value, then: (place: Value) => Statement[]): Statement[] => [
  { kind: "if", condition: apply("lt", place, end), then: then(place), otherwise: [] },
];
