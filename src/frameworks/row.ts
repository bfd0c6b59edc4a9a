/** A framework's functions: one row for each that is the same as one of the catalogue. */

/** A value in a call: a parameter of the definition, a literal in Python, or the axis that a row-wise function is along. */
export type Value =
  { readonly parameter: string; readonly form?: Form } | { readonly literal: string } | { readonly axis: number };

/** How a parameter's number has to be wrapped: weights are a tensor to a function, and an initializer to a layer. */
export type Form = "tensor" | "initializer";

export interface Argument {
  /** The keyword under which it is passed. */
  readonly name: string;
  readonly value: Value;
  /**
   * The framework's default, a number or a literal; absent where the argument has to be given, or to be given for the
   * call to be this function.
   */
  readonly default?: number | string;
  /** Infinity is written None. */
  readonly infinityIsNone?: boolean;
  /** The number to pass for Infinity where the framework computes NaN with it: large enough for a float64 to be the same. */
  readonly insteadOfInfinity?: number;
}

/** The keyword under which a call takes a parameter of the definition. */
export const argumentFor = ({ arguments: given }: Call, parameter: string): string | undefined =>
  given.find(({ value }) => "parameter" in value && value.parameter === parameter)?.name;

export interface Call {
  /** `torch.nn.functional.hardtanh`, `keras.layers.LeakyReLU`. */
  readonly path: string;
  /** Of a function those after the input. */
  readonly arguments: readonly Argument[];
  /** A module that is this function only in this mode. */
  readonly mode?: "evaluation";
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
  /** Other names of the function in these versions. */
  readonly names?: readonly string[];
  /** Names that mean it here, whatever has them as an id in the catalogue. */
  readonly called?: readonly string[];
  /** The values of parameters that cannot be passed: `nn.SiLU` is silu with beta = 1. */
  readonly fixed?: Readonly<Record<string, number>>;
  /** Sentences about what it does otherwise than the function, away from kinks. */
  readonly notes?: readonly string[];
  /** An argument of the module that says which function it is: with another value it would be another. */
  readonly chosenBy?: { readonly name: string; readonly literal: string };
  /** The thing that the framework's own transformations cannot do with the function. */
  readonly lacks?: string;
  /** The same function of `x` by others that lack nothing, with the names of parameters that are given. */
  readonly instead?: (name: (parameter: string) => string) => string;
  /** An operation (gradient, x) that multiplies by its slope, where that is made of constants: with their digits of float32 only. */
  readonly slope?: string;
}

/** A function that has the name of a function of the catalogue, but is another. */
export interface Misnamed {
  readonly id: string;
  readonly path: string;
  readonly since?: string;
  readonly until?: string;
  readonly why: string;
}

/** An argument that is a parameter of the definition. */
export const passes = (
  name: string,
  parameter: string,
  standard?: number,
  more: { readonly form?: Form; readonly infinityIsNone?: boolean; readonly insteadOfInfinity?: number } = {},
): Argument => {
  const { form, ...rest } = more;
  return {
    name,
    value: form === undefined ? { parameter } : { parameter, form },
    ...(standard !== undefined && { default: standard }),
    ...rest,
  };
};

/** An argument that is always the same. */
export const says = (name: string, literal: string, standard?: number | string): Argument => ({
  name,
  value: { literal },
  ...(standard !== undefined && { default: standard }),
});

/** The axis of a row-wise function. */
export const along = (name: string, axis: number, standard?: number): Argument => ({
  name,
  value: { axis },
  ...(standard !== undefined && { default: standard }),
});

export const call = (path: string, ...given: readonly Argument[]): Call => ({ path, arguments: given });
