/**
 * The `autograd.Function`s of an activation. Backward multiplies by a derivative that is a function of its own, so the
 * product rule is autograd's and the second derivative is the proved one.
 */
import { indented } from "../../codegen/python/text.js";
import type { ModuleParts } from "./explicit.js";

/** Computes in float32 at least. */
const WIDE = `def _wide(x: Tensor) -> Tensor:
    """float16 and bfloat16 as float32."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x`;

export function autogradFunctions(parts: ModuleParts): string[] {
  return parts.learnable.length > 0 ? [WIDE, learnableFunction(parts)] : [WIDE, ...fixedFunctions(parts)];
}

interface FunctionRow {
  readonly name: string;
  readonly documentation: string;
  /** The tensor that it is a function of. */
  readonly of: string;
  readonly forward: string;
  /** Kept for backward: the input `of`, or the output. */
  readonly keeps: string;
  /** What the incoming gradient is multiplied by. */
  readonly factor: string;
}

/** Activations with parameters that are numbers: the function, and its derivative. */
function fixedFunctions(parts: ModuleParts): string[] {
  const { className, kept, numbers, slope, curvature } = parts;
  const rest = numbers.map((name) => `, ${name}`).join("");
  const held = numbers.map((name) => `, ctx.${name}`).join("");
  const rows: FunctionRow[] = [
    {
      name: `_${className}`,
      documentation: "f; backward multiplies by f'.",
      of: "x",
      forward: `value(_wide(x)${rest}).to(x.dtype)`,
      keeps: kept,
      factor: `_${className}Derivative.apply(${kept}${held})`,
    },
    {
      name: `_${className}Derivative`,
      documentation: `f' ${kept === "x" ? "" : "from the output "}in float32 at least; backward multiplies by ${kept === "x" ? "f''" : "its derivative"}.`,
      of: kept,
      forward: `${slope}(_wide(${kept})${rest})`,
      keeps: kept,
      factor: `${curvature}(_wide(${kept})${held})`,
    },
  ];
  return rows.map((row) => functionClass(row, parts));
}

function functionClass({ name, documentation, of, forward, keeps, factor }: FunctionRow, parts: ModuleParts): string {
  const { numbers, features } = parts;
  const given = [of, ...numbers].join(", ");
  const keepsOutput = keeps !== of;
  const remember = numbers.map((number) => `ctx.${number} = ${number}`);
  const nothing = numbers.map(() => ", None").join("");
  const backward = [
    "@staticmethod",
    "def backward(ctx, gradient):",
    `    (${keeps},) = ctx.saved_tensors`,
    `    return (gradient * ${factor}).to(${keeps}.dtype)${nothing}`,
  ];
  const lines = [`class ${name}(torch.autograd.Function):`, `    """${documentation}"""`, ""];
  if (!features.functionTransforms) {
    const stays = keepsOutput
      ? [`    ${keeps} = ${forward}`, `    ctx.save_for_backward(${keeps})`, `    return ${keeps}`]
      : [`    ctx.save_for_backward(${of})`, `    return ${forward}`];
    const body = ["@staticmethod", `def forward(ctx, ${given}):`, ...remember.map((line) => `    ${line}`), ...stays];
    return [...lines, ...body, "", ...backward].map((line, i) => (i < 3 ? line : indented(line))).join("\n");
  }
  const inputs =
    numbers.length === 0
      ? `(${of},) = inputs`
      : `${[of, ...numbers.map((number) => `ctx.${number}`)].join(", ")} = inputs`;
  const setup = [
    "@staticmethod",
    "def setup_context(ctx, inputs, output):",
    `    ${keepsOutput && numbers.length === 0 ? "" : inputs.replace(keepsOutput ? `${of}, ` : "\0", keepsOutput ? "_, " : "\0")}`,
    `    ctx.save_for_backward(${keepsOutput ? "output" : of})`,
    `    ctx.save_for_forward(${keepsOutput ? "output" : of})`,
  ].filter((line) => line.trim() !== "");
  const tangents = ["tangent", ...numbers.map(() => "_")];
  const jvp = [
    "@staticmethod",
    `def jvp(ctx, ${uniqueNames(tangents)}):`,
    `    (${keeps},) = ctx.saved_tensors`,
    `    return (tangent * ${factor}).to(${name.endsWith("Derivative") ? `tangent.dtype` : `${keeps}.dtype`})`,
  ];
  const body = [
    "generate_vmap_rule = True",
    "",
    "@staticmethod",
    `def forward(${given}):`,
    `    return ${forward}`,
    "",
    ...setup,
    "",
    ...backward,
    "",
    ...jvp,
  ];
  return [...lines, ...body.map((line) => indented(line))].join("\n");
}

/** Arguments that are not used need names of their own. */
const uniqueNames = (names: readonly string[]): string =>
  names.length > 2 ? [names[0]!, "*_"].join(", ") : names.join(", ");

/** Activations with learnable parameters: autograd differentiates the derivatives further. */
function learnableFunction(parts: ModuleParts): string {
  const { className, names, features } = parts;
  const tensors = ["x", ...parts.learnable];
  const all = [...tensors, ...parts.numbers].join(", ");
  const named = names.parameters.map(({ name }) => name);
  const wide = ["_wide(x)", ...named.map((name) => (parts.learnable.includes(name) ? `_wide(${name})` : name))].join(
    ", ",
  );
  const held = [
    "_wide(x)",
    ...named.map((name) => (parts.learnable.includes(name) ? `_wide(${name})` : `ctx.${name}`)),
  ].join(", ");
  const gradients = [
    `(gradient * derivative(${held})).to(x.dtype)`,
    ...parts.learnable.map((name) => `(gradient * _by_${name}(${held})).sum_to_size(${name}.shape).to(${name}.dtype)`),
    ...parts.numbers.map(() => "None"),
  ];
  const remember = parts.numbers.map((number) => `    ctx.${number} = ${number}`);
  const saved = tensors.join(", ");
  const backward = [
    "@staticmethod",
    "def backward(ctx, gradient):",
    `    ${saved} = ctx.saved_tensors`,
    "    gradient = _wide(gradient)",
    "    return (",
    ...gradients.map((text) => `        ${text},`),
    "    )",
  ];
  const head = [
    `class _${className}(torch.autograd.Function):`,
    `    """f; backward multiplies by its derivatives."""`,
    "",
  ];
  const result = `value(${wide}).to(x.dtype)`;
  if (!features.functionTransforms) {
    const forward = [
      "@staticmethod",
      `def forward(ctx, ${all}):`,
      `    ctx.save_for_backward(${saved})`,
      ...remember,
      `    return ${result}`,
    ];
    return [...head, ...[...forward, "", ...backward].map((line) => indented(line))].join("\n");
  }
  const terms = [
    `tangent * derivative(${held})`,
    ...parts.learnable.map((name) => `_tangent_${name} * _by_${name}(${held})`),
  ];
  const body = [
    "generate_vmap_rule = True",
    "",
    "@staticmethod",
    `def forward(${all}):`,
    `    return ${result}`,
    "",
    "@staticmethod",
    "def setup_context(ctx, inputs, output):",
    `    ${[...tensors, ...parts.numbers.map((number) => `ctx.${number}`)].join(", ")} = inputs`,
    `    ctx.save_for_backward(${saved})`,
    `    ctx.save_for_forward(${saved})`,
    "",
    ...backward,
    "",
    "@staticmethod",
    `def jvp(ctx, ${["tangent", ...parts.learnable.map((name) => `_tangent_${name}`), ...(parts.numbers.length > 0 ? ["*_"] : [])].join(", ")}):`,
    `    ${saved} = ctx.saved_tensors`,
    "    total = torch.zeros_like(_wide(x))",
    ...["tangent", ...parts.learnable.map((name) => `_tangent_${name}`)].flatMap((tangent, i) => [
      `    if ${tangent} is not None:`,
      `        total = total + ${terms[i]!}`,
    ]),
    "    return total.to(x.dtype)",
  ];
  return [...head, ...body.map((line) => indented(line))].join("\n");
}
