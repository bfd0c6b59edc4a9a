/** Gated units: functions of a value and a gate, element by element; alone they are the two halves of an axis. */
import { add, gt, lt, neg, parameter, select } from "../ir/build.js";
import type { Definition, Parameter } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import { axis, each, input, slice, timesEach } from "../ir/graph/build.js";
import { apply, graph, scalarParameter, type GraphDefinition } from "../ir/graph/definition.js";
import { minus, times } from "../ir/graph/integer.js";
import type { Tensor } from "../ir/graph/tensor.js";
import { piecewise } from "./piecewise.js";
import { softcapCalled } from "./recent.js";
import { columns, inner, rows } from "./rowwise.js";
import { smooth } from "./smooth.js";

const SHAPED = { rows: "rows", along: "columns", inner: "inner", axis: -1, ranks: [1, 64], parts: 2 } as const;

const SIZES = {
  rows: { documentation: "how many slices there are before the axis" },
  columns: { documentation: "the length of one half of the axis" },
  inner: { default: 1, documentation: "how many elements there are after the axis; 1 for the last axis" },
};

const GATE = {
  gate: { default: 1, most: 1, documentation: "which half is the gate: 0, the first, or 1, the second" },
};

export interface Unit {
  readonly id: string;
  readonly title: string;
  /** The formula as text, of `value` and `gate`. */
  readonly formula: string;
  readonly of: (value: Tensor, gate: Tensor) => Tensor;
  /** The elementwise activations in it. */
  readonly activations: readonly Definition[];
  /** Scalars of its own. */
  readonly parameters?: readonly Parameter[];
  /** Whether callers choose the half that is the gate; it is the second otherwise. */
  readonly chosen: boolean;
  readonly names?: readonly string[];
  readonly reference: string;
}

const elementwise = new Map([...piecewise, ...smooth].map((definition) => [definition.id, definition]));

const GLU_VARIANTS = "Shazeer 2020, GLU variants improve transformer, arXiv:2002.05202";

/** value · f(gate) */
const product = (
  id: string,
  title: string,
  name: string,
  entry: Partial<Pick<Unit, "chosen" | "names" | "reference">> = {},
): Unit => {
  const activation = elementwise.get(name)!;
  return {
    id,
    title,
    formula: `value · ${name}(gate)`,
    of: (value, gate) => timesEach(value, apply(activation, gate)),
    activations: [activation],
    chosen: true,
    reference: GLU_VARIANTS,
    ...entry,
  };
};

const LIMIT = parameter("limit", [0, Infinity]);
const OFFSET = parameter("offset");
const limit = (initial: number): Parameter => scalarParameter(LIMIT, initial);

/** At the limit itself the gradient passes, as that of torch.clamp does. */
const atMost = (u: Expr): Expr => select(gt(u, LIMIT), LIMIT, u);
const clamped = (u: Expr): Expr => select(lt(u, neg(LIMIT)), neg(LIMIT), atMost(u));

const [silu, quickGelu, sigmoid] = ["silu", "quick_gelu", "sigmoid"].map((id) => elementwise.get(id)!) as [
  Definition,
  Definition,
  Definition,
];
const [gateCap, valueCap] = [
  softcapCalled("gate_softcap", "gate_cap", 4),
  softcapCalled("value_softcap", "value_cap", 25),
];

export const units: readonly Unit[] = [
  product("glu", "GLU", "sigmoid", {
    chosen: false,
    names: ["nn.GLU", "F.glu", "activations.glu", "jax.nn.glu"],
    reference: "Dauphin et al. 2016, Language modeling with gated convolutional networks, arXiv:1612.08083",
  }),
  product("swiglu", "SwiGLU", "silu"),
  product("geglu", "GEGLU", "gelu_erf"),
  product("geglu_tanh", "GEGLU with the tanh form of GELU", "gelu_tanh"),
  product("reglu", "ReGLU", "relu"),
  product("relu2_gated", "Gated squared ReLU", "relu_squared", {
    reference: "Zhang et al. 2024, ReLU² wins, arXiv:2402.03804; So et al. 2021, Primer, arXiv:2109.08668",
  }),
  {
    id: "swiglu_oai",
    title: "Clamped SwiGLU of gpt-oss",
    formula: "(clamp(value, -limit, limit) + offset) · quick_gelu(min(gate, limit))",
    of: (value, gate) =>
      timesEach(
        each((u) => add(clamped(u), OFFSET), value),
        apply(quickGelu, each(atMost, gate)),
      ),
    activations: [quickGelu],
    parameters: [limit(7), scalarParameter(OFFSET, 1)],
    chosen: true,
    names: ["swigluoai", "swigluoai_and_mul", "SWIGLU_OAI", "clamped_swiglu"],
    reference: "OpenAI 2025, gpt-oss model card, arXiv:2508.10925",
  },
  {
    id: "swiglu_clamped",
    title: "Clamped SwiGLU of DeepSeek-V4",
    formula: "clamp(value, -limit, limit) · silu(min(gate, limit))",
    of: (value, gate) => timesEach(each(clamped, value), apply(silu, each(atMost, gate))),
    activations: [silu],
    parameters: [limit(10)],
    chosen: true,
    names: ["silu_and_mul_with_clamp"],
    reference: "https://github.com/kvcache-ai/ktransformers/issues/1994",
  },
  {
    id: "swiglu_step",
    title: "SwiGLU of Step-3.5, clamped after SiLU",
    formula: "clamp(value, -limit, limit) · min(silu(gate), limit)",
    of: (value, gate) => timesEach(each(clamped, value), each(atMost, apply(silu, gate))),
    activations: [silu],
    parameters: [limit(7)],
    chosen: true,
    names: ["swiglustep", "swiglustep_and_mul"],
    reference: "https://github.com/sgl-project/sglang-jax/pull/1358",
  },
  {
    id: "situ",
    title: "SiTU",
    formula: "value_softcap(value) · gate_softcap(gate) · sigmoid(gate)",
    of: (value, gate) => timesEach(apply(valueCap, value), timesEach(apply(gateCap, gate), apply(sigmoid, gate))),
    activations: [gateCap, valueCap, sigmoid],
    chosen: true,
    names: ["situ_and_mul"],
    reference: "https://github.com/sgl-project/DeepGEMM/pull/67",
  },
];

/** The unit on the two halves of an axis. */
function onHalves({
  id,
  title,
  formula,
  of,
  activations,
  parameters = [],
  chosen,
  names,
  reference,
}: Unit): GraphDefinition {
  const halves = axis("halves", times(2, "columns"));
  const x = input("x", [rows, halves, inner], { documentation: "Rows × both halves × inner." });
  const [first, second] = chosen ? [times(minus(1, "gate"), "columns"), times("gate", "columns")] : [0, "columns"];
  const value = slice(x, "halves", columns, first);
  const gating = slice(x, "halves", columns, second);
  const which = chosen ? "the half that `gate` names" : "the second half";
  return graph({
    id,
    title,
    formula: `${formula}, where the gate is ${which} of x`,
    sizes: chosen ? { ...SIZES, ...GATE } : SIZES,
    parameters,
    outputs: { y: { tensor: of(value, gating), axes: [rows, columns, inner] } },
    activations,
    shaped: SHAPED,
    ...(names === undefined ? {} : { names }),
    reference,
  });
}

export const gatedUnits: readonly GraphDefinition[] = units.map(onHalves);
