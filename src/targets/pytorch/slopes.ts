/**
 * `autograd.Function`s over PyTorch's own operations, where its function has a gradient that nothing can be differentiated
 * through: constant pieces, so that the gradient is linear in the incoming one and its slope in the input is 0.
 */
import type { ModuleParts, OwnSlope } from "./explicit.js";
import { FUNCTION } from "./functions.js";

export const slopeNames = ({ className }: ModuleParts): readonly [of: string, slope: string] => [
  `_${className}`,
  `_${className}Slope`,
];

export function slopeFunctions(parts: ModuleParts, { call, slope }: OwnSlope): string[] {
  const [own, derivative] = slopeNames(parts);
  return [
    FUNCTION,
    `class ${own}(_Function):
    """PyTorch's function; its gradient can be differentiated."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return ${call}

    @staticmethod
    def setup_context(ctx, inputs, output):
        (x,) = inputs
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return ${derivative}.apply(gradient, x)

    @staticmethod
    def jvp(ctx, tangent):
        (x,) = ctx.saved_tensors
        return ${derivative}.apply(tangent, x)`,
    `class ${derivative}(_Function):
    """gradient * f'(x), of which f' is constant in pieces."""

    generate_vmap_rule = True

    @staticmethod
    def forward(gradient, x):
        return ${slope}(gradient, x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, x = inputs
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return ${derivative}.apply(gradient, x), torch.zeros_like(x)

    @staticmethod
    def jvp(ctx, tangent, _):
        (x,) = ctx.saved_tensors
        return ${derivative}.apply(tangent, x)`,
  ];
}
