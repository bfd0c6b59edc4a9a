/**
 * The tensor graph: a small DAG over named axes.
 *
 * Axes have names, so that broadcasting, transposing and contracting need no rules: operands of a `map` meet where their
 * axes have the same name, and storage order matters only for inputs and outputs. A contraction is the sum of a product;
 * windows, slices, splits and gathers are `read`s at computed places, and `scatter` is the adjoint of `read`.
 * Nodes are immutable and hash-consed. The meaning of each is in `evaluate.ts`.
 */
import type { Expr } from "../expr.js";
import { integerParts, type Integer } from "./integer.js";
import type { ReductionName } from "./reductions.js";

export interface Axis {
  readonly name: string;
  readonly size: Integer;
}

interface NodeBase {
  readonly id: number;
  readonly axes: readonly Axis[];
  /** Every tensor that this one is computed from, index tensors included. */
  readonly operands: readonly Tensor[];
}

/** A tensor that callers give: data, weights, indices. */
export interface Input extends NodeBase {
  readonly kind: "input";
  readonly name: string;
  readonly type: "float32" | "int32" | "uint8";
  /** `backward` gives its gradient. */
  readonly differentiable: boolean;
  /** The value of its elements when it is not given; undefined for inputs that must be given. */
  readonly absent: number | undefined;
  /** For each axis the distance of neighbours in storage; row-major when undefined. */
  readonly strides: readonly Integer[] | undefined;
  readonly documentation: string;
}

/** An expression for each element: its variables are operands (broadcast) or scalar parameters. */
export interface MapNode extends NodeBase {
  readonly kind: "map";
  readonly value: Expr;
  /** The variable that stands for each operand. */
  readonly places: readonly Expr[];
}

export interface Reduce extends NodeBase {
  readonly kind: "reduce";
  readonly how: ReductionName;
  readonly over: readonly Axis[];
}

/** The first operand at `at[i]` along its i-th axis; 0 where that is outside of it. */
export interface Read extends NodeBase {
  readonly kind: "read";
  readonly at: readonly Integer[];
  /** No place is outside, so that nothing has to be checked. */
  readonly inside: boolean;
}

/** The adjoint of `read`: each element of the first operand is added at `at[i]` along the i-th axis; none outside. */
export interface Scatter extends NodeBase {
  readonly kind: "scatter";
  readonly at: readonly Integer[];
  readonly inside: boolean;
}

/** Uniform in [0, 1), from the seed, the counter, the stream and the element's row-major number. */
export interface Random extends NodeBase {
  readonly kind: "random";
  readonly stream: number;
}

/** An integer as a number. */
export interface Whole extends NodeBase {
  readonly kind: "integer";
  readonly integer: Integer;
}

/** Its operand, held constant by differentiation. */
export interface Stop extends NodeBase {
  readonly kind: "stop";
}

export type Tensor = Input | MapNode | Reduce | Read | Scatter | Random | Whole | Stop;
export type TensorKind = Tensor["kind"];

type Fields<Node> = Node extends Tensor ? Omit<Node, "id"> : never;

const nodes = new Map<string, Tensor>();

/** The node with these fields: the same object whenever they are the same. */
export function intern<Node extends Tensor>(fields: Fields<Node>): Node {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${fieldKey(value)}`);
  const key = parts.join(";");
  let node = nodes.get(key);
  if (node === undefined) {
    node = Object.freeze({ ...fields, id: nodes.size }) as unknown as Tensor;
    nodes.set(key, node);
  }
  return node as Node;
}

/** Axes, integers, tensors and expressions are told apart by what makes each of them unique. */
function fieldKey(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(fieldKey).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if ("text" in value) return String(value.text);
  if ("name" in value && "size" in value) return `${String(value.name)}:${fieldKey(value.size)}`;
  return String((value as { readonly id: number }).id);
}

/** Every tensor that the roots are computed from, operands first. */
export function tensorsBelow(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: Tensor[] = [];
  for (const root of roots) {
    stack.push(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const waiting = seen.has(top) ? [] : top.operands.filter((operand) => !seen.has(operand));
      if (waiting.length > 0) stack.push(...waiting.reverse());
      else {
        stack.pop();
        if (!seen.has(top)) order.push(top);
        seen.add(top);
      }
    }
  }
  return order;
}

/** The inputs of a graph, in the order in which they were made. */
export const inputsOf = (roots: readonly Tensor[]): Input[] =>
  tensorsBelow(roots)
    .filter((tensor): tensor is Input => tensor.kind === "input")
    .sort((a, b) => a.id - b.id);

/** The index tensors that a place mentions. */
export const indexTensors = (places: readonly Integer[]): Tensor[] => [
  ...new Set(places.flatMap((place) => integerParts(place).flatMap(({ tensor }) => tensor ?? []))),
];

export const has = (axes: readonly Axis[], name: string): boolean => axes.some((axis) => axis.name === name);
export const without = (axes: readonly Axis[], others: readonly Axis[]): Axis[] =>
  axes.filter(({ name }) => !has(others, name));
