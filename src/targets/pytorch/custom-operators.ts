/**
 * The same function as operators of `torch.library`: `torch.compile` calls them as they are, so there is no graph break and
 * its results are the same bits as without it.
 */
import { signature, type PythonParameter } from "../../codegen/python/parameters.js";
import { indented } from "../../codegen/python/text.js";
import type { ModuleParts } from "./explicit.js";
import { fromInputs } from "./functions.js";

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
  const { plan, names, numbers, learnable } = parts;
  const { id } = plan.definition;
  const named = names.parameters.map(({ name }) => name);
  const of = (prefix: string): string =>
    ["_wide(x)", ...named.map((name) => (learnable.includes(name) ? `_wide(${name})` : `${prefix}${name}`))].join(", ");
  const tensors = ["x", ...learnable].join(", ");
  const all = ["x", ...learnable, ...numbers].join(", ");
  return [
    `@torch.library.custom_op(f"{_NAMESPACE}::${id}", mutates_args=())
def _operator(${typed("x", names.parameters)}) -> Tensor:
    return value(${of("")}).to(x.dtype)`,
    `@_operator.register_fake
def _operator_shape(${all}):
    return torch.empty_like(x)`,
    `def _keep(ctx, inputs, output) -> None:
    ${["x", ...learnable, ...numbers.map((name) => `ctx.${name}`)].join(", ")} = inputs
    ctx.save_for_backward(${tensors})`,
    `def _operator_backward(ctx, gradient):
    ${tensors} = ctx.saved_tensors
    gradient = _wide(gradient)
    return (
        (gradient * derivative(${of("ctx.")})).to(x.dtype),
${learnable
  .map((name) => `        (gradient * _by_${name}(${of("ctx.")})).sum_to_size(${name}.shape).to(${name}.dtype),\n`)
  .join("")}${numbers.map(() => "        None,\n").join("")}    )`,
    `_operator.register_autograd(_operator_backward, setup_context=_keep)`,
  ];
}
