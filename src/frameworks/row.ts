/** What a framework has: one row for each of its functions that is the same as one of the catalogue. */

/** A value in a call: a parameter of the definition, or a literal in Python. */
export type Value = { readonly parameter: string } | { readonly literal: string };

export interface Argument {
  /** The keyword under which it is passed. */
  readonly name: string;
  readonly value: Value;
  /** What the framework takes when it is left out; absent where it has to be given. */
  readonly default?: number;
}

export interface Call {
  /** `torch.nn.functional.hardtanh`, `keras.layers.LeakyReLU`. */
  readonly path: string;
  /** Of a function those after the input. */
  readonly arguments: readonly Argument[];
}

export interface BuiltIn {
  /** The catalogue's id of the function that it computes. */
  readonly id: string;
  /** The first version that has it so, and the last; every version of the framework when absent. */
  readonly since?: string;
  readonly until?: string;
  /** Called on a tensor. */
  readonly function?: Call;
  /** The module or layer. */
  readonly layer?: Call;
  /** The values of parameters that cannot be passed: `nn.SiLU` is silu with beta = 1. */
  readonly fixed?: Readonly<Record<string, number>>;
}
