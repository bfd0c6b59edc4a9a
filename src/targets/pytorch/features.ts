/** The features of PyTorch that emitted code makes use of, by the version that they came with. */
import { isWithin } from "../../frameworks/version.js";

const SINCE = {
  /** `torch.special.erfcx`. */
  erfcx: "1.11",
  /** `torch.where` with a number for a side, in the type of the other. */
  whereTakesNumbers: "2.0",
  /** `setup_context`, `generate_vmap_rule` and `jvp` of `autograd.Function`: what `torch.func` needs. */
  functionTransforms: "2.0",
  /** Elementwise functions of float16 on processors, too. */
  halfOnProcessors: "2.4",
  /** `torch.fx.wrap`, by which symbolic tracing keeps a function as it is; with 2.0 it comes with `import torch`. */
  symbolicTracing: "2.0",
  /** `label_smoothing` of `F.cross_entropy`. */
  labelSmoothing: "1.10",
  /** `F.scaled_dot_product_attention` with a scale. */
  scaledAttention: "2.1",
  /** `nn.RMSNorm`. */
  rmsNorm: "2.4",
  /** `torch.compiler.allow_in_graph` of an `autograd.Function`, which `torch.compile` then traces with its derivatives. */
  tracedFunctions: "2.4",
} as const;

export type Features = { readonly [K in keyof typeof SINCE]: boolean };

export const featuresOf = (version: string): Features =>
  Object.fromEntries(
    Object.entries(SINCE).map(([name, since]) => [name, isWithin({ framework: "torch", version }, { since })]),
  ) as Features;
