/**
 * Multi-head attention as in `torch.nn.MultiheadAttention`.
 *
 * Features of all heads are stored head by head, so projections give them heads × features at once. Two positions may be
 * appended to the keys: a learnable one (add_bias_kv) and one of zeros (add_zero_attn). Masks end before them, and what is
 * read behind their end is 0: not masked.
 */
import { add, div, gt, mul, or, select, sqrt } from "../ir/build.js";
import { masked, softmaxOf } from "../activations/rowwise.js";
import { dropRate, dropped } from "../activations/stochastic.js";
import { axis, contract, each, input, read, sum, whole, type InputOptions } from "../ir/graph/build.js";
import { graph, type GraphDefinition } from "../ir/graph/definition.js";
import { constantInteger, floorDiv, minus, modulo, plus, position, times, type Integer } from "../ir/graph/integer.js";
import type { Axis, Tensor } from "../ir/graph/tensor.js";
import { oneOrAll } from "./attention.js";

const batch = axis("batch");
const queries = axis("queries");
const keys = axis("keys");
const heads = axis("heads");
const features = axis("features", floorDiv("embed", "heads"));
const extra = axis("extra");
const allKeys = axis("allKeys", plus(plus("keys", "extra"), "zeroAttention"));
const embed = axis("embed");
const outputs = axis("outputs", "embed");

/** Strides of time × batch × features; stored as batch × time × features with `batchFirst`. */
function layout(time: Axis, of: Axis): Integer[] {
  const chosen = (otherwise: Integer, batchFirst: Integer): Integer =>
    times(of.size, plus(otherwise, times("batchFirst", minus(batchFirst, otherwise))));
  return [chosen(batch.size, ONE), chosen(ONE, time.size), ONE];
}

const ONE = constantInteger(1);

const sequence = (name: string, time: Axis, of: Axis): Tensor =>
  input(name, [time, batch, of], {
    strides: layout(time, of),
    documentation: `${capital(time.name)} × batch × features, or batch × ${time.name} × features with batchFirst.`,
  });

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

const projected = (name: string, tensor: Tensor, of: Axis): Tensor => {
  const weight = input(`${name}Weight`, [heads, features, of], { documentation: `Embed × features of a ${name}.` });
  const bias = input(`${name}Bias`, [heads, features], { absent: 0, documentation: `Added to each ${name}.` });
  return each(add, contract(tensor, weight, of), bias);
};

/** With the learnable position, if there is one, and zeros behind it. */
function extended(tensor: Tensor, name: string): Tensor {
  const appended = input(name, [extra, heads, features], {
    absent: 0,
    documentation: "The position that is appended (add_bias_kv); read if extra is 1.",
  });
  return each(
    add,
    read(tensor, { keys: position(allKeys) }, [allKeys]),
    read(appended, { extra: minus(position(allKeys), "keys") }, [allKeys]),
  );
}

/** A mask for each head of each sequence, or one for all. */
function maskOf(name: string, options: InputOptions): Tensor {
  const given = input(name, [axis("maskHeads"), queries, keys], { ...options, differentiable: false, absent: 0 });
  const head = plus(times(position(batch), "heads"), position(heads));
  return read(given, { maskHeads: modulo(head, "maskHeads"), keys: position(allKeys) }, [batch, heads, allKeys]);
}

const SIZES = {
  queries: { documentation: "the length of the sequence that attends" },
  keys: { default: "queries", documentation: "the length of the sequence that is attended to" },
  batch: { default: 1, documentation: "how many sequences there are" },
  embed: { documentation: "features of a query, of all heads together, and of the output" },
  heads: { default: 1, least: 1, documentation: "how many heads there are" },
  keyFeatures: { default: "embed", documentation: "features of a key (kdim)" },
  valueFeatures: { default: "embed", documentation: "features of a value (vdim)" },
  batchFirst: { default: 0, most: 1, documentation: "1: the batch is the first axis of query, key, value and output" },
  extra: { default: 0, most: 1, documentation: "1: extraKey and extraValue are appended (add_bias_kv)" },
  zeroAttention: { default: 0, most: 1, documentation: "1: a key and a value of zeros are appended (add_zero_attn)" },
  maskHeads: { default: 1, least: 1, documentation: "how many masks there are: 1, or batch · heads" },
};

/** The attention weights: batch × heads × queries × keys. */
function weightsOf(query: Tensor, key: Tensor): Tensor {
  const scaled = each((element, count) => mul(element, div(1, sqrt(count))), query, whole(features.size));
  const added = maskOf("mask", { documentation: "Added to the scores." });
  const blocked = maskOf("blocked", { type: "uint8", documentation: "1: the query does not attend to the key." });
  const padding = read(
    input("padding", [batch, keys], {
      type: "uint8",
      absent: 0,
      documentation: "1: nothing attends to the key (key_padding_mask).",
    }),
    { keys: position(allKeys) },
    [allKeys],
  );
  const scores = each(
    (score, bias, no, neither) => add(add(score, bias), select(or(gt(no, 0), gt(neither, 0)), -Infinity, 0)),
    contract(scaled, key, features),
    added,
    blocked,
    padding,
  );
  return dropped(softmaxOf(scores, allKeys), [batch, heads, queries, allKeys]);
}

export function multiheadAttention(): GraphDefinition {
  const [keyFeatures, valueFeatures] = [axis("keyFeatures"), axis("valueFeatures")];
  const query = projected("query", sequence("query", queries, embed), embed);
  const projectedKey = projected("key", sequence("key", keys, keyFeatures), keyFeatures);
  const projectedValue = projected("value", sequence("value", keys, valueFeatures), valueFeatures);
  const [key, value] = [extended(projectedKey, "extraKey"), extended(projectedValue, "extraValue")];
  const weights = weightsOf(query, key);
  const context = contract(weights, value, allKeys);
  const outputWeight = input("outputWeight", [outputs, heads, features], { documentation: "Embed × embed." });
  const outputBias = input("outputBias", [outputs], { absent: 0, documentation: "Added to the output." });
  const y = each(add, contract(context, outputWeight, heads, features), outputBias);
  const averaged = each(div, sum(weights, heads), whole("heads"));
  return graph({
    id: "multihead_attention",
    title: "Multi-head attention",
    formula: "softmax(query · keyᵀ / sqrt(embed / heads) + mask) · value in each head, of projections, and projected",
    sizes: SIZES,
    parameters: [dropRate(0), masked],
    requirements: [
      {
        left: modulo("embed", "heads"),
        relation: "==",
        right: 0,
        message: "embed ({embed}) must be divisible by heads ({heads})",
      },
      oneOrAll("maskHeads", "batch", "heads"),
    ],
    outputs: {
      y: { tensor: y, axes: [queries, batch, outputs], strides: layout(queries, outputs), documentation: "As query." },
    },
    extras: {
      weights: {
        outputs: { weights: { tensor: weights, axes: [batch, heads, queries, allKeys] } },
        documentation: "The attention weights of each head, after dropout.",
      },
      averagedWeights: {
        outputs: { weights: { tensor: averaged, axes: [batch, queries, allKeys] } },
        documentation: "The attention weights, averaged over the heads, after dropout.",
      },
    },
    internals: { projectedQuery: query, projectedKey, projectedValue, context },
    names: ["nn.MultiheadAttention", "F.multi_head_attention_forward"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html",
  });
}
