/** Fully connected layers. */
import { add, mul } from "../ir/build.js";
import type { Unit } from "../activations/gated.js";
import type { Definition } from "../ir/definition.js";
import { axis, contract, each, input } from "../ir/graph/build.js";
import { apply, graph, type GraphDefinition } from "../ir/graph/definition.js";

const rows = axis("rows");
const inputs = axis("inputs");
const outputs = axis("outputs");

const SIZES = {
  rows: { documentation: "how many rows x has: the batch" },
  inputs: { documentation: "features of a row of x" },
  outputs: { documentation: "features of a row of y" },
};

const x = input("x", [rows, inputs], { documentation: "Rows of features." });
const weight = input("weight", [outputs, inputs], { documentation: "As in PyTorch." });
const bias = input("bias", [outputs], { absent: 0, documentation: "Added to each row." });
const gateWeight = input("gateWeight", [outputs, inputs], { documentation: "The weights of the gate, likewise." });
const gateBias = input("gateBias", [outputs], { absent: 0, documentation: "The bias of the gate." });

const preactivation = each(add, contract(x, weight, inputs), bias);

export const dense = (activation: Definition): GraphDefinition =>
  graph({
    id: "dense",
    title: "Dense",
    formula: "y = f(weight · x + bias)",
    sizes: SIZES,
    outputs: { y: { tensor: apply(activation, preactivation), axes: [rows, outputs] } },
    activations: [activation],
    names: ["nn.Linear", "F.linear", "layers.Dense"],
    reference: "",
  });

const gatePreactivation = each(add, contract(x, gateWeight, inputs), gateBias);

type UnitBody = Pick<Unit, "formula" | "of" | "activations" | "parameters" | "reference">;

/** A gated unit of two products. */
const gatedDenseBy = (
  kind: string,
  { formula, of, activations, parameters = [], reference }: UnitBody,
): GraphDefinition =>
  graph({
    id: kind,
    title: "Gated dense",
    formula,
    sizes: SIZES,
    parameters,
    outputs: { y: { tensor: of(preactivation, gatePreactivation), axes: [rows, outputs] } },
    activations,
    internals: { valuePreactivation: preactivation, gatePreactivation },
    reference,
  });

export const gatedDenseOf = (unit: Unit): GraphDefinition => gatedDenseBy(`gated_dense_${unit.id}`, unit);

export const gatedDense = (activation: Definition): GraphDefinition =>
  gatedDenseBy("gated_dense", {
    formula: "y = (weight · x + bias) · f(gateWeight · x + gateBias)",
    of: (value, gate) => each(mul, value, apply(activation, gate)),
    activations: [activation],
    reference: "Shazeer 2020, GLU variants improve transformer, arXiv:2002.05202",
  });
