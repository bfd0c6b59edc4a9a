/**
 * The same function as operators of `torch.library`: `torch.compile` calls them as they are, so there is no graph break and
 * its results are the same bits as without it.
 */
import { signature, type PythonParameter } from "../../codegen/python/parameters.js";
import { indented } from "../../codegen/python/text.js";
import type { ModuleParts } from "./explicit.js";
import { fromInputs, learnableParts } from "./functions.js";

export const customOperators = (parts: ModuleParts): string[] => [
  NAMESPACE,
  ...(parts.learnable.length > 0 ? learnableOperator(parts) : fixedOperators(parts)),
];

/** Operators are known by name in the whole process: two modules may have activations of one name. */
const NAMESPACE = `_NAMESPACE = "nonlin_" + "".join(c if c.isalnum() else "_" for c in __name__)`;

/** Operators have no default values: what calls them passes everything. */
const typed = (of: string, parameters: readonly PythonParameter[]): string =>
  signature(of, parameters, "Tensor").replaceAll(/ = [^,]*/g, "");

function fixedOperators(parts: ModuleParts): string[] {
  const { plan, names, kept, numbers, slope, curvature } = parts;
  const { id } = plan.definition;
  const given = (of: string): string => typed(of, names.parameters);
  const rest = numbers.map((name) => `, ${name}`).join("");
  const held = numbers.map((name) => `, ctx.${name}`).join("");
  const nothing = numbers.map(() => ", None").join("");
  const context = (function_: string, of: string, keepsInput: boolean): string =>
    [
      `def ${function_}(ctx, inputs, output) -> None:`,
      ...fromInputs(of, keepsInput, numbers).map((line) => indented(line)),
      `    ctx.save_for_backward(${keepsInput ? of : "output"})`,
    ].join("\n");
  return [
    `@torch.library.custom_op(f"{_NAMESPACE}::${id}", mutates_args=())
def _operator(${given("x")}) -> Tensor:
    return value(_wide(x)${rest}).to(x.dtype)`,
    `@torch.library.custom_op(f"{_NAMESPACE}::${id}_derivative", mutates_args=())
def _derivative_operator(${given(kept)}) -> Tensor:
    return ${slope}(_wide(${kept})${rest})`,
    `@_operator.register_fake
def _operator_shape(x${rest}):
    return torch.empty_like(x)`,
    `@_derivative_operator.register_fake
def _derivative_operator_shape(${kept}${rest}):
    return torch.empty_like(_wide(${kept}))`,
    context("_keep", "x", kept === "x"),
    context("_keep_for_derivative", kept, true),
    `def _operator_backward(ctx, gradient):
    (${kept},) = ctx.saved_tensors
    factor = _derivative_operator(${kept}${held})
    return (gradient * factor).to(${kept}.dtype)${nothing}`,
    `def _derivative_operator_backward(ctx, gradient):
    (${kept},) = ctx.saved_tensors
    return (gradient * ${curvature}(_wide(${kept})${held})).to(${kept}.dtype)${nothing}`,
    `_operator.register_autograd(_operator_backward, setup_context=_keep)
_derivative_operator.register_autograd(
    _derivative_operator_backward, setup_context=_keep_for_derivative
)`,
  ];
}

function learnableOperator(parts: ModuleParts): string[] {
  const { plan, names } = parts;
  const { tensors, result, remember, backward } = learnableParts(parts);
  const method = (head: string, lines: readonly string[]): string =>
    [head, ...lines.map((line) => indented(line))].join("\n");
  return [
    `@torch.library.custom_op(f"{_NAMESPACE}::${plan.definition.id}", mutates_args=())
def _operator(${typed("x", names.parameters)}) -> Tensor:
    return ${result}`,
    `@_operator.register_fake
def _operator_shape(${[tensors, ...parts.numbers].join(", ")}):
    return torch.empty_like(x)`,
    method("def _keep(ctx, inputs, output) -> None:", remember),
    method("def _operator_backward(ctx, gradient):", backward),
    `_operator.register_autograd(_operator_backward, setup_context=_keep)`,
  ];
}
