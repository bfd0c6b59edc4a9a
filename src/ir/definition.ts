/** An activation as the compiler sees it: a formula, its parameters, and the names by which the world knows it. */
import { constant, lift, parameter, x, type Operand } from "./build.js";
import { substitute, type Expr } from "./expr.js";

export interface Parameter {
  readonly name: string;
  readonly symbol: Expr;
  readonly default: number;
  /** The values that emitted code accepts, ends included. */
  readonly range: readonly [low: number, high: number];
  /** The parameter that it must not exceed, as frameworks have it. */
  readonly atMost?: string;
  readonly learnable: Learning;
}

/**
 * Whether a parameter is trained with the weights, so that `backward` gives its gradient: as one number, one for each
 * channel, or one for each element, which makes it a second input.
 */
export type Learning = boolean | "channel" | "element";

export type ParameterValues = Readonly<Record<string, number>>;

export interface Definition {
  readonly id: string;
  readonly title: string;
  readonly formula: Expr;
  readonly parameters: readonly Parameter[];
  /** Parameter values, beside the defaults, at which accuracy is measured. */
  readonly samples: readonly ParameterValues[];
  /** The inputs where a branch begins; expressions of the parameters. */
  readonly kinks: readonly Expr[];
  /** The names that frameworks give it, `nn.SiLU`, `activations.swish`, ...: aliases of the id. */
  readonly names: readonly string[];
  readonly reference: string;
  /** The same function, to a float32, whose derivative can be told from its output: layers then need not keep its input. */
  readonly inLayers?: Definition;
  readonly gradient?: Surrogate;
}

/** A declared surrogate gradient: backward multiplies by the derivative of another function. */
export interface Surrogate {
  /** Its name or its formula, for people. */
  readonly of: string;
  readonly formula: Expr;
}

/** The derivative of a definition, at its defaults, as a surrogate. */
export const surrogateOf = ({ id, formula, parameters }: Definition): Surrogate => ({
  of: id,
  formula: substitute(formula, new Map(parameters.map(({ symbol, default: value }) => [symbol, constant(value)]))),
});

/** The formula whose derivative backward multiplies by. */
export const differentiated = ({ formula, gradient }: Definition): Expr => gradient?.formula ?? formula;

interface ParameterEntry {
  readonly default: number;
  readonly range?: readonly [low: number, high: number];
  readonly atMost?: string;
  readonly learnable?: Learning;
}

export interface ActivationEntry<Name extends string> {
  readonly id: string;
  readonly title: string;
  readonly parameters?: { readonly [K in Name]: ParameterEntry };
  readonly formula: (x: Expr, parameters: { readonly [K in Name]: Expr }) => Expr;
  readonly kinks?: (parameters: { readonly [K in Name]: Expr }) => readonly Operand[];
  readonly samples?: readonly { readonly [K in Name]: number }[];
  readonly names?: readonly string[];
  readonly reference: string;
  readonly inLayers?: Definition;
}

const ANY: readonly [number, number] = [-Infinity, Infinity];

/** Makes a definition from an entry. */
export function activation<Name extends string = never>(entry: ActivationEntry<Name>): Definition {
  const rows = Object.entries<ParameterEntry>(entry.parameters ?? {});
  const parameters = rows.map(([name, row]): Parameter => {
    const range = row.range ?? ANY;
    const { default: standard, learnable = false, atMost } = row;
    const order = atMost !== undefined && { atMost };
    return { name, symbol: parameter(name, range), default: standard, range, learnable, ...order };
  });
  const symbols = Object.fromEntries(parameters.map(({ name, symbol }) => [name, symbol])) as { [K in Name]: Expr };
  return {
    id: entry.id,
    title: entry.title,
    formula: entry.formula(x, symbols),
    parameters,
    samples: entry.samples ?? [],
    kinks: (entry.kinks?.(symbols) ?? []).map(lift),
    names: entry.names ?? [],
    reference: entry.reference,
    ...(entry.inLayers && { inLayers: entry.inLayers }),
  };
}

/** The default values of a definition's parameters. */
export const defaults = (definition: Definition): ParameterValues =>
  Object.fromEntries(definition.parameters.map((parameter) => [parameter.name, parameter.default]));
