/** The one list of layers. */
import type { Unit } from "../activations/gated.js";
import { unitOf } from "../activations/spread.js";
import type { Definition } from "../ir/definition.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import { adaptiveLogSoftmax } from "./adaptive.js";
import { attention } from "./attention.js";
import { conv1d, conv2d } from "./convolution.js";
import { dense, gatedDense, gatedDenseOf } from "./dense.js";
import { crossEntropy } from "./loss.js";
import { multiheadAttention } from "./multihead.js";
import { batchNorm, dynamicErf, dynamicTanh, layerNorm, polyNorm, rmsNorm } from "./normalisation.js";
import { residual } from "./residual.js";

export interface Layer {
  readonly id: string;
  readonly title: string;
  /** Whether an elementwise activation is part of it. */
  readonly takesActivation: boolean;
  /** The id of the activation that it usually has. */
  readonly customary: string;
  /** The layer with an activation in it; the same layer for each where it takes none. */
  readonly define: (activation: Definition) => GraphDefinition;
  /** The layer with a gated unit in it, where it has a value and a gate. */
  readonly defineUnit?: (unit: Unit) => GraphDefinition;
}

/** The activation that is none: with it a layer keeps its own id, and the names that frameworks give it. */
export const IDENTITY = "linear";

/** How many clusters the adaptive softmax has at most. */
const CLUSTERS = 3;

const ENTRIES: readonly Layer[] = [
  { id: "dense", title: "Dense", takesActivation: true, customary: "relu", define: dense },
  {
    id: "gated_dense",
    title: "Gated dense",
    takesActivation: true,
    customary: "silu",
    define: gatedDense,
    defineUnit: gatedDenseOf,
  },
  { id: "conv1d", title: "Convolution along one axis", takesActivation: true, customary: "relu", define: conv1d },
  { id: "conv2d", title: "Convolution along two axes", takesActivation: true, customary: "relu", define: conv2d },
  { id: "layer_norm", title: "Layer normalisation", takesActivation: true, customary: IDENTITY, define: layerNorm },
  { id: "rms_norm", title: "RMS normalisation", takesActivation: true, customary: IDENTITY, define: rmsNorm },
  {
    id: "batch_norm",
    title: "Batch normalisation at inference",
    takesActivation: true,
    customary: IDENTITY,
    define: batchNorm,
  },
  { id: "dyt", title: "Dynamic tanh", takesActivation: true, customary: IDENTITY, define: dynamicTanh },
  { id: "derf", title: "Dynamic erf", takesActivation: true, customary: IDENTITY, define: dynamicErf },
  { id: "poly_norm", title: "PolyNorm", takesActivation: true, customary: IDENTITY, define: polyNorm },
  { id: "residual", title: "Residual addition", takesActivation: true, customary: "relu", define: residual },
  {
    id: "cross_entropy",
    title: "Softmax cross-entropy",
    takesActivation: false,
    customary: IDENTITY,
    define: crossEntropy,
  },
  {
    id: "attention",
    title: "Scaled dot-product attention",
    takesActivation: false,
    customary: IDENTITY,
    define: attention,
  },
  {
    id: "multihead_attention",
    title: "Multi-head attention",
    takesActivation: false,
    customary: IDENTITY,
    define: multiheadAttention,
  },
  {
    id: "adaptive_log_softmax",
    title: "Adaptive log-softmax with loss",
    takesActivation: false,
    customary: IDENTITY,
    define: () => adaptiveLogSoftmax(CLUSTERS),
  },
];

export const layers: readonly Layer[] = ENTRIES.map((entry) => ({
  ...entry,
  define: (activation) => entry.define(activation.inLayers ?? activation),
}));

/** The gated dense layer with a unit that is no entry of the catalogue. */
const OWN_UNIT = "gated_dense_own";

/** The id of a layer with an activation. */
export const combinedId = (layer: Layer, activation: string): string =>
  layer.takesActivation && activation !== IDENTITY ? `${layer.id}_${activation}` : layer.id;

/** The layer with an activation in it. */
export function withActivation(layer: Layer, activation: Definition): GraphDefinition {
  const unit = unitOf(activation);
  const gated = unit && withUnit(layer, unit);
  if (gated !== undefined) return { ...gated, kind: OWN_UNIT };
  const definition = layer.define(activation);
  const { formula, title } = definition;
  if (!layer.takesActivation) return definition;
  if (activation.id === IDENTITY) return { ...definition, formula: withoutActivation(formula) };
  return {
    ...definition,
    id: combinedId(layer, activation.id),
    title: `${title} with ${activation.title}`,
    formula: formula.replace("f(", `${activation.id}(`),
    // Frameworks' names are those of the layer alone.
    names: [],
  };
}

/** The layer with a gated unit in it; undefined where it has no value and gate. */
export function withUnit(layer: Layer, unit: Unit): GraphDefinition | undefined {
  const definition = layer.defineUnit?.(unit);
  if (definition === undefined) return undefined;
  const { formula, title } = definition;
  return {
    ...definition,
    id: combinedId(layer, unit.id),
    title: `${title} with ${unit.title}`,
    formula: `y = ${formula}, value = weight · x + bias, gate = gateWeight · x + gateBias`,
    names: [],
  };
}

/** `y = x + residual` for `y = f(x + residual)`. */
const withoutActivation = (formula: string): string => formula.replace(/^y = f\((.*)\)$/, "y = $1").replace("f(", "(");
