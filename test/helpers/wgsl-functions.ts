/** What the functions of the shader library should give: bounds, references, ends, and the inputs at which to try them. */
import { sphericalBesselFloat } from "../../src/ir/bessel.js";
import { erfFloat, erfcFloat, erfcxFloat, i2erfcxFloat, ierfcxFloat } from "../../src/ir/erf.js";
import { concatenated, everyFloat } from "./wgsl-accuracy.js";

export interface Row {
  readonly name: string;
  /** The largest error in units of the last place, wherever the result is a normal number. */
  readonly bound: number;
  readonly reference: (x: number) => number;
  /** Where it changes its formula: around these every float32 is tried. */
  readonly switches: readonly number[];
  /** Inputs with results that must be met exactly, the sign of 0 included. */
  readonly ends: readonly (readonly [number, number])[];
  readonly from?: number;
}

const { fround } = Math;
export const LARGEST = fround(3.4028234663852886e38);
export const NORMAL = 2 ** -126;
const odd = (pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] =>
  pairs.flatMap(([x, y]) => [
    [x, y],
    [-x, -y],
  ]);
const even = (pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] =>
  pairs.flatMap(([x, y]) => [
    [x, y],
    [-x, y],
  ]);

export const ROWS: readonly Row[] = [
  {
    name: "precise_exp",
    bound: 0.7,
    reference: Math.exp,
    switches: [0.34657359, -0.34657359, 88.72283, -87.33654, -104],
    ends: [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, 0],
      [fround(88.72284), Infinity],
      [-1000, 0],
      [-LARGEST, 0],
      [LARGEST, Infinity],
    ],
  },
  {
    name: "precise_expm1",
    bound: 1,
    reference: Math.expm1,
    switches: [0.34657359, -0.34657359, 8.66434, -8.66434, 17, -17.4, 88.72283, 2 ** -25],
    ends: [...odd([[0, 0]]), [Infinity, Infinity], [-Infinity, -1], [-LARGEST, -1], [fround(88.72284), Infinity]],
  },
  {
    name: "precise_sigmoid",
    bound: 0.7,
    reference: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    switches: [0, 0.34657359, -0.34657359, 17.4, -87.33654, -104],
    ends: [
      [0, 0.5],
      [-0, 0.5],
      [Infinity, 1],
      [-Infinity, 0],
      [89, 1],
      [LARGEST, 1],
      [-LARGEST, 0],
    ],
  },
  {
    name: "precise_log",
    bound: 0.7,
    reference: Math.log,
    switches: [0.75, 1, 1.5, 3],
    ends: [
      [0, -Infinity],
      [-0, -Infinity],
      [1, 0],
      [-1, NaN],
      [-Infinity, NaN],
      [Infinity, Infinity],
    ],
  },
  {
    name: "precise_log1p",
    bound: 1,
    reference: Math.log1p,
    switches: [-1, -0.25, 0.5, 2, 2 ** 24, 2 ** -25],
    ends: [...odd([[0, 0]]), [-1, -Infinity], [-2, NaN], [-Infinity, NaN], [Infinity, Infinity]],
  },
  {
    name: "precise_tanh",
    bound: 1,
    reference: Math.tanh,
    switches: [0.17328679, 4.33217, 8.66434, 9.01, 9.2, 2 ** -25],
    ends: odd([
      [0, 0],
      [Infinity, 1],
      [89, 1],
      [fround(88.73), 1],
      [LARGEST, 1],
      [9.5, 1],
    ]),
  },
  {
    name: "precise_sinh",
    bound: 1.5,
    reference: Math.sinh,
    switches: [1, -1, 8.66434, 89.415985, -89.415985, 2 ** -25],
    ends: odd([
      [0, 0],
      [Infinity, Infinity],
      [LARGEST, Infinity],
      [fround(89.416), Infinity],
    ]),
  },
  {
    name: "precise_cosh",
    bound: 1.5,
    reference: Math.cosh,
    switches: [0.34657359, 8.66434, 89.415985, -89.415985],
    ends: even([
      [0, 1],
      [Infinity, Infinity],
      [LARGEST, Infinity],
      [fround(89.416), Infinity],
    ]),
  },
  {
    name: "precise_sin",
    bound: 1,
    reference: Math.sin,
    switches: [0.78539816, 1.57079633, 3.14159265, 3200, LARGEST, 2 ** -25],
    ends: [...odd([[0, 0]]), [Infinity, NaN], [-Infinity, NaN]],
  },
  {
    name: "precise_cos",
    bound: 1,
    reference: Math.cos,
    switches: [0.78539816, 1.57079633, 3.14159265, 3200, LARGEST],
    ends: [...even([[0, 1]]), [Infinity, NaN], [-Infinity, NaN]],
  },
  {
    name: "precise_atan",
    bound: 1,
    reference: Math.atan,
    switches: [0.5, 2, -2, 1e30, 2 ** -13],
    ends: odd([
      [0, 0],
      [Infinity, fround(Math.PI / 2)],
      [LARGEST, fround(Math.PI / 2)],
      [1, fround(Math.PI / 4)],
    ]),
  },
  {
    name: "precise_cbrt",
    bound: 0.6,
    reference: Math.cbrt,
    switches: [1, 2, 4, 8, 2 ** -126, -27],
    ends: odd([
      [0, 0],
      [Infinity, Infinity],
      [1, 1],
      [8, 2],
      [27, 3],
    ]),
  },
  {
    name: "precise_sqrt",
    bound: 0.51,
    reference: Math.sqrt,
    switches: [0.25, 1, 2, 4],
    ends: [...odd([[0, 0]]), [-1, NaN], [-Infinity, NaN], [Infinity, Infinity], [4, 2], [2 ** -126, 2 ** -63]],
  },
  {
    name: "precise_erf",
    bound: 1,
    reference: erfFloat,
    switches: [0.78125, -0.78125, 3.9, 4, 1e-20],
    ends: odd([
      [0, 0],
      [Infinity, 1],
      [LARGEST, 1],
      [4, 1],
    ]),
  },
  {
    name: "precise_erfc",
    bound: 2,
    reference: erfcFloat,
    switches: [0.5, -0.5, 1, 9.19, 10.05, -4],
    ends: [
      [0, 1],
      [-0, 1],
      [Infinity, 0],
      [-Infinity, 2],
      [LARGEST, 0],
      [-LARGEST, 2],
    ],
  },
  {
    name: "precise_erfcx",
    bound: 1.5,
    reference: erfcxFloat,
    switches: [0, 0.5, 1e18, 2 ** 125],
    from: 0,
    ends: [
      [0, 1],
      [Infinity, 0],
    ],
  },
  {
    name: "precise_ierfcx",
    bound: 5,
    reference: ierfcxFloat,
    switches: [0, 0.5, 1e18],
    from: 0,
    ends: [[Infinity, 0]],
  },
  {
    name: "precise_i2erfcx",
    bound: 6,
    reference: i2erfcxFloat,
    switches: [0, 0.5, 1e18],
    from: 0,
    ends: [
      [0, 0.25],
      [Infinity, 0],
    ],
  },
  {
    name: "precise_sinc",
    bound: 1.6,
    reference: sphericalBesselFloat(0),
    switches: [2 ** -13, 3.14159265, 3200],
    ends: even([
      [0, 1],
      [Infinity, 0],
    ]),
  },
  {
    name: "precise_round",
    bound: 0,
    reference: (x) => Math.floor(x + 0.5),
    switches: [0.5, -0.5, 1, 2 ** 22, 2 ** 23, -(2 ** 23)],
    ends: [
      [0, 0],
      [-0, -0],
      [0.49999997, 0],
      [2.5, 3],
      [-2.5, -2],
      [8388609, 8388609],
      [Infinity, Infinity],
      [-Infinity, -Infinity],
    ],
  },
];

const words = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);
const bitsOf = (value: number): number => words(Float32Array.of(value))[0]!;

/** 20,001 neighbouring float32 numbers. */
function around(centre: number): Float32Array {
  const bits = bitsOf(fround(centre));
  return new Float32Array(Uint32Array.from({ length: 20_001 }, (_, i) => bits + i - 10_000).buffer);
}

export const SWEEP = everyFloat(2143);
const NANS = new Float32Array(Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff).buffer);

export const inputsOf = ({ switches, ends, from }: Row): Float32Array => {
  const all = concatenated(
    Float32Array.from(ends, ([x]) => x),
    NANS,
    ...switches.map(around),
    SWEEP,
  );
  return from === undefined ? all : all.filter((x) => !(x < from) && !Object.is(x, -0));
};

const ulpOf = (value: number): number => {
  let exponent = Math.floor(Math.log2(value));
  if (2 ** exponent > value) exponent -= 1;
  return 2 ** (exponent - 23);
};

/** In units of the last place; a subnormal result may be 0 or either neighbour, and so may what a subnormal input would have. */
export function error(got: number, exact: number, atZero: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(got) ? 0 : Infinity;
  const wanted = fround(exact);
  if (got === wanted || got === atZero) return 0;
  if (!Number.isFinite(wanted) || Number.isNaN(got)) return Infinity;
  const size = Math.abs(exact);
  if (size < NORMAL) {
    const steps = Math.abs(got - exact) / 2 ** -149;
    return got === 0 || steps <= 1 ? 0 : steps;
  }
  return Math.abs(got - exact) / ulpOf(size);
}

/** A second operand made from the first, in integers, so that the host makes the same. */
export const PARTNER = `fn partner(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return bitcast<f32>((bits ^ (bits >> 15u)) * 0x2c1b3c6du + 0x9e3779b9u);
}`;
export function partners(values: Float32Array): Float32Array {
  const mixed = words(values).map((bits) => (Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0);
  return new Float32Array(mixed.buffer);
}
export const normal = (x: number): boolean => Math.abs(x) >= NORMAL && Math.abs(x) <= LARGEST;
/** Whether it is finite in float32 too. */
const finite = (x: number): boolean => Number.isFinite(fround(x));
const near = (a: number, b: number): boolean => Math.abs(Math.log2(Math.abs(a / b))) < 28;

export interface Pairs {
  readonly name: string;
  readonly bound: number;
  readonly reference: (a: number, b: number) => number;
  readonly applies: (a: number, b: number) => boolean;
}

export const PAIRS: readonly Pairs[] = [
  {
    name: "precise_divide",
    bound: 0.51,
    reference: (a, b) => a / b,
    applies: (a, b) => normal(a) && normal(b),
  },
  {
    name: "product_error",
    bound: 0,
    reference: (a, b) => a * b - fround(a * b),
    applies: (a, b) => Math.min(Math.abs(a), Math.abs(b)) >= 2 ** -103 && Math.abs(a * b) >= 2 ** -77 && finite(a * b),
  },
  {
    name: "sum_error",
    bound: 0,
    reference: (a, b) => a + b - fround(a + b),
    applies: (a, b) =>
      normal(a) && normal(b) && near(a, b) && Math.min(Math.abs(a), Math.abs(b)) >= 2 ** -100 && finite(a + b),
  },
];

export const SPECIAL = [0, 1, 2, 3, 0.5, 0.25, 10, 2.5, 16777215, 2 ** -126, LARGEST, Infinity]
  .flatMap((x) => [x, -x])
  .concat(NaN);
export const EXPONENTS = [2, 3, -1, 0.5, -0.5, 1.5, 7, 10, 100, -13, 0.1, 2.7, 1e-3, 1e6];

/** Math.pow, but for its errors of float64. */
export const power = (a: number, b: number): number => Math.pow(a, b);
export const exactly = (got: number, wanted: number): boolean =>
  Object.is(got, wanted) || (Math.abs(wanted) < NORMAL && wanted !== 0 && Math.abs(got) < NORMAL);
