/** The explicit style: an `nn.Module` over an `autograd.Function` with the proved derivative in its stable form. */
import { backwardNames, tensorFunctions } from "../../codegen/python/functions.js";
import { argumentNames, rangeChecks, renamings, signature, type PythonNames } from "../../codegen/python/parameters.js";
import type { Dialect } from "../../codegen/python/tensors.js";
import { documentation, indented } from "../../codegen/python/text.js";
import type { ActivationPlan } from "../../codegen/target.js";
import type { Expr } from "../../ir/expr.js";
import { customOperators } from "./custom-operators.js";
import type { Features } from "./features.js";
import { autogradFunctions } from "./functions.js";
import { moduleClass } from "./module.js";

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
}

export function explicitParts(
  plan: ActivationPlan,
  names: PythonNames,
  className: string,
  features: Features,
  dialect: Dialect,
): ModuleParts {
  return {
    plan,
    names,
    className,
    features,
    dialect,
    ...argumentNames(names.parameters),
    ...backwardNames(plan),
  };
}

/** The text of a module, but for its head. */
export function explicitModule(parts: ModuleParts, expand: (expr: Expr) => Expr): string {
  return [
    ...tensorFunctions({ ...parts, expand, tensorType: "Tensor" }),
    publicFunction(parts),
    moduleClass(parts),
    ...autogradFunctions(parts),
    ...(parts.features.customOperator ? customOperators(parts) : []),
  ].join("\n\n\n");
}

/** The function that users call: checks, then autograd, or an opaque operator where it is being compiled. */
function publicFunction(parts: ModuleParts): string {
  const { plan, names, features, kept, numbers, learnable } = parts;
  const { definition } = plan;
  const all = ["x", ...learnable, ...numbers].join(", ");
  const compiled = features.customOperator ? ["if torch.compiler.is_compiling():", `    return _operator(${all})`] : [];
  const paragraphs = [
    `${definition.title} of every element of a floating-point tensor of any shape.`,
    `Keeps its ${kept === "x" ? "input" : "output"} for backward. float16 and bfloat16 are computed in float32 and rounded once.` +
      (features.customOperator ? " torch.compile sees one operator, so that compiled code gives the same bits." : ""),
  ];
  return [
    `def ${definition.id}(${signature("x", names.parameters, "Tensor")}) -> Tensor:`,
    documentation([...paragraphs, ...renamings(names.parameters)], 4),
    indented("if not x.is_floating_point():"),
    indented(`    raise TypeError(f"${definition.id} is for floating-point tensors, not {x.dtype}")`),
    ...rangeChecks(names.parameters).map((check) => indented(check)),
    ...compiled.map((line) => indented(line)),
    indented(`return _${parts.className}.apply(${all})`),
  ].join("\n");
}
