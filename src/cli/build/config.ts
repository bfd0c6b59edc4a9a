/** The contents of a configuration file. */

export interface ParameterConfig {
  readonly default: number;
  readonly range?: readonly [low: number, high: number];
  /**
   * Trained with the weights, so that backward gives its gradient: true for one number, "channel" for one for each channel,
   * "element" for one for each element, which makes it a second input.
   */
  readonly learnable?: boolean | "channel" | "element";
}

export interface ActivationConfig {
  readonly id: string;
  /** For example "x > 0 ? x : alpha * (exp(x) - 1)". */
  readonly formula: string;
  readonly title?: string;
  readonly parameters?: Readonly<Record<string, ParameterConfig>>;
  /** Parameter values, beside the defaults, at which accuracy is measured. */
  readonly samples?: readonly Readonly<Record<string, number>>[];
  readonly reference?: string;
  /**
   * A surrogate gradient: backward has the derivative of this activation instead, a name of the catalogue or a formula of x.
   * "linear" is the straight-through estimator.
   */
  readonly gradient?: string;
}

export interface LayerConfig {
  /** An id such as "dense", or a framework's name such as "nn.Linear". */
  readonly layer: string;
  /** An id of `activations`, a name of the catalogue, or a formula; absent for layers that take none. */
  readonly activation?: string;
  /** Default: the layer's and the activation's, `dense_relu`. */
  readonly id?: string;
}

export interface Config {
  readonly activations?: readonly ActivationConfig[];
  /** Layers with an activation in them. */
  readonly layers?: readonly LayerConfig[];
  /** Default: every target. */
  readonly targets?: readonly string[];
  /** The output folder, relative to the configuration file; default "generated". */
  readonly out?: string;
  /** Ids: generate these only. */
  readonly only?: readonly string[];
  /** Also generate the built-in catalogue; default true without `activations` and `layers`. */
  readonly catalogue?: boolean;
  /** The tensor of the forward pass that is saved for backward; default "auto". */
  readonly save?: "auto" | "input" | "output";
}

/** The configuration itself; an editor then knows its keys. */
export const defineConfig = (config: Config): Config => config;
