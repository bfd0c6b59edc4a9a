/** Softmax and cross-entropy in one. */
import { add, div, eq, gt, mul, parameter, select, sub } from "../ir/build.js";
import { axis, each, expand, input, logSumExp, read, sum, whole } from "../ir/graph/build.js";
import { graph, scalarParameter, type GraphDefinition } from "../ir/graph/definition.js";
import { element } from "../ir/graph/integer.js";

const SMOOTHING = parameter("smoothing", [0, 1]);
const IGNORE = parameter("ignore");

const rows = axis("rows");
const classes = axis("classes");

/**
 * (1 - s) · w[target] · (lse - x[target]) + s · mean w · (lse - Σ w·x / Σ w). What is ignored may be no class: outside of them
 * `read` gives 0, and the row's loss is 0. Without smoothing the mean has no part in it, since it is infinite where one class
 * is.
 */
export function crossEntropy(): GraphDefinition {
  const x = input("x", [rows, classes], { documentation: "A logit for each class." });
  const target = input("target", [rows], { type: "int32", documentation: "The class of each row." });
  const weight = input("weight", [classes], {
    absent: 1,
    differentiable: false,
    documentation: "How much the rows of each class count; 1 for all of them when absent.",
  });
  const total = logSumExp(x, classes);
  const chosen = { classes: element(target) };
  const likelihood = each(mul, read(weight, chosen), each(sub, total, read(x, chosen)));
  // Along rows as well, so that it is summed where x is read.
  const weights = expand(weight, x.axes);
  const weighed = sum(weights, classes);
  const mean = each((of, by) => select(eq(by, 0), 0, div(of, by)), sum(each(mul, weights, x), classes), weighed);
  const spread = each(mul, each(div, weighed, whole("classes")), each(sub, total, mean));
  const loss = each(
    (one, all, class_) =>
      select(
        eq(class_, IGNORE),
        0,
        select(gt(SMOOTHING, 0), add(mul(sub(1, SMOOTHING), one), mul(SMOOTHING, all)), one),
      ),
    likelihood,
    spread,
    whole(element(target), [rows]),
  );
  return graph({
    id: "cross_entropy",
    title: "Softmax cross-entropy",
    formula:
      "(1 - smoothing) · weight[target] · (log(sum exp x) - x[target]) + smoothing · mean(weight · (log(sum exp x) - x))",
    sizes: {
      rows: { documentation: "how many rows there are: the batch" },
      classes: { documentation: "how many classes there are" },
    },
    parameters: [scalarParameter(SMOOTHING, 0), scalarParameter(IGNORE, -100)],
    indices: [{ tensor: "target", size: "classes", except: "ignore" }],
    outputs: { loss: { tensor: loss, axes: [rows], documentation: "Of each row, 0 where it is ignored." } },
    names: ["nn.CrossEntropyLoss", "F.cross_entropy"],
    reference: "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html, reduction none",
  });
}
