/** Softmax and cross-entropy in one. */
import { add, div, eq, gt, mul, parameter, select, sub } from "../ir/build.js";
import { axis, each, input, logSumExp, read, sum, whole } from "../ir/graph/build.js";
import { graph, scalarParameter, type GraphDefinition } from "../ir/graph/definition.js";
import { element } from "../ir/graph/integer.js";

const SMOOTHING = parameter("smoothing", [0, 1]);
const IGNORE = parameter("ignore");

const rows = axis("rows");
const classes = axis("classes");

/**
 * (1 - s) · (lse - x[target]) + s · (lse - mean x). What is ignored may be no class: outside of them `read` gives 0, and the
 * row's loss is 0. Without smoothing the mean has no part in it, since it is infinite where one class is.
 */
export function crossEntropy(): GraphDefinition {
  const x = input("x", [rows, classes], { documentation: "A logit for each class." });
  const target = input("target", [rows], { type: "int32", documentation: "The class of each row." });
  const total = logSumExp(x, classes);
  const likelihood = each(sub, total, read(x, { classes: element(target) }));
  const spread = each(sub, total, each(div, sum(x, classes), whole("classes")));
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
    formula: "log(sum exp x) - (1 - smoothing) · x[target] - smoothing · mean x",
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
