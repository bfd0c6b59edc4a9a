/** The arguments of a function that has a gradient of its own: its input, and a parameter for everything else. */
import { gt, x } from "../../ir/build.js";
import { variableOf, type Expr } from "../../ir/expr.js";
import { reason, type Refuse } from "../place.js";
import type { Choices } from "../interpreter/choices.js";
import { predictedAmong } from "../roles.js";
import type { Symbols } from "../symbols.js";
import { choiceFor } from "./choices.js";
import { nameOfPart, partsOf, type Layout } from "./parts.js";
import type { Expression, Parameter } from "./syntax.js";
import { INPUT, LIST_OF_ARGUMENTS, TEXT } from "./unreadable.js";
import { NONE, asNumber, tensor, type Value } from "./values.js";

export interface Input {
  readonly parameter: Parameter;
  readonly value: Value;
  /** By what the function is differentiated for it, where it is a number or a tensor. */
  readonly variable?: Expr;
  /** The parts of a tensor that is cut, each an input of its own. */
  readonly parts?: readonly Input[];
  /** Such as `approximate = "none"`: it is read for this value alone. */
  readonly note?: string;
  /** It is read for one of the kinds that it may be of. */
  readonly isOfKind?: boolean;
}

const isNumberType = (type: string): boolean => /\b(?:float|int)\b/.test(type) && !/Tensor/.test(type);
const isFlag = ({ type, initial }: Parameter): boolean => initial?.kind === "truth" || /^bool$/.test(type ?? "");

/** The input is the first parameter that is no number by its type or default; of a loss, what is predicted. */
function inputOf(parameters: readonly Parameter[]): Parameter | undefined {
  const tensors = parameters.filter(
    ({ type = "", initial }) => !isNumberType(type) && type !== "bool" && type !== "str" && initial === undefined,
  );
  return tensors[predictedAmong(tensors.map(({ name }) => name)) ?? 0] ?? parameters[0];
}

interface Ways {
  readonly layout?: Layout | undefined;
  /** These are no inputs, whatever they look like. */
  readonly statics?: ReadonlySet<Parameter>;
  /** The input is a number, where its type says so. */
  readonly areNumbers?: boolean;
}

export function inputsOf(
  parameters: readonly Parameter[],
  symbols: Symbols,
  written: (expression: Expression) => string,
  refuse: Refuse,
  choices: Choices<Value>,
  { layout, statics = new Set(), areNumbers = false }: Ways = {},
): readonly Input[] {
  const chosen = new Map(
    parameters.flatMap((each) => {
      const choice = choiceFor(symbols(each.name), each, choices);
      return choice === undefined ? [] : [[each, choice] as const];
    }),
  );
  const main = inputOf(parameters.filter((each) => !statics.has(each) && !chosen.has(each)));
  return parameters.map((parameter): Input => {
    const { name, kind, type = "", initial } = parameter;
    const isOfNumbers = areNumbers && isNumberType(type);
    if (kind === "list" || kind === "table") return refuse(parameter, LIST_OF_ARGUMENTS);
    const choice = chosen.get(parameter);
    if (choice !== undefined)
      return { parameter, value: choice.value, note: `${name} = ${choice.name}`, isOfKind: true };
    if (type === "str" && initial === undefined && !statics.has(parameter))
      choices.refuseWithout(symbols(name), parameter, TEXT);
    if (parameter === main) choices.readAs(symbols(name), x);
    else if (choices.isOpen(symbols(name)) && (initial !== undefined || type === "str"))
      return { parameter, value: tensor(symbols(name), { single: true, guard: INPUT }) };
    if (parameter === main && layout?.isOfInput === true) return inParts(parameter, layout, symbols);
    if (parameter === main) return { parameter, value: tensor(x, { single: isOfNumbers, guard: INPUT }), variable: x };
    if (initial?.kind === "none" || initial?.kind === "text") {
      const value: Value = initial.kind === "none" ? NONE : { kind: "text", text: initial.text };
      return { parameter, value, note: `${name} = ${written(initial)}` };
    }
    if (/^str$/.test(type) && !statics.has(parameter)) return refuse(parameter, TEXT);
    const variable = symbols(name, "", initial);
    if (isFlag(parameter)) return { parameter, value: { kind: "condition", expr: gt(variable, 0) } };
    if (statics.has(parameter)) return { parameter, value: tensor(variable, { single: true, guard: INPUT }) };
    if (isNumberType(type)) return { parameter, value: { kind: "number", expr: variable }, variable };
    return { parameter, value: tensor(variable, { single: true, guard: INPUT }), variable };
  });
}

/** The first part is x, as an input in one piece is. */
function inParts(parameter: Parameter, { count }: Layout, symbols: Symbols): Input {
  const parts = Array.from({ length: count }, (_, index): Input & { readonly variable: Expr } => {
    const name = nameOfPart(parameter.name, index, count);
    const variable = index === 0 ? x : symbols(name, "part");
    return { parameter: { ...parameter, name }, value: tensor(variable, { guard: INPUT }), variable };
  });
  return { parameter, value: partsOf(parts.map(({ variable }) => tensor(variable))), variable: x, parts };
}

/** The names that variables of inputs have there, for people. */
export const namesOf = (inputs: readonly Input[]): readonly (readonly [variable: string, parameter: string])[] =>
  inputs
    .flatMap((each) => each.parts ?? [each])
    .flatMap(({ value, parameter, variable = asNumber(value) }) =>
      variable?.op === "variable" ? [[variableOf(variable).name, parameter.name] as const] : [],
    );

export const NO_INPUT = reason("this takes no input", "give it a tensor");
