/**
 * The `autograd.Function`s of an activation. Backward multiplies by a derivative that is a function of its own, so the
 * product rule is autograd's and the second derivative is the proved one.
 */
import { indented } from "../../codegen/python/text.js";
import { topological, type Expr } from "../../ir/expr.js";
import type { ModuleParts } from "./explicit.js";

/** Computes in float32 at least. */
const WIDE = `def _wide(x: Tensor) -> Tensor:
    """float16 and bfloat16 as float32."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x`;

/** PyTorch binds arguments by the signature of `forward`, anew at each call: our calls have them in order. */
export const FUNCTION = `class _Function(torch.autograd.Function):
    """A function whose calls bind no arguments to names: that takes longer than a small tensor."""

    @classmethod
    def apply(cls, *arguments):
        if torch._C._are_functorch_transforms_active():
            return super().apply(*arguments)
        given = torch._functorch.utils.unwrap_dead_wrappers(arguments)
        return super(torch.autograd.Function, cls).apply(*given)`;

/** The class above those of a module. */
const aboveFunctions = ({ features }: ModuleParts): string =>
  features.tracedFunctions ? "_Function" : "torch.autograd.Function";

/**
 * Each operation of a formula is a pass over memory. The grain is PyTorch's own: what it gives to one thread. Whatever
 * stands for a tensor, while something traces, is left alone.
 */
const IN_BLOCKS = `def _in_blocks(function, x: Tensor, *numbers: float) -> Tensor:
    """function(x, *numbers), block by block: what is between stays in the processor's cache."""
    size = 2**15 * torch.get_num_threads()
    is_plain = type(x) is Tensor and x.device.type == "cpu" and x.is_contiguous()
    if not is_plain or x.numel() < 2 * size or torch.jit.is_tracing():
        return function(x, *numbers)
    parts = [function(block, *numbers) for block in x.view(-1).split(size)]
    return torch.cat(parts).view(x.shape)`;

export function autogradFunctions(parts: ModuleParts): string[] {
  const above = parts.features.tracedFunctions ? [FUNCTION] : [];
  if (parts.learnable.length > 0) return [WIDE, ...above, learnableFunction(parts)];
  const isSplit = formulasOf(parts).some((formula) => isLong(parts, formula));
  return [WIDE, ...(isSplit ? [IN_BLOCKS] : []), ...above, ...fixedFunctions(parts)];
}

/** Fewer operations than this are done before blocks would pay. */
const MANY = 4;

const isLong = ({ features }: ModuleParts, formula: Expr): boolean =>
  features.tracedFunctions &&
  topological([formula]).filter(({ closed, args }) => !closed && args.length > 0).length >= MANY;

/** The formulas of the function, and of the derivative in what is kept. */
const formulasOf = ({ kept, plan: { functions, loops } }: ModuleParts): readonly [value: Expr, slope: Expr] => [
  functions.value,
  kept === "x" ? functions.derivative : loops.backward,
];

/** A call of a formula of a tensor in float32 at least. */
function applied(parts: ModuleParts, name: string, formula: Expr, tensor: string, rest: string): string {
  return isLong(parts, formula) ? `_in_blocks(${name}, _wide(${tensor})${rest})` : `${name}(_wide(${tensor})${rest})`;
}

/** The names of the classes: learnable activations have one, whose derivatives autograd differentiates. */
export const functionNames = ({ className, learnable }: ModuleParts): readonly string[] =>
  learnable.length > 0 ? [`_${className}`] : [`_${className}`, `_${className}Derivative`];

interface FunctionRow {
  readonly name: string;
  readonly documentation: string;
  /** The tensor that it is a function of. */
  readonly of: string;
  readonly forward: string;
  /** Kept for backward: the input `of`, or the output. */
  readonly keeps: string;
  /** The factor of the incoming gradient. */
  readonly factor: string;
  /** Whether the result is in float32 at least, whatever the tensor is. */
  readonly isWide: boolean;
}

/** Names that do not hide the functions that are called. */
const besideFunctions = (name: string): string =>
  ["value", "derivative", "second_derivative"].includes(name) ? `${name}_` : name;

/** Activations with parameters that are numbers: the function, and its derivative. */
function fixedFunctions(given: ModuleParts): string[] {
  const parts = { ...given, numbers: given.numbers.map(besideFunctions) };
  const { kept, numbers, slope, curvature } = parts;
  const [own, derivative] = functionNames(parts) as [string, string];
  const rest = numbers.map((name) => `, ${name}`).join("");
  const held = numbers.map((name) => `, ctx.${name}`).join("");
  const [value, slopeFormula] = formulasOf(parts);
  const rows: FunctionRow[] = [
    {
      name: own,
      documentation: "f; backward multiplies by f'.",
      of: "x",
      forward: `${applied(parts, "value", value, "x", rest)}.to(x.dtype)`,
      keeps: kept,
      factor: `${derivative}.apply(${kept}${held})`,
      isWide: false,
    },
    {
      name: derivative,
      documentation: `f' ${kept === "x" ? "" : "from the output "}in float32 at least; backward multiplies by ${kept === "x" ? "f''" : "its derivative"}.`,
      of: kept,
      forward: applied(parts, slope, slopeFormula, kept, rest),
      keeps: kept,
      factor: `${curvature}(_wide(${kept})${held})`,
      isWide: true,
    },
  ];
  return rows.map((row) => functionClass(row, parts));
}

/** The line of `setup_context` that takes from the inputs the tensor, if it is saved, and the numbers. */
function fromInputs(of: string, isKept: boolean, numbers: readonly string[]): string[] {
  if (numbers.length === 0) return isKept ? [`(${of},) = inputs`] : [];
  return [`${[isKept ? of : "_", ...numbers.map((number) => `ctx.${number}`)].join(", ")} = inputs`];
}

function functionClass(row: FunctionRow, parts: ModuleParts): string {
  const { numbers, features } = parts;
  const { name, documentation, of, forward, keeps, factor, isWide } = row;
  const given = [of, ...numbers].join(", ");
  const keepsInput = keeps === of;
  const backward = [
    "@staticmethod",
    "def backward(ctx, gradient):",
    `    (${keeps},) = ctx.saved_tensors`,
    `    return (gradient * ${factor}).to(${keeps}.dtype)${numbers.map(() => ", None").join("")}`,
  ];
  const withoutTransforms = [
    "@staticmethod",
    `def forward(ctx, ${given}):`,
    ...numbers.map((number) => `    ctx.${number} = ${number}`),
    ...(keepsInput
      ? [`    ctx.save_for_backward(${of})`, `    return ${forward}`]
      : [`    ${keeps} = ${forward}`, `    ctx.save_for_backward(${keeps})`, `    return ${keeps}`]),
    "",
    ...backward,
  ];
  const kept = keepsInput ? of : "output";
  const withTransforms = [
    "generate_vmap_rule = True",
    "",
    "@staticmethod",
    `def forward(${given}):`,
    `    return ${forward}`,
    "",
    "@staticmethod",
    "def setup_context(ctx, inputs, output):",
    ...fromInputs(of, keepsInput, numbers).map((line) => indented(line)),
    `    ctx.save_for_backward(${kept})`,
    `    ctx.save_for_forward(${kept})`,
    "",
    ...backward,
    "",
    "@staticmethod",
    `def jvp(ctx, ${["tangent", ...(numbers.length > 1 ? ["*_"] : numbers.map(() => "_"))].join(", ")}):`,
    `    (${keeps},) = ctx.saved_tensors`,
    isWide ? `    return tangent * ${factor}` : `    return (tangent * ${factor}).to(${keeps}.dtype)`,
  ];
  const body = features.functionTransforms ? withTransforms : withoutTransforms;
  const head = [`class ${name}(${aboveFunctions(parts)}):`, `    """${documentation}"""`, ""];
  return [...head, ...body.map((line) => indented(line))].join("\n");
}

/** The arguments of tensor functions: tensors in float32 at least, numbers as `prefix` has them. */
const wideArguments = ({ learnable, numbers }: ModuleParts, prefix = ""): string =>
  [...["x", ...learnable].map((name) => `_wide(${name})`), ...numbers.map((name) => `${prefix}${name}`)].join(", ");

/** Activations with learnable parameters: autograd differentiates the derivatives further. */
function learnableFunction(parts: ModuleParts): string {
  const { features, learnable, numbers } = parts;
  const tensors = ["x", ...learnable].join(", ");
  const held = wideArguments(parts, "ctx.");
  const result = `value(${wideArguments(parts)}).to(x.dtype)`;
  // A gradient for each tensor, of its shape and type.
  const backward = [
    `${tensors} = ctx.saved_tensors`,
    "gradient = _wide(gradient)",
    "return (",
    `    (gradient * derivative(${held})).to(x.dtype),`,
    ...learnable.map((name) => `    (gradient * _by_${name}(${held})).sum_to_size(${name}.shape).to(${name}.dtype),`),
    ...numbers.map(() => "    None,"),
    ")",
  ];
  const given = [tensors, ...numbers].join(", ");
  const backwardMethod = ["@staticmethod", "def backward(ctx, gradient):", ...backward.map((line) => indented(line))];
  const withoutTransforms = [
    "@staticmethod",
    `def forward(ctx, ${given}):`,
    `    ctx.save_for_backward(${tensors})`,
    ...numbers.map((number) => `    ctx.${number} = ${number}`),
    `    return ${result}`,
    "",
    ...backwardMethod,
  ];
  const tangents = ["tangent", ...learnable.map((name) => `_tangent_${name}`)];
  const slopes = [`derivative(${held})`, ...learnable.map((name) => `_by_${name}(${held})`)];
  const withTransforms = [
    "generate_vmap_rule = True",
    "",
    "@staticmethod",
    `def forward(${given}):`,
    `    return ${result}`,
    "",
    "@staticmethod",
    "def setup_context(ctx, inputs, output):",
    `    ${["x", ...learnable, ...numbers.map((name) => `ctx.${name}`)].join(", ")} = inputs`,
    `    ctx.save_for_backward(${tensors})`,
    `    ctx.save_for_forward(${tensors})`,
    "",
    ...backwardMethod,
    "",
    "@staticmethod",
    `def jvp(ctx, ${[...tangents, ...(numbers.length > 0 ? ["*_"] : [])].join(", ")}):`,
    `    ${tensors} = ctx.saved_tensors`,
    "    total = torch.zeros_like(_wide(x))",
    ...tangents.flatMap((tangent, i) => [
      `    if ${tangent} is not None:`,
      `        total = total + ${tangent} * ${slopes[i]!}`,
    ]),
    "    return total.to(x.dtype)",
  ];
  const body = features.functionTransforms ? withTransforms : withoutTransforms;
  return [
    `class ${functionNames(parts)[0]!}(${aboveFunctions(parts)}):`,
    `    """f; backward multiplies by its derivatives."""`,
    "",
    ...body.map((line) => indented(line)),
  ].join("\n");
}
