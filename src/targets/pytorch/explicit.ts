/**
 * The explicit style: an `nn.Module` over an `autograd.Function` with the proved derivative in its stable form, or over a
 * functions of PyTorch that lose nothing.
 */
import { backwardNames, tensorFunctions } from "../../codegen/python/functions.js";
import {
  argumentNames,
  isInput,
  rangeChecks,
  renamings,
  signature,
  type PythonNames,
} from "../../codegen/python/parameters.js";
import type { Dialect } from "../../codegen/python/tensors.js";
import { documentation, indented } from "../../codegen/python/text.js";
import type { ActivationPlan } from "../../codegen/target.js";
import type { Expr } from "../../ir/expr.js";
import type { BuiltIn } from "../../frameworks/row.js";
import type { Features } from "./features.js";
import { autogradFunctions, functionNames } from "./functions.js";
import { slopeFunctions, slopeNames } from "./slopes.js";
import { kernelClass, kernelParts } from "./kernel.js";
import { moduleClass, notLearned } from "./module.js";

/** The data that the parts of one module share. */
export interface ModuleParts {
  readonly plan: ActivationPlan;
  readonly names: PythonNames;
  /** The class that users see. */
  readonly className: string;
  readonly features: Features;
  readonly dialect: Dialect;
  /** The parameters' names as arguments: those that are numbers, and those that are tensors. */
  readonly numbers: readonly string[];
  readonly learnable: readonly string[];
  /** The tensor that is saved for backward: `x` or `y`. */
  readonly kept: "x" | "y";
  /** The functions of the derivative that backward calls, and of its own derivative. */
  readonly slope: string;
  readonly curvature: string;
  /** A call of PyTorch that is the function, with its gradients. */
  readonly exact: string | undefined;
  /** PyTorch's own function, and the operation of its gradient, where these have no further gradients. */
  readonly ownSlope: OwnSlope | undefined;
  /** PyTorch's own module, where that is the same and has nothing to check. */
  readonly ownModule: string | undefined;
  /** An argument of PyTorch's module that says which function it is. */
  readonly chosenBy: BuiltIn["chosenBy"];
}

export interface OwnSlope {
  readonly call: string;
  readonly slope: string;
}

type Given = Omit<ModuleParts, "numbers" | "learnable" | "kept" | "slope" | "curvature">;

export const explicitParts = (given: Given): ModuleParts => ({
  ...given,
  ...argumentNames(given.names.parameters),
  ...backwardNames(given.plan),
});

/** The text of a module, but for its head; with the plan of loops it has a kernel, too. */
export function explicitModule(parts: ModuleParts, expand: (expr: Expr) => Expr, loops?: ActivationPlan): string {
  return [
    ...tensorFunctions({ ...parts, expand, tensorType: "Tensor" }),
    publicFunction(parts, loops === undefined ? undefined : kernelClass(parts)),
    parts.ownModule === undefined
      ? moduleClass({ ...parts, isFinite: parts.exact === undefined })
      : `${parts.className} = ${parts.ownModule}`,
    ...(parts.names.parameters.some((each) => each.parameter.learnable && !isInput(each)) ? [ALONG_CHANNELS] : []),
    ...(parts.exact === undefined ? autogradFunctions(parts) : []),
    ...(parts.ownSlope === undefined ? [] : slopeFunctions(parts, parts.ownSlope)),
    ...(loops === undefined ? [] : kernelParts(parts, loops)),
    ...registrations(parts),
  ].join("\n\n\n");
}

const ALONG_CHANNELS = `def _along_channels(learned: Tensor, x: Tensor) -> Tensor:
    """One number for all elements, or one for each place along axis 1."""
    if learned.numel() == 1 and learned.dim() < 2:
        return learned.reshape(())
    if x.dim() < 2 or learned.shape != x.shape[1:2]:
        raise ValueError(f"learned numbers of shape {tuple(learned.shape)} do not fit {tuple(x.shape)}")
    return learned.reshape(-1, *[1] * (x.dim() - 2))`;

/** The function that users call: checks, then autograd. */
function publicFunction(parts: ModuleParts, inC: string | undefined): string {
  const { plan, names, kept, numbers, learnable, exact, ownSlope } = parts;
  const { definition } = plan;
  const given = ["x", ...learnable, ...numbers].join(", ");
  const fixed = names.parameters.filter(({ parameter }) => !parameter.learnable);
  const paragraphs = [
    `${definition.title} of every element of a floating-point tensor of any shape.`,
    exact === undefined
      ? `Keeps its ${kept === "x" ? "input" : "output"} for backward. float16 and bfloat16 are computed in float32 and rounded once.`
      : "By PyTorch's own functions, which have these gradients.",
  ];
  return [
    `def ${definition.id}(${signature("x", names.parameters, "Tensor")}) -> Tensor:`,
    documentation([...paragraphs, ...renamings(names.parameters)], 4),
    indented("if not x.is_floating_point():"),
    indented(`    raise TypeError(f"${definition.id} is for floating-point tensors, not {x.dtype}")`),
    ...[...notLearned(fixed), ...rangeChecks(names.parameters, exact === undefined)].map((check) => indented(check)),
    ...names.parameters
      .filter(({ parameter }) => parameter.learnable)
      .map((each) =>
        indented(`${each.name} = ${isInput(each) ? `${each.name}.expand_as(x)` : `_along_channels(${each.name}, x)`}`),
      ),
    ...(inC === undefined ? [] : [indented("if _fits(x):"), indented(`    return ${inC}.apply(${given})`)]),
    ...(ownSlope === undefined || exact === undefined
      ? []
      : [
          indented("# PyTorch's own slope has the digits of float32."),
          indented("if x.dtype == torch.float64:"),
          indented(`    return ${exact}`),
        ]),
    indented(
      exact === undefined || ownSlope !== undefined ? `return _${parts.className}.apply(${given})` : `return ${exact}`,
    ),
  ].join("\n");
}

/** Statements that tell the tracers of PyTorch of the function and of its derivatives. */
function registrations(parts: ModuleParts): string[] {
  const { plan, features, exact, ownSlope } = parts;
  const classes = ownSlope !== undefined ? slopeNames(parts) : exact === undefined ? functionNames(parts) : [];
  const traced =
    classes.length === 0
      ? []
      : [
          "# torch.compile traces through them as autograd does, with all derivatives.",
          ...classes.map((name) => `torch.compiler.allow_in_graph(${name})`),
        ];
  const kept = [
    "# torch.fx.symbolic_trace keeps the call, whose checks want a real tensor.",
    `torch.fx.wrap("${plan.definition.id}")`,
  ];
  const lines = [...(features.tracedFunctions ? traced : []), ...(features.symbolicTracing ? kept : [])];
  return lines.length === 0 ? [] : [lines.join("\n")];
}
