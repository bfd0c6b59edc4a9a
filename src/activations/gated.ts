/** Gated linear units: one half of an axis times an activation of the other half. */
import type { Definition } from "../ir/definition.js";
import { axis, input, slice, timesEach } from "../ir/graph/build.js";
import { apply, graph, type GraphDefinition } from "../ir/graph/definition.js";
import { minus, times } from "../ir/graph/integer.js";
import { piecewise } from "./piecewise.js";
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

interface Entry {
  readonly id: string;
  readonly title: string;
  /** The activation of the gate. */
  readonly activation: string;
  /** Whether callers choose the half that is the gate; it is the second otherwise. */
  readonly chosen: boolean;
  readonly names?: readonly string[];
  readonly reference: string;
}

const GLU_VARIANTS = "Shazeer 2020, GLU variants improve transformer, arXiv:2002.05202";

const ENTRIES: readonly Entry[] = [
  {
    id: "glu",
    title: "GLU",
    activation: "sigmoid",
    chosen: false,
    names: ["nn.GLU", "F.glu", "activations.glu", "jax.nn.glu"],
    reference: "Dauphin et al. 2016, Language modeling with gated convolutional networks, arXiv:1612.08083",
  },
  { id: "swiglu", title: "SwiGLU", activation: "silu", chosen: true, reference: GLU_VARIANTS },
  { id: "geglu", title: "GEGLU", activation: "gelu_erf", chosen: true, reference: GLU_VARIANTS },
  {
    id: "geglu_tanh",
    title: "GEGLU with the tanh form of GELU",
    activation: "gelu_tanh",
    chosen: true,
    reference: GLU_VARIANTS,
  },
  { id: "reglu", title: "ReGLU", activation: "relu", chosen: true, reference: GLU_VARIANTS },
];

const elementwise = new Map([...piecewise, ...smooth].map((definition) => [definition.id, definition]));

function gated({ id, title, activation: name, chosen, names, reference }: Entry): GraphDefinition {
  const activation: Definition = elementwise.get(name)!;
  const halves = axis("halves", times(2, "columns"));
  const x = input("x", [rows, halves, inner], { documentation: "Rows × both halves × inner." });
  const [first, second] = chosen ? [times(minus(1, "gate"), "columns"), times("gate", "columns")] : [0, "columns"];
  const value = slice(x, "halves", columns, first);
  const gating = slice(x, "halves", columns, second);
  const which = chosen ? "the half that `gate` names" : "the second half";
  return graph({
    id,
    title,
    formula: `value · ${name}(gate), where the gate is ${which} of x`,
    sizes: chosen ? { ...SIZES, ...GATE } : SIZES,
    outputs: { y: { tensor: timesEach(value, apply(activation, gating)), axes: [rows, columns, inner] } },
    activations: [activation],
    shaped: SHAPED,
    ...(names === undefined ? {} : { names }),
    reference,
  });
}

export const gatedUnits: readonly GraphDefinition[] = ENTRIES.map(gated);
