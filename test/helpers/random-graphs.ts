/** Random tensor graphs: programs on a stack of tensors, seeded and shrunk by fast-check. */
import fc from "fast-check";
import { add, exp, lt, mul, select, sin, sub, tanh } from "../../src/ir/build.js";
import {
  axis,
  contract,
  each,
  expand,
  input,
  logSumExp,
  read,
  reduce,
  scatter,
  sum,
  timesEach,
} from "../../src/ir/graph/build.js";
import { element, minus, plus, position, times, type Integer } from "../../src/ir/graph/integer.js";
import { has, without, type Axis, type Input, type Tensor } from "../../src/ir/graph/tensor.js";

/** Each step makes one more tensor of those before it. */
export type Step = readonly [operation: number, first: number, second: number, place: number, other: number];

export const steps = (most: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: most });

/** What graphs are made of. */
export interface Material {
  readonly axes: readonly Axis[];
  readonly inputs: readonly Input[];
  /** Of type int32: elements along other axes are gathered at its values. */
  readonly indices: readonly Input[];
  readonly operations: readonly Operation[];
}

type Operation = (tensors: readonly [Tensor, Tensor], step: Step, material: Material) => Tensor | undefined;

const nth = <T>(values: readonly T[], which: number): T | undefined => values[which % Math.max(1, values.length)];

/** A place along one axis from a position along another: shifted, doubled or backward, partly outside. */
const placeOf = (from: Axis, which: number): Integer =>
  [plus(position(from), 1), times(2, position(from)), minus(1, position(from)), plus(position(from), -1)][which % 4]!;

/** Two different axes, so that one can be replaced by the other. */
function replacement(one: Tensor, which: number, place: number, { axes }: Material): readonly [Axis, Axis] | undefined {
  const of = nth(one.axes, which);
  const to = nth(axes, place)!;
  const others = one.axes.filter((axis) => axis !== of);
  return of === undefined || has(others, to.name) ? undefined : [of, to];
}

const reduced =
  (how: "sum" | "max" | "logsumexp"): Operation =>
  ([one], [, , , which]) => {
    const over = nth(one.axes, which);
    return over && reduce(how, one, [over]);
  };

/** Whose derivatives differences can check, and twice. */
export const SMOOTH: readonly Operation[] = [
  ([one, other]) => each((a, b) => tanh(add(mul(a, b), a)), one, other),
  ([one, other]) => each((a, b) => add(sin(a), mul(0.5, b)), one, other),
  reduced("sum"),
  reduced("logsumexp"),
  ([one, other], [, , , which]) => {
    const product = timesEach(one, other);
    const over = nth(product.axes, which);
    return over && sum(product, over);
  },
  ([one], [, , , which, place], material) => {
    const found = replacement(one, which, place, material);
    return found && read(one, { [found[0].name]: placeOf(found[1], place) }, [found[1]]);
  },
  ([one], [, , , which, place], material) => {
    const found = replacement(one, which, place, material);
    if (found === undefined) return undefined;
    const [of, to] = found;
    const at = one.axes.map((axis) => (axis === of ? placeOf(of, place) : position(axis)));
    return scatter(
      one,
      at,
      one.axes.map((axis) => (axis === of ? to : axis)),
    );
  },
  ([one], [, , , which], { axes }) => expand(one, [nth(axes, which)!]),
];

const softmax = (of: Tensor, over: Axis): Tensor => each(exp, each(sub, of, logSumExp(of, over)));

/** Axes in common, if each tensor has others of its own: those of a product of matrices. */
function innerAxes(one: Tensor, other: Tensor): readonly Axis[] {
  const common = one.axes.filter(({ name }) => has(other.axes, name));
  const hasOwn = without(one.axes, other.axes).length > 0 && without(other.axes, one.axes).length > 0;
  return hasOwn ? common : [];
}

/** What plans are made for besides: products of matrices, softmax before them, the largest, gathered elements. */
const PLANNED: readonly Operation[] = [
  ...SMOOTH,
  reduced("max"),
  ([one], [, , , which]) => {
    const [first, second] = [nth(one.axes, which), nth(one.axes, which + 1)];
    return first === undefined || first === second ? undefined : sum(one, first, second!);
  },
  ([one, other]) => {
    const inner = innerAxes(one, other);
    return inner.length === 0 ? undefined : contract(one, other, ...inner);
  },
  ([one, other], [, , , which]) => {
    const over = nth(innerAxes(one, other), which);
    return over && contract(one, other, over);
  },
  ([one], [, , , which]) => {
    const over = nth(one.axes, which);
    return over && softmax(one, over);
  },
  ([one, other], [, , , which]) => {
    const over = nth(innerAxes(one, other), which);
    return over && contract(softmax(one, over), other, over);
  },
  // Attention: what is in the exponential is a product, and some of it is dropped.
  ([one, other], [, , , which, place], { inputs }) => {
    const inner = nth(innerAxes(one, other), which);
    if (inner === undefined) return undefined;
    const scores = contract(one, other, inner);
    const value = nth(inputs, place)!;
    const over = nth(innerAxes(scores, value), which);
    if (over === undefined) return undefined;
    const weights = each((share, score) => select(lt(score, -0.4), 0, mul(share, 1.25)), softmax(scores, over), scores);
    return contract(which % 2 === 0 ? softmax(scores, over) : weights, value, over);
  },
  ([one], [, , , which, place], { indices }) => {
    const [of, index] = [nth(one.axes, which), nth(indices, place)];
    return of === undefined || index === undefined || has(index.axes, of.name)
      ? undefined
      : read(one, { [of.name]: element(index) }, []);
  },
];

/** Every tensor that the steps make, inputs included. */
export function build(steps: readonly Step[], material: Material): readonly Tensor[] {
  const stack: Tensor[] = [...material.inputs];
  for (const step of steps) {
    const [operation, first, second] = step;
    const pair = [
      stack[stack.length - 1 - (first % Math.min(3, stack.length))]!,
      stack[second % stack.length]!,
    ] as const;
    const made = nth(material.operations, operation)!(pair, step, material);
    if (made !== undefined) stack.push(made);
  }
  return stack;
}

const [a, b, c, d] = [axis("a"), axis("b"), axis("c"), axis("d")];

export const DIFFERENTIATED: Material = {
  axes: [a, b, c],
  inputs: [input("u", [a, b]), input("v", [b]), input("w", [c, a])],
  indices: [],
  operations: SMOOTH,
};

/** With an input that may be absent, and one whose layout is not row-major. */
export const MATERIAL: Material = {
  axes: [a, b, c, d],
  inputs: [
    input("u", [a, b]),
    input("k", [d, b]),
    input("values", [d, c]),
    input("w", [c, a]),
    input("v", [b], { absent: 0 }),
    input("batched", [a, c, d]),
    input("transposed", [b, c], { strides: [1, "b"] }),
  ],
  indices: [input("index", [c], { type: "int32" })],
  operations: PLANNED,
};

/** A graph as text, one tensor a line, for failures. */
export function graphText(order: readonly Tensor[], value: (tensor: Tensor) => string): string {
  const lines = order.map((tensor) => {
    const operands = tensor.operands.map(({ id }) => `t${id}`).join(", ");
    return `t${tensor.id}[${tensor.axes.map(({ name }) => name).join()}] = ${tensor.kind}(${operands}) ${value(tensor)}`;
  });
  return lines.join("\n");
}
