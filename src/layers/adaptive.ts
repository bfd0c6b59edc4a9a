/**
 * Adaptive softmax as in `torch.nn.AdaptiveLogSoftmaxWithLoss`: the head has the frequent classes and one slot for each
 * cluster of rare ones, and a class's probability is that of its cluster's slot times its own within the cluster.
 *
 * The number of clusters is fixed; those at the end may be empty, and then have no slot. All clusters are computed for
 * every row: what a row has no part in is not selected.
 */
import { add, and, div, ge, lt, neg, select, sub } from "../ir/build.js";
import type { Expr } from "../ir/expr.js";
import {
  axis,
  concatenate,
  contract,
  each,
  input,
  logSumExp,
  plusEach,
  read,
  reduce,
  slice,
  sum,
  whole,
} from "../ir/graph/build.js";
import { graph, type GraphDefinition, type RequirementEntry, type SizeEntry } from "../ir/graph/definition.js";
import { element, floorDiv, integer, minus, plus, times, type Integer } from "../ir/graph/integer.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";

const rows = axis("rows");
const inputs = axis("inputs");
const shortlist = axis("shortlist");
const x = input("x", [rows, inputs], { documentation: "Rows of features." });
const target = input("target", [rows], { type: "int32", documentation: "The class of each row." });

interface Cluster {
  /** log softmax within the cluster: rows × its classes. */
  readonly within: Tensor;
  /** The log probability of the cluster itself. */
  readonly slot: Tensor;
  /** The first of its classes. */
  readonly first: Integer;
  readonly size: Integer;
}

/** 1 where there is a cluster of this number, 0 where its size is 0. */
const used = (i: number): Integer => minus(1, floorDiv(1, plus(`size_${i}`, 1)));

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const logSoftmax = (logits: Tensor, over: Axis): Tensor => each(sub, logits, logSumExp(logits, over));

function clusterOf(i: number, head: Tensor): Cluster {
  const width = axis(`width_${i}`);
  const classes = axis(`size_${i}`);
  const projection = input(`projection_${i}`, [width, inputs], {
    documentation: `The first weights of cluster ${i}: width_${i} × inputs.`,
  });
  const tail = input(`tail_${i}`, [classes, width], {
    documentation: `The second weights of cluster ${i}: size_${i} × width_${i}.`,
  });
  return {
    within: logSoftmax(contract(contract(x, projection, inputs), tail, width), classes),
    slot: read(head, { head: plus("shortlist", i) }),
    first: numbers(i).reduce<Integer>((first, before) => plus(first, `size_${before}`), shortlist.size),
    size: classes.size,
  };
}

/** log p(target) of each row. */
function outputOf(head: Tensor, clusters: readonly Cluster[]): Tensor {
  const place = element(target);
  const class_ = whole(place, [rows]);
  const parts = clusters.map(({ within, slot, first, size }) =>
    each(
      (own, cluster, number, from, to) => select(and(ge(number, from), lt(number, to)), add(cluster, own), 0),
      read(within, { [size.name]: minus(place, first) }),
      slot,
      class_,
      whole(first),
      whole(plus(first, size)),
    ),
  );
  return each(
    (frequent, rare, number, end) => select(lt(number, end), frequent, rare),
    read(head, { head: place }),
    parts.reduce(plusEach),
    class_,
    whole(shortlist.size),
  );
}

/** Empty clusters are at the end. */
const inOrder = (i: number): RequirementEntry => ({
  left: used(i),
  relation: "<=",
  right: used(i - 1),
  message: `size_${i - 1} ({size_${i - 1}}) must not be 0 where size_${i} ({size_${i}}) is not: cutoffs grow strictly`,
});

const power = (base: string, exponent: number): Integer =>
  numbers(exponent - 1).reduce<Integer>((product) => times(product, base), integer(base));

const sizesOf = (count: number): Readonly<Record<string, SizeEntry>> => ({
  rows: { documentation: "how many rows there are: the batch" },
  inputs: { documentation: "features of a row" },
  shortlist: { least: 1, documentation: "how many frequent classes the head has: the first cutoff" },
  ...Object.fromEntries(
    numbers(count).map((i) => [
      `size_${i}`,
      i === 0
        ? {
            least: 1,
            documentation: "classes of the first cluster: the next cutoff, or the end, minus the first cutoff",
          }
        : { default: 0, documentation: `classes of cluster ${i}; 0 if there are fewer clusters` },
    ]),
  ),
  divisor: {
    default: 4,
    least: 1,
    documentation: "each cluster is narrower by this factor (div_value); give the widths where it is not whole",
  },
  ...Object.fromEntries(
    numbers(count).map((i) => [
      `width_${i}`,
      {
        default: times(used(i), floorDiv("inputs", power("divisor", i + 1))),
        documentation: `features of cluster ${i}: inputs / divisor^${i + 1}, rounded down; 0 if it is empty`,
      },
    ]),
  ),
});

export function adaptiveLogSoftmax(count: number): GraphDefinition {
  const heads = axis(
    "head",
    numbers(count).reduce<Integer>((sum, i) => plus(sum, used(i)), shortlist.size),
  );
  const headWeight = input("headWeight", [heads, inputs], { documentation: "Shortlist and clusters × inputs." });
  const headBias = input("headBias", [heads], { absent: 0, documentation: "Added in the head (head_bias)." });
  const logits = each(add, contract(x, headWeight, inputs), headBias);
  const head = logSoftmax(logits, heads);
  const clusters = numbers(count).map((i) => clusterOf(i, head));
  const output = outputOf(head, clusters);
  const last = clusters[clusters.length - 1]!;
  const classes = axis("classes", plus(last.first, last.size));
  const logProbabilities = concatenate(
    [
      [slice(head, "head", shortlist), "shortlist"],
      ...clusters.map(({ within, slot, size }) => [plusEach(within, slot), size.name] as const),
    ],
    classes,
  );
  // As PyTorch: the head decides unless it names a cluster.
  const predicted = each(
    (short: Expr, all: Expr, end: Expr) => select(lt(short, end), short, all),
    reduce("argmax", logits, [heads]),
    reduce("argmax", logProbabilities, [classes]),
    whole(shortlist.size),
  );
  return graph({
    id: "adaptive_log_softmax",
    title: "Adaptive log-softmax with loss",
    formula: "log p(target): head[target], or head[cluster] + cluster[target]; each a log_softmax",
    sizes: sizesOf(count),
    requirements: numbers(count).slice(1).map(inOrder),
    indices: [{ tensor: "target", size: classes.size }],
    outputs: {
      output: { tensor: output, axes: [rows], documentation: "The log probability of each row's target." },
      loss: {
        tensor: each((total, length) => neg(div(total, length)), sum(output, rows), whole(rows.size)),
        axes: [],
        documentation: "The mean of -output.",
      },
    },
    extras: {
      logProbabilities: {
        outputs: { logProbabilities: { tensor: logProbabilities, axes: [rows, classes] } },
        documentation: "The log probabilities of all classes (log_prob).",
      },
      predict: {
        outputs: { predict: { tensor: predicted, axes: [rows], type: "int32" } },
        documentation: "The most probable class of each row.",
      },
    },
    names: ["nn.AdaptiveLogSoftmaxWithLoss"],
    reference: "Grave et al. 2016, Efficient softmax approximation for GPUs, arXiv:1609.04309",
  });
}
