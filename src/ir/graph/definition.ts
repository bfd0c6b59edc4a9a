/**
 * A row-wise activation or a layer as the compiler sees it: a graph, its sizes and scalars, and the names by which the
 * world knows it.
 */
import { x } from "../build.js";
import type { Definition, Parameter } from "../definition.js";
import type { Expr } from "../expr.js";
import { input, map } from "./build.js";
import { integer, type Integer, type IntegerLike } from "./integer.js";
import { has, inputsOf, type Axis, type Input, type Tensor } from "./tensor.js";

/** A whole number that callers give: the length of an axis, a stride, or a flag between 0 and 1. */
export interface SizeParameter {
  readonly name: string;
  /** The size when none is given, in terms of the sizes before it; undefined when it must be given. */
  readonly default: Integer | undefined;
  readonly least: number;
  readonly most: number;
  readonly documentation: string;
}

/** A condition that sizes must fulfil. `message` names sizes in braces, `{heads}`, to be replaced by their values. */
export interface Requirement {
  readonly left: Integer;
  readonly relation: "==" | "<=";
  readonly right: Integer;
  readonly message: string;
}

/** A tensor that is written. */
export interface Output {
  readonly name: string;
  readonly tensor: Tensor;
  /** In the order of storage, outermost first. */
  readonly axes: readonly Axis[];
  /** For each axis the distance of neighbours in storage; row-major when undefined. */
  readonly strides: readonly Integer[] | undefined;
  readonly type: "float32" | "int32";
  readonly documentation: string;
}

/** A function of its own that is computed from the same inputs, and has no gradient. */
export interface Extra {
  readonly name: string;
  readonly outputs: readonly Output[];
  readonly documentation: string;
}

export interface GraphDefinition {
  readonly id: string;
  /** The id as it was defined, whatever activation is in the graph. */
  readonly kind: string;
  readonly title: string;
  /** The formula as text. */
  readonly formula: string;
  readonly names: readonly string[];
  readonly reference: string;
  readonly sizes: readonly SizeParameter[];
  readonly parameters: readonly Parameter[];
  readonly requirements: readonly Requirement[];
  /** The tensors that `forward` writes and `backward` differentiates. */
  readonly outputs: readonly Output[];
  readonly extras: readonly Extra[];
  /** The elementwise activations in it: what stable forms are searched for. */
  readonly activations: readonly Definition[];
  /** Names for tensors on the way, for those that backward keeps. */
  readonly internals: Readonly<Record<string, Tensor>>;
  /** Index tensors whose values have to be places along an axis. */
  readonly indices: readonly IndexRange[];
  /** Sizes, axes and layouts from a shape and an axis instead of `rows`, `columns` and `inner`. */
  readonly shaped: Shaped | undefined;
}

/** The values of an index tensor are from 0 to below a size, but for one that a scalar parameter says. */
export interface IndexRange {
  readonly tensor: string;
  readonly size: Integer;
  readonly except: string | undefined;
}

/** How a tensor of any shape is seen as rows × an axis × inner. */
export interface Shaped {
  /** The sizes that stand for what is before the axis, the axis, and what is after it. */
  readonly rows: string;
  readonly along: string;
  readonly inner: string;
  /** The axis when none is given. */
  readonly axis: number;
  /** The ranks that are accepted. */
  readonly ranks: readonly [least: number, most: number];
  /** The axis has `parts` equal parts of size `along` (2 for gated units). */
  readonly parts: number;
}

export interface SizeEntry {
  readonly default?: IntegerLike;
  readonly least?: number;
  readonly most?: number;
  readonly documentation?: string;
}

export interface OutputEntry {
  readonly tensor: Tensor;
  /** In the order of storage: that of a tensor's own axes only says how it was made. */
  readonly axes: readonly Axis[];
  readonly strides?: readonly IntegerLike[];
  readonly type?: Output["type"];
  readonly documentation?: string;
}

export interface GraphEntry {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly sizes: Readonly<Record<string, SizeEntry>>;
  readonly parameters?: readonly Parameter[];
  readonly requirements?: readonly RequirementEntry[];
  readonly outputs: Readonly<Record<string, OutputEntry>>;
  readonly extras?: Readonly<Record<string, { outputs: Readonly<Record<string, OutputEntry>>; documentation: string }>>;
  readonly activations?: readonly Definition[];
  readonly internals?: Readonly<Record<string, Tensor>>;
  readonly indices?: readonly { readonly tensor: string; readonly size: IntegerLike; readonly except?: string }[];
  readonly shaped?: Shaped;
  readonly names?: readonly string[];
  readonly reference: string;
}

export interface RequirementEntry {
  readonly left: IntegerLike;
  readonly relation: Requirement["relation"];
  readonly right: IntegerLike;
  readonly message: string;
}

/** Makes a definition from an entry. */
export function graph(entry: GraphEntry): GraphDefinition {
  const activations = entry.activations ?? [];
  const scalars = activations.flatMap(({ parameters }) => parameters.filter(({ learnable }) => !learnable));
  return {
    id: entry.id,
    kind: entry.id,
    title: entry.title,
    formula: entry.formula,
    names: entry.names ?? [],
    reference: entry.reference,
    sizes: Object.entries(entry.sizes).map(([name, size]) => ({
      name,
      default: size.default === undefined ? undefined : integer(size.default),
      least: size.least ?? 0,
      most: size.most ?? Infinity,
      documentation: size.documentation ?? "",
    })),
    parameters: [...(entry.parameters ?? []), ...scalars],
    requirements: (entry.requirements ?? []).map(({ left, relation, right, message }) => ({
      left: integer(left),
      relation,
      right: integer(right),
      message,
    })),
    outputs: outputsOf(entry.outputs),
    extras: Object.entries(entry.extras ?? {}).map(([name, extra]) => ({
      name,
      outputs: outputsOf(extra.outputs),
      documentation: extra.documentation,
    })),
    activations,
    internals: entry.internals ?? {},
    indices: (entry.indices ?? []).map(({ tensor, size, except }) => ({ tensor, size: integer(size), except })),
    shaped: entry.shaped,
  };
}

const outputsOf = (entries: Readonly<Record<string, OutputEntry>>): Output[] =>
  Object.entries(entries).map(([name, { tensor, axes, strides, type = "float32", documentation = "" }]) => {
    if (axes.length !== tensor.axes.length || axes.some(({ name }) => !has(tensor.axes, name)))
      throw new RangeError(`the axes of the output "${name}" are not those of its tensor`);
    return { name, tensor, axes, strides: strides?.map(integer), type, documentation };
  });

/** The tensors that callers give, in the order in which they were made. */
export const graphInputs = ({ outputs, extras }: Pick<GraphDefinition, "outputs" | "extras">): readonly Input[] =>
  inputsOf([...outputs, ...extras.flatMap((extra) => extra.outputs)].map(({ tensor }) => tensor));

/** The inputs that `backward` gives gradients of. */
export const differentiableInputs = (definition: GraphDefinition): readonly Input[] =>
  inputsOf(definition.outputs.map(({ tensor }) => tensor)).filter(({ differentiable }) => differentiable);

/** An elementwise activation of each element; its learnable parameters are tensors without axes. */
export function apply(activation: Definition, tensor: Tensor): Tensor {
  const learnable = activation.parameters.filter((parameter) => parameter.learnable);
  const bindings = new Map<Expr, Tensor>([[x, tensor]]);
  for (const { name, symbol, default: initial } of learnable)
    bindings.set(symbol, input(name, [], { documentation: `Learnable; usually begins as ${initial}.` }));
  return map(activation.formula, bindings);
}

/** A scalar that callers may set. */
export const scalarParameter = (symbol: Expr, value: number): Parameter => {
  const { name, range } = symbol.payload as { readonly name: string; readonly range: readonly [number, number] };
  return { name, symbol, default: value, range, learnable: false };
};
