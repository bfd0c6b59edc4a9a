/** Smooth activations that came into use since 2022: in language models, their routers, and vision networks. */
import {
  add,
  decimal,
  div,
  erf,
  exp,
  gt,
  log,
  max,
  min,
  mul,
  naturalPower,
  neg,
  select,
  sigmoid,
  sqrt,
  sub,
  tanh,
} from "../ir/build.js";
import { activation, type Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";

/** Scales: so far from 1 they have no use, and within them no product on the way overflows or vanishes. */
const SCALE: readonly [number, number] = [2 ** -20, 2 ** 20];

const GEMMA = "Gemma Team 2024, Gemma 2, arXiv:2408.00118";

const softplus = (u: Expr): Expr => log(add(1, exp(u)));

/** The number whose softplus is the given one. */
const softplusInverse = (value: number): number => Math.log(Math.expm1(value));

const softcap = (x: Expr, cap: Expr): Expr => mul(cap, tanh(div(x, cap)));

/** A soft cap with another name, and another one of its parameter: units have several. */
export const softcapCalled = (id: string, name: string, cap: number): Definition =>
  activation({
    id,
    title: "Soft cap",
    parameters: { [name]: { default: cap, range: SCALE } },
    formula: (x, parameters) => softcap(x, parameters[name]!),
    samples: [{ [name]: 50 }, { [name]: 0.7 }],
    reference: GEMMA,
  });

export const recent: readonly Definition[] = [
  activation({
    id: "softcap",
    title: "Soft cap of logits",
    parameters: { cap: { default: 30, range: SCALE } },
    formula: (x, { cap }) => softcap(x, cap),
    samples: [{ cap: 50 }, { cap: 0.7 }],
    names: ["logit_softcapping", "final_logit_softcapping", "attn_logit_softcapping"],
    reference: GEMMA,
  }),
  activation({
    id: "sqrtsoftplus",
    title: "Square root of softplus",
    formula: (x) => sqrt(softplus(x)),
    names: ["sqrt_softplus"],
    reference: "https://github.com/NVIDIA/TransformerEngine/pull/2633",
  }),
  activation({
    id: "xielu",
    title: "xIELU",
    parameters: {
      alpha_p: { default: softplusInverse(0.8), learnable: true },
      alpha_n: { default: softplusInverse(0.3), learnable: true },
      beta: { default: 0.5, range: SCALE },
      eps: { default: -1e-6, range: [-1, -(2 ** -100)] },
    },
    formula: (x, { alpha_p, alpha_n, beta, eps }) =>
      add(
        select(
          gt(x, 0),
          mul(softplus(alpha_p), naturalPower(x, 2)),
          mul(add(beta, softplus(alpha_n)), sub(sub(exp(min(x, eps)), 1), x)),
        ),
        mul(beta, x),
      ),
    kinks: ({ eps }) => [eps, 0],
    samples: [
      { alpha_p: 2, alpha_n: -3, beta: 0.5, eps: -1e-6 },
      { alpha_p: -1, alpha_n: 1, beta: 0.2, eps: -(2 ** -100) },
    ],
    names: ["XIELUActivation"],
    reference: "Huang and Schlag 2024, Deriving activation functions using integration, arXiv:2411.13010",
  }),
  activation({
    id: "golu",
    title: "GoLU",
    formula: (x) => mul(x, exp(neg(exp(neg(x))))),
    reference: "Das, Hutter and Zela 2025, Gompertz linear units, arXiv:2502.03654",
  }),
  activation({
    id: "telu",
    title: "TeLU",
    formula: (x) => mul(x, tanh(exp(x))),
    names: ["tanh_exp", "TanhExp"],
    reference: "Fernandez and Mali 2024, TeLU, arXiv:2412.20269; as TanhExp Liu and Di 2020, arXiv:2003.09855",
  }),
  activation({
    id: "bsilu",
    title: "BSiLU",
    parameters: { alpha: { default: 1.67, range: SCALE } },
    formula: (x, { alpha }) => sub(mul(add(x, alpha), sigmoid(x)), div(alpha, 2)),
    samples: [{ alpha: 1 }, { alpha: 4 }],
    reference: "Horuz et al. 2025, The resurrection of the ReLU, arXiv:2505.22074",
  }),
  activation({
    id: "laplace",
    title: "Laplace",
    // Mean and deviation to the digits of transformers; the paper has √(1/2) and √(1/(4π)).
    formula: (x) => mul(0.5, add(1, erf(div(sub(x, decimal("0.707107")), mul(decimal("0.282095"), sqrt(2)))))),
    names: ["LaplaceActivation"],
    reference: "Ma et al. 2022, Mega: moving average equipped gated attention, arXiv:2209.10655",
  }),
  activation({
    id: "poly_relu",
    title: "PolyReLU",
    parameters: {
      a0: { default: 0, learnable: true },
      a1: { default: 1 / 3, learnable: true },
      a2: { default: 1 / 3, learnable: true },
      a3: { default: 1 / 3, learnable: true },
    },
    formula: (x, { a0, a1, a2, a3 }) => {
      const u = max(x, 0);
      return add(a0, mul(u, add(a1, mul(u, add(a2, mul(u, a3))))));
    },
    kinks: () => [0],
    samples: [
      { a0: 0, a1: 1, a2: 0.5, a3: 0.25 },
      { a0: 0.1, a1: 0.5, a2: 1, a3: 0 },
    ],
    names: ["PolyReLU"],
    reference: "Zhuo et al. 2024, Polynomial composition activations, arXiv:2411.03884",
  }),
];
