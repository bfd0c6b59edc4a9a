/** Activations made of exponentials and their relatives. */
import * as b from "../ir/build.js";
import {
  abs,
  add,
  decimal,
  div,
  erf,
  exp,
  gt,
  log,
  log1p,
  min,
  mul,
  neg,
  select,
  sqrt,
  sub,
  tanh,
} from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import { activation, type Definition } from "../ir/definition.js";

/** Scales: so far from 1 they have no use, and within them no product on the way overflows or vanishes. */
const SCALE: readonly [number, number] = [2 ** -20, 2 ** 20];

/** The fixed point of mean 0 and variance 1 under x ~ N(0, 1), to the digits that every framework uses. */
const SELU_ALPHA = decimal("1.6732632423543772848170429916717");
const SELU_SCALE = decimal("1.0507009873554804934193349852946");

/** log(1 + e^u), as a textbook writes it. */
const logOnePlusExp = (u: Expr): Expr => log(add(1, exp(u)));

const ELU = {
  id: "elu",
  title: "ELU",
  formula: (x: Expr, { alpha }: { readonly alpha: Expr }): Expr => select(gt(x, 0), x, mul(alpha, sub(exp(x), 1))),
  kinks: () => [0],
  reference: "Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289",
};

const SOFTPLUS = {
  id: "softplus",
  title: "Softplus",
  reference: "Dugas et al. 2001, Incorporating second-order functional knowledge for better option pricing",
};

const softplusOf = (x: Expr, beta: Expr): Expr => div(logOnePlusExp(mul(beta, x)), beta);

export const smooth: readonly Definition[] = [
  activation({
    ...ELU,
    parameters: { alpha: { default: 1 } },
    samples: [{ alpha: 1.5 }, { alpha: -2 }],
    names: ["nn.ELU", "F.elu", "activations.elu", "layers.ELU", "jax.nn.elu", "Elu"],
    // With alpha below 0 two inputs have the same output.
    inLayers: activation({
      ...ELU,
      parameters: { alpha: { default: 1, range: SCALE } },
      samples: [{ alpha: 1.5 }, { alpha: 0.3 }],
    }),
  }),
  activation({
    id: "selu",
    title: "SELU",
    formula: (x) => mul(SELU_SCALE, select(gt(x, 0), x, mul(SELU_ALPHA, sub(exp(x), 1)))),
    kinks: () => [0],
    names: ["nn.SELU", "F.selu", "activations.selu", "jax.nn.selu", "Selu"],
    reference: "Klambauer et al. 2017, Self-normalizing neural networks, arXiv:1706.02515",
  }),
  activation({
    id: "celu",
    title: "CELU",
    parameters: { alpha: { default: 1, range: SCALE } },
    formula: (x, { alpha }) => select(gt(x, 0), x, mul(alpha, sub(exp(div(x, alpha)), 1))),
    kinks: () => [0],
    samples: [{ alpha: 1.3 }, { alpha: 0.5 }],
    names: ["nn.CELU", "F.celu", "activations.celu", "jax.nn.celu", "Celu"],
    reference: "Barron 2017, Continuously differentiable exponential linear units, arXiv:1704.07483",
  }),
  activation({
    id: "exponential",
    title: "Exponential",
    formula: (x) => exp(x),
    names: ["torch.exp", "activations.exponential", "Exp"],
    reference: "https://keras.io/api/layers/activations/#exponential-function",
  }),
  activation({
    id: "sigmoid",
    title: "Sigmoid",
    formula: (x) => div(1, add(1, exp(neg(x)))),
    names: ["nn.Sigmoid", "F.sigmoid", "torch.sigmoid", "activations.sigmoid", "jax.nn.sigmoid", "Sigmoid"],
    reference: "Verhulst 1838, Notice sur la loi que la population suit dans son accroissement",
  }),
  activation({
    id: "tanh",
    title: "Tanh",
    formula: (x) => tanh(x),
    names: ["nn.Tanh", "F.tanh", "torch.tanh", "activations.tanh", "jax.nn.tanh", "Tanh"],
    reference: "LeCun et al. 1998, Efficient backprop",
  }),
  activation({
    ...SOFTPLUS,
    parameters: {
      beta: { default: 1, range: SCALE },
      // Below 20 the cut to the identity is a visible jump, at 20 and above a float32 does not show it.
      threshold: { default: Infinity, range: [20, Infinity] },
    },
    formula: (x, { beta, threshold }) => select(gt(mul(beta, x), threshold), x, softplusOf(x, beta)),
    kinks: ({ beta, threshold }) => [div(threshold, beta)],
    samples: [
      { beta: 2.5, threshold: 20 },
      { beta: 0.3, threshold: Infinity },
    ],
    names: ["nn.Softplus", "F.softplus", "activations.softplus", "jax.nn.softplus", "Softplus"],
    inLayers: activation({
      ...SOFTPLUS,
      parameters: { beta: { default: 1, range: SCALE } },
      formula: (x, { beta }) => softplusOf(x, beta),
      samples: [{ beta: 2.5 }, { beta: 0.3 }],
    }),
  }),
  activation({
    id: "logsigmoid",
    title: "LogSigmoid",
    formula: (x) => sub(min(x, 0), log1p(exp(neg(abs(x))))),
    names: ["nn.LogSigmoid", "F.logsigmoid", "activations.log_sigmoid", "jax.nn.log_sigmoid"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html",
  }),
  activation({
    id: "gelu_erf",
    title: "GELU",
    formula: (x) => mul(mul(x, 0.5), add(1, erf(div(x, sqrt(2))))),
    names: ["gelu", "nn.GELU", "F.gelu", "activations.gelu", "Gelu", "gelu_python"],
    reference: "Hendrycks and Gimpel 2016, arXiv:1606.08415",
  }),
  activation({
    id: "gelu_tanh",
    title: "GELU, tanh approximation",
    formula: (x) =>
      mul(mul(0.5, x), add(1, tanh(mul(sqrt(div(2, b.pi)), add(x, mul(decimal("0.044715"), b.naturalPower(x, 3))))))),
    names: [
      "jax.nn.gelu",
      "ops.gelu",
      "gelu_new",
      "gelu_fast",
      "gelu_pytorch_tanh",
      "gelu_python_tanh",
      "gelu_accurate",
    ],
    reference: "Hendrycks and Gimpel 2016, arXiv:1606.08415",
  }),
  activation({
    id: "silu",
    title: "SiLU (Swish)",
    parameters: { beta: { default: 1, range: SCALE } },
    formula: (x, { beta }) => div(x, add(1, exp(neg(mul(beta, x))))),
    samples: [{ beta: 1.702 }, { beta: 0.1 }],
    names: [
      "swish",
      "nn.SiLU",
      "F.silu",
      "activations.silu",
      "activations.swish",
      "jax.nn.silu",
      "jax.nn.swish",
      "Swish",
    ],
    reference: "Elfwing, Uchibe and Doya 2017, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941",
  }),
  activation({
    id: "mish",
    title: "Mish",
    formula: (x) => mul(x, tanh(logOnePlusExp(x))),
    names: ["nn.Mish", "F.mish", "activations.mish", "jax.nn.mish", "Mish"],
    reference: "Misra 2019, arXiv:1908.08681",
  }),
  activation({
    id: "tanhshrink",
    title: "Tanhshrink",
    formula: (x) => sub(x, tanh(x)),
    names: ["nn.Tanhshrink", "F.tanhshrink", "activations.tanh_shrink"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html",
  }),
  activation({
    id: "squareplus",
    title: "Squareplus",
    parameters: { b: { default: 4, range: [2 ** -200, 2 ** 200] } },
    formula: (x, { b }) => div(add(x, sqrt(add(mul(x, x), b))), 2),
    samples: [{ b: 1 }, { b: 0.3 }],
    names: ["activations.squareplus", "jax.nn.squareplus"],
    reference: "Barron 2021, Squareplus: a softplus-like algebraic rectifier, arXiv:2112.11687",
  }),
  activation({
    id: "quick_gelu",
    title: "QuickGELU",
    parameters: { alpha: { default: 1.702, range: SCALE } },
    formula: (x, { alpha }) => mul(x, b.sigmoid(mul(alpha, x))),
    samples: [{ alpha: 1 }, { alpha: 3 }],
    names: ["QuickGelu"],
    reference: "https://github.com/openai/CLIP/blob/main/clip/model.py",
  }),
  activation({
    id: "snake",
    title: "Snake",
    parameters: { alpha: { default: 1 }, beta: { default: 1, range: SCALE } },
    formula: (x, { alpha, beta }) => add(x, div(b.naturalPower(b.sin(mul(alpha, x)), 2), beta)),
    samples: [
      { alpha: 0.37, beta: 1.7 },
      { alpha: 3, beta: 2 },
    ],
    names: ["snake_beta"],
    reference: "Ziyin, Hartwig and Ueda 2020, arXiv:2006.08195",
  }),
];
