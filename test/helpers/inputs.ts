/** The parameters and inputs at which emitted modules are measured; the same in every run. */
import { kinkInputs } from "../../src/pipeline/activation.js";
import { defaults, type Definition, type ParameterValues } from "../../src/index.js";

/** Parameters that the compiler does not measure at: awkward to round, and some where the function degenerates. */
const UNMEASURED: Readonly<Record<string, readonly ParameterValues[]>> = {
  keras_relu: [
    { negative_slope: 0.37, max_value: 4.7, threshold: 0.3 },
    { negative_slope: 5, max_value: 0, threshold: 2 },
  ],
  leaky_relu: [{ negative_slope: 2.7 }],
  prelu: [{ slope: 0.73 }],
  rrelu: [
    { lower: -0.3, upper: 0.87 },
    { lower: -1, upper: 1 },
    { lower: -0.7, upper: 0.1 },
  ],
  rrelu_training: [{ slope: 0.21 }, { slope: 0 }, { slope: -0.3 }],
  thresholded_relu: [{ theta: 0.7 }],
  threshold: [{ threshold: -0.7, value: 3.3 }],
  hardtanh: [
    { min_val: -0.3, max_val: 4.1 },
    { min_val: 0.1, max_val: 0.1 },
  ],
  softshrink: [{ lambd: 0.17 }],
  hardshrink: [{ lambd: 3.3 }, { lambd: -1 }],
  elu: [{ alpha: 0.37 }, { alpha: 0 }],
  celu: [{ alpha: 2.3 }, { alpha: 37 }],
  softplus: [
    { beta: 1.7, threshold: 33 },
    { beta: 10, threshold: Infinity },
  ],
  silu: [{ beta: 0.7 }, { beta: 0.013 }],
  squareplus: [{ b: 7.3 }],
  quick_gelu: [{ alpha: 0.37 }],
  softcap: [{ cap: 7.3 }],
  bsilu: [{ alpha: 0.37 }],
  xielu: [{ alpha_p: 0.6, alpha_n: -0.4, beta: 0.7, eps: -1e-6 }],
  poly_relu: [{ a0: 0.2, a1: 0.9, a2: -0.3, a3: 0.1 }],
  snake: [
    { alpha: 0.37, beta: 1.7 },
    { alpha: 0, beta: 1 },
    { alpha: -1.3, beta: 30 },
  ],
};

/** One parameter at an end of its range, the others at their defaults. */
const ends = (definition: Definition): ParameterValues[] =>
  definition.parameters.flatMap(({ name, range }) =>
    range.filter(Number.isFinite).map((end) => ({ ...defaults(definition), [name]: end })),
  );

export function parameterSets(definition: Definition): readonly ParameterValues[] {
  if (definition.parameters.length === 0) return [{}];
  const others = UNMEASURED[definition.id];
  if (others === undefined) throw new Error(`${definition.id} has parameters: add a set to UNMEASURED`);
  return [defaults(definition), ...definition.samples, ...others, ...ends(definition)];
}

/** Where formulas break: zeros, underflow, cancellation, overflow, infinities. */
const EXTREMES = [0, 1e-45, 1e-30, 17.5, 20, 88, 89, 104, 1e4, 1e9, 3.4028234663852886e38, Infinity];
const EXTREMES_64 = [Number.MIN_VALUE, 2 ** -1022, 709.5, 710, 745, 746, 2 ** 512, Number.MAX_VALUE];

/** Where a miss was once found by many more inputs than these tests can afford. */
const HARD: Readonly<Record<string, readonly number[]>> = {
  sparse_sigmoid: [0.9999999403953552],
  softsign: [1.1537571121412683e103, 5.704975584876335e105],
  softplus: [-125.91061350007288, -407.12641002610326, -37.91185760498047, -3.970512628555298, -9.559871673583984],
  logsigmoid: [2.7381365299224854, 2.730780601501465],
  gelu_erf: [1.4335164897317368e308, -37.66007987782359, -37.947087325155735],
  gelu_tanh: [-21.516808718442917, -21.545852106064558, -21.233967505395412, 21.316867023706436],
  silu: [-14.357772506773472, 23.587068412452936, -1e200, 2.2959544137120247],
  mish: [-1.4509713724255562, -1.0102190090561738, -1.9047771450132132],
  tanhshrink: [0.7571871495944978, 0.7739909626543522],
  squareplus: [1.3624859170352624e308, -1e9, -210.41031019762158],
  snake: [-0.7853317856788635, -32.20132827758789, 4.569998859925726e35, 4.860236004735871e307, 2.542519352748841e239],
};

/** Numbers in [0, 1) from a seed (Mulberry32). */
export function generator(seed: string): () => number {
  let state = 0;
  for (const character of seed) state = (Math.imul(state, 31) + character.codePointAt(0)!) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const both = (values: readonly number[]): number[] => values.flatMap((value) => [value, -value]);
const repeat = (count: number, make: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** The float64 one step above or below. */
const bits = new BigInt64Array(1);
const asDouble = new Float64Array(bits.buffer);
export function step(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  asDouble[0] = value;
  bits[0]! += BigInt(value > 0 ? direction : -direction);
  return asDouble[0]!;
}

const stepSingle = (value: number, direction: 1 | -1): number => {
  const single = Math.fround(value);
  const word = new Int32Array(new Float32Array([single]).buffer);
  if (single === 0) return direction * 2 ** -149;
  word[0]! += single > 0 ? direction : -direction;
  return new Float32Array(word.buffer)[0]!;
};

const neighbours = (kinks: readonly number[], next: (value: number, direction: 1 | -1) => number): number[] =>
  kinks.flatMap((kink) => [kink, next(kink, 1), next(kink, -1), next(next(kink, 1), 1), next(next(kink, -1), -1)]);

/** More than 600 float64 inputs times `density`: every magnitude, the places where activations bend, and the extremes. */
export function doubleInputs(definition: Definition, parameters: ParameterValues, density = 1): number[] {
  const random = generator(definition.id + JSON.stringify(parameters));
  return [
    ...new Set([
      ...both(EXTREMES),
      ...both(EXTREMES_64),
      ...(HARD[definition.id] ?? []),
      ...neighbours(kinkInputs(definition, [parameters]), step),
      ...both(repeat(110 * density, (i) => 2 ** (-1074 + (2098 * (i + random())) / (110 * density)))),
      ...both(repeat(40 * density, () => 2 ** (random() * 24 - 20))),
      ...repeat(120 * density, () => (random() - 0.5) * 80),
      ...repeat(80 * density, () => (random() - 0.5) * 8),
      ...repeat(110 * density, () => random() * -760),
    ]),
    -0,
    NaN,
  ];
}

/** Float32 inputs: bit patterns at a fixed stride, and the places where activations bend. */
export function singleInputs(definition: Definition, parameters: ParameterValues, patterns: number): Float32Array {
  const random = generator(`${definition.id} ${JSON.stringify(parameters)}`);
  const stride = Math.floor(2 ** 32 / patterns) | 1;
  const words = Uint32Array.from({ length: patterns }, (_, i) => i * stride);
  return Float32Array.from([
    ...new Float32Array(words.buffer),
    ...both(EXTREMES),
    ...(HARD[definition.id] ?? []),
    ...neighbours(kinkInputs(definition, [parameters]).map(Math.fround), stepSingle),
    ...repeat(patterns / 4, () => (random() - 0.5) * 80),
    ...repeat(patterns / 8, () => (random() - 0.5) * 8),
    ...repeat(patterns / 8, () => random() * -110),
    NaN,
  ]);
}
