/** The one list of layers. */
import type { Definition } from "../ir/definition.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import { adaptiveLogSoftmax } from "./adaptive.js";
import { attention } from "./attention.js";
import { conv1d, conv2d } from "./convolution.js";
import { dense, gatedDense } from "./dense.js";
import { crossEntropy } from "./loss.js";
import { multiheadAttention } from "./multihead.js";
import { batchNorm, layerNorm, rmsNorm } from "./normalisation.js";
import { residual } from "./residual.js";

export interface Layer {
  readonly id: string;
  readonly title: string;
  /** Whether an elementwise activation is part of it. */
  readonly takesActivation: boolean;
  /** The layer with an activation in it; the same layer for each where it takes none. */
  readonly define: (activation: Definition) => GraphDefinition;
}

/** How many clusters the adaptive softmax has at most. */
const CLUSTERS = 3;

export const layers: readonly Layer[] = [
  { id: "dense", title: "Dense", takesActivation: true, define: dense },
  { id: "gated_dense", title: "Gated dense", takesActivation: true, define: gatedDense },
  { id: "conv1d", title: "Convolution along one axis", takesActivation: true, define: conv1d },
  { id: "conv2d", title: "Convolution along two axes", takesActivation: true, define: conv2d },
  { id: "layer_norm", title: "Layer normalisation", takesActivation: true, define: layerNorm },
  { id: "rms_norm", title: "RMS normalisation", takesActivation: true, define: rmsNorm },
  { id: "batch_norm", title: "Batch normalisation at inference", takesActivation: true, define: batchNorm },
  { id: "residual", title: "Residual addition", takesActivation: true, define: residual },
  { id: "cross_entropy", title: "Softmax cross-entropy", takesActivation: false, define: crossEntropy },
  { id: "attention", title: "Scaled dot-product attention", takesActivation: false, define: attention },
  { id: "multihead_attention", title: "Multi-head attention", takesActivation: false, define: multiheadAttention },
  {
    id: "adaptive_log_softmax",
    title: "Adaptive log-softmax with loss",
    takesActivation: false,
    define: () => adaptiveLogSoftmax(CLUSTERS),
  },
];
