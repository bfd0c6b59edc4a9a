/** Gradients of TensorFlow.js that a function gives itself: `tf.customGrad((x, save) => ({ value, gradFunc }))`. */
import { dy, x } from "../../ir/build.js";
import { variableOf, variables, type Expr } from "../../ir/expr.js";
import { known } from "../interpreter/scopes.js";
import { type Reason, type Span, refusing, type Refuse } from "../place.js";
import type { Partial } from "../partial.js";
import type { SourceClaim } from "./pairs.js";
import type { Reader } from "./reader.js";
import type { Expression, FunctionNode, Source } from "./syntax.js";
import { tensorOf, tensorFunctions } from "./tensors.js";
import { NOTHING, asNumber, recordOf, type Value } from "./values.js";

export interface CustomGrad {
  readonly name: string;
  readonly place: Span;
  readonly node: FunctionNode;
}

type Part = { readonly [key: string]: unknown };

/** The function that `tf.customGrad` is given, wherever that is called, by the name that the result or the function around has. */
export function customGrads({ statements }: Source): readonly CustomGrad[] {
  const found: CustomGrad[] = [];
  const waiting: { readonly part: unknown; readonly name: string }[] = [{ part: statements, name: "customGrad" }];
  while (waiting.length > 0) {
    const { part, name } = waiting.pop()!;
    if (typeof part !== "object" || part === null) continue;
    const { kind, callee, args, target } = part as Part & {
      readonly callee?: Expression;
      readonly args?: readonly Expression[];
      readonly target?: { readonly kind?: string; readonly name?: string };
    };
    const isCall =
      kind === "call" && (callee?.kind === "name" || callee?.kind === "member") && callee.name === "customGrad";
    const given = isCall ? args?.[0] : undefined;
    if (given?.kind === "function")
      found.push({ name, place: { start: given.start, end: given.end }, node: given.node });
    const isNamed = kind === "declare" && target?.kind === "name" && target.name !== undefined;
    // Inside of a function it has the name of that.
    const inner = isNamed && name === "customGrad" ? target.name! : name;
    for (const child of Object.values(part)) waiting.push({ part: child, name: inner });
  }
  return found;
}

export function readCustomGrad(
  { name, place, node }: CustomGrad,
  source: Source,
  reader: Reader,
  partial: Partial,
): SourceClaim {
  const refuse: Refuse = refusing(source.text);
  const functions = tensorFunctions(partial);
  const tensor = (expr: Expr): Value => tensorOf(expr, functions);
  let saved: readonly Value[] | undefined;
  const save: Value = {
    kind: "builtin",
    count: { atLeast: 1 },
    takesAll: true,
    isEffect: true,
    apply: ([list]) => {
      const record = recordOf(list);
      if (saved !== undefined || record?.kind !== "list") return undefined;
      saved = [...record.cells.values()].map((cell) => known(cell) ?? NOTHING);
      return NOTHING;
    },
  };
  const [input, second, ...others] = node.args;
  if (input?.target.kind !== "name" || others.length > 0 || (second !== undefined && !isSave(second.target)))
    return refuse(place, NO_INPUT);
  const returned = reader.call(reader.functionOf(node), second === undefined ? [tensor(x)] : [tensor(x), save]);
  if (returned.kind !== "record") return refuse(place, NO_GRADIENT);
  const formula = asNumber(reader.member(returned, "value", place)) ?? refuse(place, NO_GRADIENT);
  const gradient = reader.member(returned, "gradFunc", place);
  if (gradient.kind !== "function") return refuse(place, NO_GRADIENT);
  const kept = saved ?? [];
  const list: Value = { kind: "object", isList: true, member: (key) => kept[Number(key)] };
  const result = reader.call(gradient, [tensor(dy), list].slice(0, gradient.node.args.length));
  const only =
    result.kind === "record" && result.record.cells.size === 1 ? result.record.cells.get("0")?.content : result;
  const claim = only === undefined || typeof only === "function" ? undefined : asNumber(only);
  if (claim === undefined) return refuse(gradient.node, NO_GRADIENT);
  const used = new Set(variables(formula, claim).map((leaf) => variableOf(leaf).name));
  const incoming = gradient.node.args[0]?.target;
  const names: readonly (readonly [string, string])[] = [
    ["x", input.target.name],
    ["dy", incoming?.kind === "name" ? incoming.name : "dy"],
  ];
  return {
    name,
    derivativeName: `${name}.gradFunc`,
    formula,
    claim,
    order: 1,
    input: input.target.name,
    notes: [],
    names: new Map(names.filter(([key]) => used.has(key))),
  };
}

const isSave = (target: { readonly kind: string; readonly name?: unknown }): boolean =>
  target.kind === "name" && /save/i.test(String(target.name));

const NO_INPUT: Reason = {
  message: "a custom gradient is read for functions of one tensor",
  hint: "give it one tensor, and save behind that",
};
const NO_GRADIENT: Reason = {
  message: "this does not return the gradient of one input",
  hint: "return { value, gradFunc }, where gradFunc returns one tensor",
};
