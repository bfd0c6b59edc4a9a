/** Own definitions that learn for each channel, or have a second input. */
import type { FormulaDefinition } from "../../src/frontends/definition.js";

/** Formulas whose derivatives by what is learned overflow on the way, among others. */
export const SPREAD: readonly FormulaDefinition[] = [
  { id: "swish_by_channel", formula: "x*sigmoid(beta*x)", parameters: { beta: { default: 1, learnable: "channel" } } },
  {
    id: "telu_by_channel",
    formula: "x*tanh(exp(beta*x))+shift",
    parameters: { beta: { default: 1, learnable: "channel" }, shift: { default: 0, learnable: true } },
  },
  {
    id: "swiglu_typed",
    formula: "x*gate/(1+exp(-gate))",
    parameters: { gate: { default: 1, learnable: "element" } },
  },
  {
    id: "gated_softplus",
    formula: "log(1+exp(x))*tanh(u)-cap*u",
    parameters: { u: { default: 1, learnable: "element" }, cap: { default: 0.5 } },
  },
];
