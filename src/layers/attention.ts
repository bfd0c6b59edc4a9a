/** Scaled dot-product attention. */
import { add, and, div, ge, lt, mul, parameter, select, sqrt, tanh } from "../ir/build.js";
import { dropRate, dropped } from "../activations/stochastic.js";
import { masked, softmaxOf } from "../activations/rowwise.js";
import type { Expr } from "../ir/expr.js";
import { axis, contract, each, input, read, whole } from "../ir/graph/build.js";
import { graph, scalarParameter, type GraphDefinition, type RequirementEntry } from "../ir/graph/definition.js";
import { minus, modulo, position, size, times } from "../ir/graph/integer.js";

const CAUSAL = parameter("causal", [0, 1]);
const SCALE = parameter("scale");
const CAP = parameter("softcap", [2 ** -20, Infinity]);

/** cap · tanh(score / cap), where there is a cap. */
const capped = (score: Expr): Expr => select(lt(CAP, Infinity), mul(CAP, tanh(div(score, CAP))), score);

const batch = axis("batch");
const heads = axis("heads");
const queries = axis("queries");
const keys = axis("keys");
const features = axis("features");
const valueFeatures = axis("valueFeatures");

/** (one - 1) · (one - all) = 0: it is 1 or the product of all the others. */
export const oneOrAll = (one: string, ...all: readonly string[]): RequirementEntry => ({
  left: times(minus(one, 1), minus(one, all.map(size).reduce(times))),
  relation: "==",
  right: 0,
  message: `${one} ({${one}}) must be 1 or ${all.map((name) => `${name} ({${name}})`).join(" · ")}`,
});

export function attention(): GraphDefinition {
  const query = input("query", [batch, heads, queries, features]);
  const key = input("key", [batch, heads, keys, features]);
  const value = input("value", [batch, heads, keys, valueFeatures]);
  const mask = input("mask", [axis("maskBatch"), axis("maskHeads"), queries, keys], {
    differentiable: false,
    absent: 0,
    documentation: "Added to the scores: 0 to attend, -Infinity not to. The first two axes may have size 1.",
  });
  const scale = each((count) => select(lt(SCALE, Infinity), SCALE, div(1, sqrt(count))), whole("features"));
  const scores = each(capped, each(mul, contract(query, key, features), scale));
  const bias = read(
    mask,
    { maskBatch: modulo(position(batch), "maskBatch"), maskHeads: modulo(position(heads), "maskHeads") },
    [batch, heads],
    true,
  );
  const biased = each(add, scores, bias);
  const visible = each(
    (score, from, to) => select(and(ge(CAUSAL, 1), lt(from, to)), -Infinity, score),
    biased,
    whole(position(queries), [queries]),
    whole(position(keys), [keys]),
  );
  const weights = dropped(softmaxOf(visible, keys), [batch, heads, queries, keys]);
  return graph({
    id: "attention",
    title: "Scaled dot-product attention",
    formula: "softmax(softcap(scale · query · keyᵀ) + mask) · value",
    sizes: {
      batch: { documentation: "how many sequences there are" },
      heads: { documentation: "how many heads each has" },
      queries: { documentation: "the length of the sequence that attends" },
      keys: { default: "queries", documentation: "the length of the sequence that is attended to" },
      features: { documentation: "features of a query and of a key" },
      valueFeatures: { default: "features", documentation: "features of a value" },
      maskBatch: { default: 1, least: 1, documentation: "1 for the same mask for all sequences, batch otherwise" },
      maskHeads: { default: 1, least: 1, documentation: "1 for the same mask for all heads, heads otherwise" },
    },
    // An infinite scale, which has no other use, stands for the usual one, and an infinite cap for none.
    parameters: [
      scalarParameter(CAUSAL, 0),
      scalarParameter(SCALE, Infinity),
      scalarParameter(CAP, Infinity),
      dropRate(0),
      masked,
    ],
    requirements: [oneOrAll("maskBatch", "batch"), oneOrAll("maskHeads", "heads")],
    outputs: { y: { tensor: contract(weights, value, keys), axes: [batch, heads, queries, valueFeatures] } },
    names: ["F.scaled_dot_product_attention", "jax.nn.dot_product_attention"],
    reference:
      "Vaswani et al. 2017, Attention is all you need, arXiv:1706.03762; the scale is 1 / sqrt(features) unless given; " +
      "the soft cap of scores, which are not capped unless it is given, is that of Gemma 2, arXiv:2408.00118",
  });
}
