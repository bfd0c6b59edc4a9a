/**
 * The product of two matrices, as helpers of the emitted module.
 *
 * Its speed comes from packed operands that are arrays of the module: V8 writes their addresses and lengths into the
 * code, where those of an argument are loaded again for every element.
 */
import type { ConstantText, FunctionText } from "../../codegen/module.js";

const array = (name: string, length: string, documentation: string): ConstantText => ({
  name,
  type: "Float64Array",
  value: `new Float64Array(${length})`,
  documentation,
  exported: false,
});

const count = (name: string, value: number, documentation: string): ConstantText => ({
  name,
  type: "number",
  value: String(value),
  documentation,
  exported: false,
});

export const CONTRACT_CONSTANTS: readonly ConstantText[] = [
  count("DEPTH", 2048, "Terms of a sum that are packed at a time."),
  count("CAPACITY", 32768, "Numbers in each panel of packed columns."),
  array("FIRST", "DEPTH", "Three packed rows of `a`."),
  array("SECOND", "DEPTH", "The second of them."),
  array("THIRD", "DEPTH", "The third of them."),
  array("EVEN", "CAPACITY", "The even packed columns of `b`."),
  array("ODD", "CAPACITY", "The odd ones."),
  array("TILE", "6", "The sums of three rows by two columns."),
];

const helper = (name: string, parameters: string, documentation: string, body: readonly string[]): FunctionText => ({
  name,
  exported: false,
  parameters: parameters.split(" ").map((parameter) => ({ name: parameter, type: "number" })),
  returns: "void",
  documentation,
  body,
});

/** Three by two: the largest tile whose sums and products V8 keeps in registers. */
const SUMS = [0, 1, 2].flatMap((row) => [0, 1].map((column) => ({ row, column, name: `s${row}${column}` })));

export const CONTRACT_FUNCTIONS: readonly FunctionText[] = [
  helper(
    "contract",
    "c cOffset cRow cColumn a aOffset aRow aInner b bOffset bColumn bInner rows columns inner accumulate",
    "c[i, j] = (accumulate ? c[i, j] : 0) + the sum over k of a[i, k] * b[j, k], each by its offset and strides.",
    [
      "if (inner === 0 && !accumulate)",
      "for (let i = 0; i < rows; i++)",
      "for (let j = 0; j < columns; j++) c[cOffset + i * cRow + j * cColumn] = 0;",
      "for (let k = 0; k < inner; k += DEPTH) {",
      "const depth = Math.min(DEPTH, inner - k);",
      "const add = accumulate || k > 0;",
      "const wide = 2 * Math.floor(CAPACITY / depth);",
      "for (let j = 0; j < columns; j += wide) {",
      "const width = Math.min(wide, columns - j);",
      "// An odd column or a missing row is packed twice: its sums are computed, not stored.",
      "for (let n = 0; n < width; n += 2) {",
      "const even = bOffset + (j + n) * bColumn + k * bInner;",
      "packColumns((n >> 1) * depth, b, even, n + 1 < width ? even + bColumn : even, bInner, depth);",
      "}",
      "for (let i = 0; i < rows; i += 3) {",
      "const first = aOffset + i * aRow + k * aInner;",
      "const high = Math.min(3, rows - i);",
      "packRows(a, first, high > 1 ? first + aRow : first, high > 2 ? first + 2 * aRow : first, aInner, depth);",
      "for (let n = 0; n < width; n += 2) {",
      "multiply((n >> 1) * depth, depth);",
      "storeTile(c, cOffset + i * cRow + (j + n) * cColumn, cRow, cColumn, high, n + 1 < width, add);",
      "}",
      "}",
      "}",
      "}",
    ],
  ),
  helper(
    "packRows",
    "a first second third stride depth",
    "Three rows of `a`, one array each; `| 0` keeps the places in int32 without a check.",
    [
      "for (let k = 0; k < depth; k = (k + 1) | 0) {",
      ...["first", "second", "third"].map((row) => `${row.toUpperCase()}[k] = a[${row}];`),
      ...["first", "second", "third"].map((row) => `${row} = (${row} + stride) | 0;`),
      "}",
    ],
  ),
  helper("packColumns", "start b even odd stride depth", "Two columns of `b`, behind those packed before.", [
    "for (let k = 0; k < depth; k = (k + 1) | 0) {",
    "const at = (start + k) | 0;",
    "EVEN[at] = b[even];",
    "ODD[at] = b[odd];",
    "even = (even + stride) | 0;",
    "odd = (odd + stride) | 0;",
    "}",
  ]),
  helper(
    "multiply",
    "start depth",
    "Three rows by two columns: the largest tile whose sums and products V8 keeps in registers.",
    [
      ...SUMS.map(({ name }) => `let ${name} = 0;`),
      "for (let k = 0; k < depth; k = (k + 1) | 0) {",
      "const at = (start + k) | 0;",
      "const x = EVEN[at];",
      "const y = ODD[at];",
      "const p = FIRST[k];",
      "const q = SECOND[k];",
      "const r = THIRD[k];",
      ...SUMS.map(({ row, column, name }) => `${name} += ${"pqr"[row]!} * ${"xy"[column]!};`),
      "}",
      ...SUMS.map(({ name }, i) => `TILE[${i}] = ${name};`),
    ],
  ),
  helper("storeTile", "c at row column high both add", "The rows and columns of the tile that are not packed twice.", [
    "for (let y = 0; y < high; y++, at += row) {",
    "c[at] = add ? c[at] + TILE[2 * y] : TILE[2 * y];",
    "if (both) c[at + column] = add ? c[at + column] + TILE[2 * y + 1] : TILE[2 * y + 1];",
    "}",
  ]),
];
