/** The native style: the framework's own function where it has the same one, else a composition of its operations. */
import type { Argument, BuiltIn, Call } from "../../frameworks/row.js";
import type { FrameworkVersion } from "../../frameworks/version.js";
import { differsFromDefinition } from "../../frameworks/gradients.js";
import { specialRecord } from "../../frameworks/special.js";
import { constant, le, select, x } from "../../ir/build.js";
import { defaults, type Definition } from "../../ir/definition.js";
import { derivative } from "../../symbolic/derivative.js";
import { normalForm } from "../../symbolic/simplify.js";
import { rebuild, topological, variableOf, type Expr } from "../../ir/expr.js";
import type { ActivationPlan } from "../target.js";
import { differenceTexts } from "./differences.js";
import { isHelper } from "./helpers.js";
import { renamings, signature, type PythonNames, type PythonParameter } from "./parameters.js";
import { inPython } from "./numbers.js";
import { tensorLines, type Dialect } from "./tensors.js";
import { documentation, indented, numberText } from "./text.js";

export interface NativeModule {
  readonly plan: ActivationPlan;
  readonly names: PythonNames;
  readonly dialect: Dialect;
  readonly tensorType: string | undefined;
  /** The framework's own function for this activation, in the version of the module; undefined where it has none. */
  readonly builtIn: BuiltIn | undefined;
  /** The version, with each of its backends. */
  readonly versions: readonly FrameworkVersion[];
  /** `torch.nn.functional.relu` as modules write it: `F.relu`. */
  readonly short: (path: string) => string;
}

/** The function in the native style; undefined where the framework has none, and no composition can stand for it. */
export function nativeFunction(of: NativeModule): string | undefined {
  const { plan, names, tensorType, builtIn, short } = of;
  const { definition } = plan;
  const called = builtIn?.function;
  const own = called === undefined ? undefined : callText(called, "x", names.parameters, short);
  const conditions = names.parameters.flatMap(({ name, parameter }) => {
    const value = builtIn?.fixed?.[parameter.name];
    return value === undefined ? [] : [`${name} == ${numberText(value)}`];
  });
  const composed = own === undefined || conditions.length > 0 ? composition(of) : [];
  if (composed === undefined) return undefined;
  const body =
    own === undefined
      ? composed
      : conditions.length === 0
        ? [`return ${own}`]
        : [`if ${conditions.join(" and ")}:`, `    return ${own}`, ...composed];
  const about = called === undefined ? "composed of the framework's operations" : `by ${called.path}`;
  return [
    `def ${definition.id}(${signature("x", names.parameters, tensorType)})${tensorType === undefined ? "" : ` -> ${tensorType}`}:`,
    documentation([`${definition.title}, ${about}.`, ...nativeNotes(of), ...renamings(names.parameters)], 4),
    ...body.map((line) => indented(line)),
  ].join("\n");
}

/**
 * The framework's own calls where they are exact, with the definition's gradients at kinks: of what is made of straight
 * pieces nothing is rounded that has digits to lose, and the framework's one operation is faster than any formula. Only
 * gradients at NaN differ, and 0 times infinity where a slope is 0.
 */
export function exactCall(of: NativeModule): string | undefined {
  const { plan, names, builtIn, versions, short } = of;
  const { definition } = plan;
  if (definition.formula === x) return "x";
  if (builtIn?.function === undefined || builtIn.fixed !== undefined) return undefined;
  if (builtIn.lacks !== undefined && builtIn.instead === undefined) return undefined;
  if (!hasStraightPieces(definition)) return undefined;
  const differs = versions.some((at) => {
    const special = specialRecord(builtIn.id, at, defaults(definition));
    return (
      differsFromDefinition({ at, row: builtIn, definition }).length > 0 ||
      Object.keys({ ...special.value, ...special.gradient }).length > 0
    );
  });
  if (differs) return undefined;
  const nameOf = (parameter: string): string =>
    names.parameters.find((each) => each.parameter.name === parameter)!.name;
  return builtIn.instead?.(nameOf) ?? callText(builtIn.function, "x", names.parameters, short);
}

/** The framework's own call, and its operation for the gradient, where that call lacks something that can be added. */
export function slopeOf({ names, builtIn, short }: NativeModule): { call: string; slope: string } | undefined {
  const { function: called, slope } = builtIn ?? {};
  return called === undefined || slope === undefined
    ? undefined
    : { call: callText(called, "x", names.parameters, short), slope };
}

const hasStraightPieces = ({ formula }: Definition): boolean =>
  topological([formula]).every(({ op }) => PLAIN.has(op) || op === "div") &&
  normalForm(derivative(normalForm(derivative(normalForm(formula), x)), x)) === constant(0);

/** Where the function that is called is not what the definition says. */
export const nativeNotes = ({ plan, builtIn, versions }: NativeModule): readonly string[] => {
  const texts = builtIn?.function === undefined ? [] : differenceTexts(builtIn, plan.definition, versions);
  return texts.length === 0 ? [] : [texts.join("\n")];
};

/** The formula as operations that the framework differentiates; undefined where it would not do that well. */
function composition({ plan, names, dialect }: NativeModule): string[] | undefined {
  const expr = plan.composition;
  if (
    expr === undefined ||
    !isSafelyDifferentiable(expr) ||
    topological([expr]).some((each) => isHelper(each, dialect))
  )
    return undefined;
  const learnable = plan.definition.parameters.filter((parameter) => parameter.learnable).map(({ name }) => name);
  const tensors = new Set(["x", ...learnable]);
  const { lines, result } = tensorLines(inPython(boundedByCases(expr, tensors), tensors), {
    dialect,
    names: names.lines(),
    tensors,
    like: "x",
  });
  return [...lines, `return ${result}`];
}

/** Frameworks pass gradients at the bounds of a clamp, and definitions take none there; cases decide as definitions do. */
function boundedByCases(expr: Expr, tensors: ReadonlySet<string>): Expr {
  const isTensor = (node: Expr): boolean =>
    topological([node]).some((each) => each.op === "variable" && tensors.has(variableOf(each).name));
  const roots = rebuild([expr], (node) => {
    if (node.op !== "max" && node.op !== "min") return node;
    const [a, c] = node.args as [Expr, Expr];
    if (isTensor(a) === isTensor(c)) return node;
    const [tensor, bound] = isTensor(a) ? [a, c] : [c, a];
    return select(node.op === "max" ? le(tensor, bound) : le(bound, tensor), bound, tensor);
  });
  return roots.get(expr)!;
}

const PLAIN = new Set("add sub mul neg max min variable rational float select lt le eq and or not".split(" "));

/** Both sides of a `where` are differentiated: what is infinite on the side not taken would make the gradient NaN. */
const isSafelyDifferentiable = (expr: Expr): boolean =>
  topological([expr])
    .filter(({ op }) => op === "select")
    .every(({ args: [, yes, no] }) =>
      topological([yes!, no!]).every((node) => PLAIN.has(node.op) || node.closed || isByConstant(node)),
    );

const isByConstant = ({ op, args }: Expr): boolean => op === "div" && args[1]!.closed;

/** A call with its arguments; those that are the framework's defaults are left out. */
export function callText(
  { path, arguments: given }: Call,
  input: string | undefined,
  parameters: readonly PythonParameter[],
  short: (path: string) => string,
): string {
  const texts = given.flatMap((argument) => {
    const text = argumentText(argument, parameters);
    return text === undefined ? [] : [`${argument.name}=${text}`];
  });
  return `${short(path)}(${[...(input === undefined ? [] : [input]), ...texts].join(", ")})`;
}

function argumentText(argument: Argument, parameters: readonly PythonParameter[]): string | undefined {
  const { value, infinityIsNone = false, insteadOfInfinity } = argument;
  if ("literal" in value) return value.literal;
  if ("axis" in value) return String(value.axis);
  const found = parameters.find(({ parameter }) => parameter.name === value.parameter);
  // A variant of the definition without this parameter: the framework's own value stands.
  if (found === undefined) return undefined;
  const infinite = infinityIsNone ? "None" : insteadOfInfinity === undefined ? undefined : String(insteadOfInfinity);
  return infinite === undefined ? found.name : `${infinite} if ${found.name} == math.inf else ${found.name}`;
}

/** Whether the framework's module takes the same parameters with the same defaults, so that it is the module. */
export const isSameLayer = ({ layer, fixed }: BuiltIn, { parameters }: Definition): boolean =>
  layer !== undefined &&
  fixed === undefined &&
  layer.mode === undefined &&
  layer.arguments.length === parameters.length &&
  layer.arguments.every(({ name, value, default: standard }) => {
    if (!("parameter" in value) || value.form !== undefined) return false;
    const own = parameters.find((parameter) => parameter.name === value.parameter)!;
    // A learnable parameter is named by its initial value.
    return (own.name === name || own.learnable) && own.default === standard;
  });
