/**
 * Libraries of models: the functions of Hugging Face's transformers (`ACT2FN`), of vLLM (its registry and gated units) and of
 * ggml (its unary and gated operations), as their sources have them. Versions are not told apart, and nothing is recorded of
 * their gradients.
 */
import { call, passes, says, type Argument, type BuiltIn } from "./row.js";

/** A function under its name in a table of names, and the other names that mean it. */
const entry =
  (table: string) =>
  (id: string, [name, ...others]: readonly [string, ...string[]], more: Partial<BuiltIn> = {}): BuiltIn => ({
    id,
    function: call(`${table}["${name}"]`),
    called: [name, ...others],
    ...more,
  });

const ROUNDED = { notes: ["gelu_fast has 0.7978845608 for the root of 2/pi, which no float32 shows."] };
const SILU = { fixed: { beta: 1 } };
const QUICK = { fixed: { alpha: 1.702 } };

const act = entry("ACT2FN");

export const transformersRows: readonly BuiltIn[] = [
  act("gelu_erf", ["gelu", "gelu_python"]),
  act("gelu_tanh", ["gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate"], ROUNDED),
  act("quick_gelu", ["quick_gelu"], QUICK),
  act("silu", ["silu", "swish"], SILU),
  act("mish", ["mish"]),
  act("relu", ["relu"]),
  act("relu_squared", ["relu2"]),
  act("relu6", ["relu6"]),
  act("leaky_relu", ["leaky_relu"], { fixed: { negative_slope: 0.01 } }),
  act("linear", ["linear"]),
  act("sigmoid", ["sigmoid"]),
  act("tanh", ["tanh"]),
  act("laplace", ["laplace"]),
  act("prelu", ["prelu"]),
  act("xielu", ["xielu"]),
];

const registered = entry("_ACTIVATION_REGISTRY");
const FIRST_HALF = { notes: ["The first half is the gate."] };
const unit = (id: string, name: string, ...given: readonly Argument[]) => ({
  id,
  layer: call(name, ...given),
  ...FIRST_HALF,
});

export const vllmRows: readonly BuiltIn[] = [
  registered("gelu_erf", ["gelu"]),
  registered("gelu_tanh", ["gelu_new", "gelu_fast", "gelu_pytorch_tanh"], ROUNDED),
  registered("quick_gelu", ["quick_gelu"], QUICK),
  registered("silu", ["silu"], SILU),
  registered("relu", ["relu"]),
  registered("relu_squared", ["relu2"]),
  { ...unit("swiglu", "SiluAndMul"), called: ["silu_and_mul"] },
  { ...unit("geglu", "GeluAndMul"), called: ["gelu_and_mul"] },
  { ...unit("geglu_tanh", "GeluAndMul", says("approximate", '"tanh"', "none")), called: ["gelu_tanh_and_mul"] },
  { id: "swiglu_oai", layer: call("SwigluOAIAndMul"), called: ["swigluoai_and_mul"] },
  { ...unit("swiglu_step", "SwigluStepAndMul"), called: ["swiglustep_and_mul"] },
];

const operation = (id: string, name: string, more: Partial<BuiltIn> = {}): BuiltIn => ({
  id,
  function: call(`ggml_${name}`),
  called: [name, `GGML_UNARY_OP_${name.toUpperCase()}`],
  ...more,
});
const gated = (id: string, name: string): BuiltIn => ({
  id,
  function: call(`ggml_${name}`),
  called: [name, `GGML_GLU_OP_${name.toUpperCase()}`],
});

export const ggmlRows: readonly BuiltIn[] = [
  operation("gelu_tanh", "gelu"),
  operation("gelu_erf", "gelu_erf"),
  operation("quick_gelu", "gelu_quick", QUICK),
  operation("silu", "silu", SILU),
  operation("relu", "relu"),
  operation("elu", "elu", { fixed: { alpha: 1 } }),
  operation("sigmoid", "sigmoid"),
  operation("tanh", "tanh"),
  operation("hardswish", "hardswish"),
  operation("hardsigmoid", "hardsigmoid"),
  { id: "leaky_relu", function: call("ggml_leaky_relu", passes("negative_slope", "negative_slope")) },
  gated("reglu", "reglu"),
  gated("geglu_tanh", "geglu"),
  gated("geglu", "geglu_erf"),
  gated("swiglu", "swiglu"),
  gated("swiglu_oai", "swiglu_oai"),
];
