/**
 * The loops that a person writes for layers: sums in a local, rows by their offset, nothing blocked. Each call gives fresh
 * functions, so that V8 specialises them for one shape and one activation.
 */
const ERF = `function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const y = 1 - p * Math.exp(-x * x);
  return x < 0 ? -y : y;
}`;

/** In `s`, the sum with its bias. */
const ACTIVATIONS = {
  linear: ["s", "1"],
  relu: ["s > 0 ? s : 0", "s > 0 ? 1 : 0"],
  gelu_erf: [
    "0.5 * s * (1 + erf(s * Math.SQRT1_2))",
    "0.5 * (1 + erf(s * Math.SQRT1_2)) + s * Math.exp(-0.5 * s * s) * 0.3989422804014327",
  ],
};

let count = 0;
const fresh = (body) => new Function(`"use strict"; // ${(count += 1)}\n${ERF}\nreturn ${body};`)();

export const plainDense = (activation) =>
  fresh(`{
  forward(y, x, weight, bias, rows, inputs, outputs) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < outputs; j++) {
        let s = 0;
        for (let k = 0; k < inputs; k++) s += x[i * inputs + k] * weight[j * inputs + k];
        s += bias[j];
        y[i * outputs + j] = ${ACTIVATIONS[activation][0]};
      }
    }
  },
  backward(dx, dweight, dbias, g, dy, x, weight, sums, rows, inputs, outputs) {
    for (let i = 0; i < rows * outputs; i++) {
      const s = sums[i];
      g[i] = dy[i] * (${ACTIVATIONS[activation][1]});
    }
    for (let j = 0; j < outputs; j++) {
      let s = 0;
      for (let i = 0; i < rows; i++) s += g[i * outputs + j];
      dbias[j] = s;
    }
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < inputs; k++) {
        let s = 0;
        for (let j = 0; j < outputs; j++) s += g[i * outputs + j] * weight[j * inputs + k];
        dx[i * inputs + k] = s;
      }
    }
    for (let j = 0; j < outputs; j++) {
      for (let k = 0; k < inputs; k++) {
        let s = 0;
        for (let i = 0; i < rows; i++) s += g[i * outputs + j] * x[i * inputs + k];
        dweight[j * inputs + k] = s;
      }
    }
  },
}`);

/** Square windows, stride 1, zeros around the image. */
export const plainConvolution = () =>
  fresh(`{
  forward(y, x, weight, bias, batch, channels, filters, size, kernel, padding) {
    const out = size + 2 * padding - kernel + 1;
    for (let n = 0; n < batch; n++)
      for (let f = 0; f < filters; f++)
        for (let row = 0; row < out; row++)
          for (let column = 0; column < out; column++) {
            let s = bias[f];
            for (let c = 0; c < channels; c++)
              for (let u = 0; u < kernel; u++) {
                const from = row + u - padding;
                if (from < 0 || from >= size) continue;
                for (let v = 0; v < kernel; v++) {
                  const at = column + v - padding;
                  if (at < 0 || at >= size) continue;
                  s += x[((n * channels + c) * size + from) * size + at] * weight[((f * channels + c) * kernel + u) * kernel + v];
                }
              }
            y[((n * filters + f) * out + row) * out + column] = s > 0 ? s : 0;
          }
  },
}`);

export const plainAttention = () =>
  fresh(`{
  forward(y, query, key, value, weights, heads, queries, keys, features) {
    const scale = 1 / Math.sqrt(features);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < queries; i++) {
        let max = -Infinity;
        for (let j = 0; j < keys; j++) {
          let s = 0;
          for (let d = 0; d < features; d++) s += query[(h * queries + i) * features + d] * key[(h * keys + j) * features + d];
          weights[j] = s * scale;
          if (weights[j] > max) max = weights[j];
        }
        let sum = 0;
        for (let j = 0; j < keys; j++) {
          weights[j] = Math.exp(weights[j] - max);
          sum += weights[j];
        }
        for (let d = 0; d < features; d++) {
          let s = 0;
          for (let j = 0; j < keys; j++) s += weights[j] * value[(h * keys + j) * features + d];
          y[(h * queries + i) * features + d] = s / sum;
        }
      }
  },
  backward(dquery, dkey, dvalue, dy, query, key, value, weights, slopes, heads, queries, keys, features) {
    const scale = 1 / Math.sqrt(features);
    dkey.fill(0);
    dvalue.fill(0);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < queries; i++) {
        let max = -Infinity;
        for (let j = 0; j < keys; j++) {
          let s = 0;
          for (let d = 0; d < features; d++) s += query[(h * queries + i) * features + d] * key[(h * keys + j) * features + d];
          weights[j] = s * scale;
          if (weights[j] > max) max = weights[j];
        }
        let sum = 0;
        for (let j = 0; j < keys; j++) {
          weights[j] = Math.exp(weights[j] - max);
          sum += weights[j];
        }
        let mean = 0;
        for (let j = 0; j < keys; j++) {
          weights[j] /= sum;
          let s = 0;
          for (let d = 0; d < features; d++) s += dy[(h * queries + i) * features + d] * value[(h * keys + j) * features + d];
          slopes[j] = s;
          mean += s * weights[j];
        }
        for (let j = 0; j < keys; j++) slopes[j] = (slopes[j] - mean) * weights[j] * scale;
        for (let d = 0; d < features; d++) {
          let s = 0;
          for (let j = 0; j < keys; j++) s += slopes[j] * key[(h * keys + j) * features + d];
          dquery[(h * queries + i) * features + d] = s;
        }
        for (let j = 0; j < keys; j++)
          for (let d = 0; d < features; d++) {
            dkey[(h * keys + j) * features + d] += slopes[j] * query[(h * queries + i) * features + d];
            dvalue[(h * keys + j) * features + d] += weights[j] * dy[(h * queries + i) * features + d];
          }
      }
  },
}`);

const overRows = (before, forward, backwardBefore, backward) =>
  fresh(`{
  forward(y, x, rows, columns, weight, bias) {
    for (let i = 0; i < rows; i++) {
      const start = i * columns;
      ${before}
      for (let j = 0; j < columns; j++) y[start + j] = ${forward};
    }
  },
  backward(dx, dy, y, rows, columns) {
    for (let i = 0; i < rows; i++) {
      const start = i * columns;
      ${backwardBefore}
      for (let j = 0; j < columns; j++) dx[start + j] = ${backward};
    }
  },
}`);

const sum = (name, term) => `let ${name} = 0;
      for (let j = 0; j < columns; j++) ${name} += ${term};`;
const LARGEST = `let max = -Infinity;
      for (let j = 0; j < columns; j++) if (x[start + j] > max) max = x[start + j];`;

const ROWWISE = {
  softmax: () =>
    overRows(
      `${LARGEST}
      let total = 0;
      for (let j = 0; j < columns; j++) total += y[start + j] = Math.exp(x[start + j] - max);`,
      "y[start + j] / total",
      sum("mean", "dy[start + j] * y[start + j]"),
      "(dy[start + j] - mean) * y[start + j]",
    ),
  log_softmax: () =>
    overRows(
      `${LARGEST}
      ${sum("total", "Math.exp(x[start + j] - max)")}
      const shift = max + Math.log(total);`,
      "x[start + j] - shift",
      sum("total", "dy[start + j]"),
      "dy[start + j] - total * Math.exp(y[start + j])",
    ),
  layer_norm: () =>
    overRows(
      `${sum("total", "x[start + j]")}
      const mean = total / columns;
      ${sum("squares", "(x[start + j] - mean) ** 2")}
      const scale = 1 / Math.sqrt(squares / columns + 1e-5);`,
      "(x[start + j] - mean) * scale * weight[j] + bias[j]",
      "",
      "0",
    ),
};

export const plainRows = (id) => ROWWISE[id]();
