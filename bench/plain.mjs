/**
 * The loops that a person writes for each activation of the catalogue: value and derivative in the input, with the
 * default parameters as arguments. Each becomes a function of its own, so that V8 specialises it.
 */

/** The formulas in `x`; `before` holds lines for what both of value and derivative, or one of them, need first. */
const TABLE = {
  relu: { value: "x > 0 ? x : 0", derivative: "x > 0 ? 1 : 0" },
  keras_relu: {
    parameters: { slope: 0, maximum: Infinity, threshold: 0 },
    value: "x >= maximum ? maximum : x >= threshold ? x : slope * (x - threshold)",
    derivative: "x >= maximum ? 0 : x >= threshold ? 1 : slope",
  },
  leaky_relu: {
    parameters: { slope: 0.01 },
    value: "x > 0 ? x : slope * x",
    derivative: "x > 0 ? 1 : slope",
  },
  prelu: {
    parameters: { slope: 0.25 },
    value: "x > 0 ? x : slope * x",
    derivative: "x > 0 ? 1 : slope",
    gradient: "x > 0 ? 0 : x",
  },
  rrelu: {
    parameters: { lower: 1 / 8, upper: 1 / 3 },
    value: "x > 0 ? x : ((lower + upper) / 2) * x",
    derivative: "x > 0 ? 1 : (lower + upper) / 2",
  },
  rrelu_training: {
    parameters: { slope: 0.25 },
    value: "x > 0 ? x : slope * x",
    derivative: "x > 0 ? 1 : slope",
  },
  thresholded_relu: {
    parameters: { theta: 1 },
    value: "x > theta ? x : 0",
    derivative: "x > theta ? 1 : 0",
  },
  threshold: {
    parameters: { threshold: 0, value: 0 },
    value: "x > threshold ? x : value",
    derivative: "x > threshold ? 1 : 0",
  },
  relu6: { value: "Math.min(Math.max(x, 0), 6)", derivative: "x > 0 && x < 6 ? 1 : 0" },
  hardtanh: {
    parameters: { low: -1, high: 1 },
    value: "x < low ? low : x > high ? high : x",
    derivative: "x > low && x < high ? 1 : 0",
  },
  hardsigmoid: {
    value: "x <= -3 ? 0 : x >= 3 ? 1 : x / 6 + 0.5",
    derivative: "x > -3 && x < 3 ? 1 / 6 : 0",
  },
  hard_sigmoid_keras2: {
    value: "Math.max(0, Math.min(1, 0.2 * x + 0.5))",
    derivative: "x > -2.5 && x < 2.5 ? 0.2 : 0",
  },
  hardswish: {
    value: "x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6",
    derivative: "x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6",
  },
  softshrink: {
    parameters: { lambd: 0.5 },
    value: "x > lambd ? x - lambd : x < -lambd ? x + lambd : 0",
    derivative: "x > lambd || x < -lambd ? 1 : 0",
  },
  hardshrink: {
    parameters: { lambd: 0.5 },
    value: "x > lambd || x < -lambd ? x : 0",
    derivative: "x > lambd || x < -lambd ? 1 : 0",
  },
  sparse_sigmoid: {
    value: "x <= -1 ? 0 : x >= 1 ? 1 : 0.5 * (x + 1)",
    derivative: "x > -1 && x < 1 ? 0.5 : 0",
  },
  linear: { value: "x", derivative: "1" },
  relu_squared: { value: "x > 0 ? x * x : 0", derivative: "x > 0 ? 2 * x : 0" },
  sparse_plus: {
    value: "x <= -1 ? 0 : x < 1 ? ((x + 1) * (x + 1)) / 4 : x",
    derivative: "x <= -1 ? 0 : x < 1 ? (x + 1) / 2 : 1",
  },
  softsign: {
    value: "x / (1 + Math.abs(x))",
    derivative: "1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)))",
  },
  elu: {
    parameters: { alpha: 1 },
    value: "x > 0 ? x : alpha * (Math.exp(x) - 1)",
    derivative: "x > 0 ? 1 : alpha * Math.exp(x)",
  },
  selu: {
    parameters: { alpha: 1.6732632423543772, scale: 1.0507009873554805 },
    value: "scale * (x > 0 ? x : alpha * (Math.exp(x) - 1))",
    derivative: "scale * (x > 0 ? 1 : alpha * Math.exp(x))",
  },
  celu: {
    parameters: { alpha: 1 },
    value: "x > 0 ? x : alpha * (Math.exp(x / alpha) - 1)",
    derivative: "x > 0 ? 1 : Math.exp(x / alpha)",
  },
  exponential: { value: "Math.exp(x)", derivative: "Math.exp(x)" },
  sigmoid: {
    value: "1 / (1 + Math.exp(-x))",
    before: "const s = 1 / (1 + Math.exp(-x));",
    derivative: "s * (1 - s)",
  },
  tanh: {
    value: "Math.tanh(x)",
    before: "const t = Math.tanh(x);",
    derivative: "1 - t * t",
  },
  softplus: {
    parameters: { beta: 1, threshold: Infinity },
    value: "beta * x > threshold ? x : Math.log1p(Math.exp(beta * x)) / beta",
    derivative: "beta * x > threshold ? 1 : 1 / (1 + Math.exp(-beta * x))",
  },
  logsigmoid: {
    value: "Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))",
    derivative: "1 / (1 + Math.exp(x))",
  },
  gelu_erf: {
    value: "0.5 * x * (1 + erf(x * Math.SQRT1_2))",
    derivative: "0.5 * (1 + erf(x * Math.SQRT1_2)) + x * Math.exp(-0.5 * x * x) * 0.3989422804014327",
  },
  gelu_tanh: {
    value: "0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))",
    before: "const t = Math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x));",
    derivative: "0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608028654 * (1 + 0.134145 * x * x)",
  },
  silu: {
    parameters: { beta: 1 },
    value: "x / (1 + Math.exp(-beta * x))",
    before: "const s = 1 / (1 + Math.exp(-beta * x));",
    derivative: "s * (1 + beta * x * (1 - s))",
  },
  mish: {
    value: "x * Math.tanh(Math.log1p(Math.exp(x)))",
    before: "const t = Math.tanh(Math.log1p(Math.exp(x)));",
    derivative: "t + (x * (1 - t * t)) / (1 + Math.exp(-x))",
  },
  tanhshrink: {
    value: "x - Math.tanh(x)",
    before: "const t = Math.tanh(x);",
    derivative: "t * t",
  },
  squareplus: {
    parameters: { b: 4 },
    value: "0.5 * (x + Math.sqrt(x * x + b))",
    derivative: "0.5 * (1 + x / Math.sqrt(x * x + b))",
  },
  quick_gelu: {
    parameters: { alpha: 1.702 },
    value: "x / (1 + Math.exp(-alpha * x))",
    before: "const s = 1 / (1 + Math.exp(-alpha * x));",
    derivative: "s * (1 + alpha * x * (1 - s))",
  },
  snake: {
    parameters: { alpha: 1, beta: 1 },
    before: "const s = Math.sin(alpha * x);",
    value: "x + (s * s) / beta",
    derivative: "1 + (2 * alpha * s * Math.cos(alpha * x)) / beta",
    shared: true,
  },
};

/** Abramowitz and Stegun 7.1.26, within 1.5e-7: what one finds first when JavaScript has no erf. */
const ERF = `function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const y = 1 - p * Math.exp(-x * x);
  return x < 0 ? -y : y;
}`;

/** Fresh functions for an id, which share no type feedback with others; undefined where the table has no such id. */
export function plainLoops(id) {
  const entry = TABLE[id];
  if (entry === undefined) return undefined;
  const { value, derivative, gradient, before = "", shared = false, parameters = {} } = entry;
  const declared = Object.entries(parameters)
    .map(([name, initial]) => `, ${name} = ${initial}`)
    .join("");
  const source = `"use strict";
${/\berf\(/.test(value) ? ERF : ""}
return {
  forward(xs, ys${declared}) {
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i];
      ${shared ? before : ""}
      ys[i] = ${value};
    }
    return ys;
  },
  backward(dys, xs, dxs${declared}) {
    ${gradient === undefined ? "" : "let sum = 0;"}
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i];
      ${before}
      ${gradient === undefined ? "" : `sum += dys[i] * (${gradient});`}
      dxs[i] = dys[i] * (${derivative});
    }
    return ${gradient === undefined ? "dxs" : "sum"};
  },
};`;
  return new Function(source)();
}
