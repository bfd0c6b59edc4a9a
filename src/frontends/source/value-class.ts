/** Classes of numbers that keep their gradients, as small engines have them: a method makes a new one with a backward of its own. */
import { constant, dy, x } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { piecesOf } from "../interpreter/syntax.js";
import { type Reason, type Span, refusing, type Refuse } from "../place.js";
import type { StandIns } from "./foreign-class.js";
import type { NamedFunction } from "./functions.js";
import type { SourceClaim } from "./pairs.js";
import type { Reader } from "./reader.js";
import type { RecordValue } from "./records.js";
import type { Expression, Source } from "./syntax.js";
import { MAY_CHANGE } from "./unreadable.js";
import { asNumber, recordOf, type FunctionValue, type Maker, type Value } from "./values.js";

const NUMBERS: readonly string[] = ["data", "value", "val"];
const GRADIENTS: readonly string[] = ["grad", "gradient"];
/** Such as _backward, backwardStep, gradFn. */
const BACKWARD = /^_*(?:back_?(?:ward|prop)\w*|grad_?fn)$/i;

const SETS = /\.\s*_*(?:back_?(?:ward|prop)\w*|grad_?fn)\s*=(?![=>])/i;

/** A function that makes a number with a backward of its own: a method, or a function of the number that it is made of. */
export interface MethodOfValues extends NamedFunction {
  /** The class of the number; its name where it is of another file. */
  readonly made: Maker | string;
}

/** Those that take nothing but the number itself. */
export const methodsOfValues = (
  functions: readonly NamedFunction[],
  source: Source,
  reader: Reader,
  standIns: StandIns,
): readonly MethodOfValues[] =>
  functions.flatMap((method) => {
    const { maker, node, self, from } = method;
    const sets = SETS.test(source.text.slice(node.start, node.end));
    if (maker !== undefined)
      return !sets || maker.node.maker === undefined || node.args.length > 0 ? [] : [{ ...method, made: maker }];
    const [first, ...others] = node.args;
    const isOfOne = first?.target.kind === "name" && others.every(({ initial }) => initial !== undefined);
    if (!isOfOne || from !== undefined) return [];
    const own = sets && self === undefined && others.length === 0 ? madeIn(node, reader) : undefined;
    const made = own ?? (asksFor(node.body, first.target.name) ? standIns.madeIn(node.body) : undefined);
    return made === undefined ? [] : [{ ...method, made }];
  });

/** Whether the value of what is called by this name is asked for. */
const asksFor = (body: unknown, name: string): boolean =>
  [...piecesOf(body)].some((piece) => {
    const object = piece["object"] as Expression | undefined;
    const isOf = piece["kind"] === "member" && object?.kind === "name" && object.name === name;
    return isOf && NUMBERS.includes(String(piece["name"]));
  });

/** The only class of which a function makes an instance. */
function madeIn({ body }: NamedFunction["node"], { peek }: Reader): Maker | undefined {
  const made = [...piecesOf(body)].flatMap((piece) =>
    piece["kind"] === "new" ? (recordOf(peek(piece["callee"] as Expression))?.maker ?? []) : [],
  );
  return made.length === 1 && made[0]!.node.maker !== undefined ? made[0] : undefined;
}

/** The value that a method makes, and what its backward adds to the gradient of the number. */
export function readMethodOfValues(
  method: MethodOfValues,
  source: Source,
  reader: Reader,
  standIns: StandIns,
): SourceClaim {
  const { made, place } = method;
  if (typeof made !== "string") return readMade(method, made, source, reader);
  const note = `${made} taken to keep its first argument as its value`;
  const claim = standIns.during(made, (standIn) => readMade(method, standIn, source, reader));
  return claim === undefined ? refusing(source.text)(place, NO_VALUE) : { ...claim, notes: [note] };
}

function readMade(
  { place, path, name, maker, node, ...method }: MethodOfValues,
  made: Maker,
  source: Source,
  reader: Reader,
): SourceClaim {
  const refuse: Refuse = refusing(source.text);
  const given = node.args[0]?.target;
  const holder = given?.kind === "name" ? given.name : "this";
  const first: Value = { kind: "number", expr: x };
  const self = reader.construct(made, [first], place);
  const put = ({ record }: RecordValue, names: readonly string[], expr: Expr): string => {
    const found = names.find((each) => record.cells.has(each)) ?? refuse(place, NO_VALUE);
    record.cells.get(found)!.content = { kind: "number", expr };
    return found;
  };
  // Whoever writes members by names that are known when it runs has not written those of the number that it is made of.
  for (const cell of self.record.cells.values()) if (self.record.tainted) cell.content = UNTOLD;
  delete self.record.tainted;
  const number = put(self, NUMBERS, x);
  const gradient = put(self, GRADIENTS, constant(0));
  const called = maker === undefined ? method.value : reader.member(self, name, place);
  if (called.kind !== "function") return refuse(place, NO_VALUE);
  const out = maker === undefined ? reader.call(called, [self], method.self) : reader.call(called, [], self);
  if (out.kind !== "record" || out.record.shared !== self.record.shared || out.record === self.record)
    return refuse(place, NO_VALUE);
  const formula = asNumber(reader.member(out, number, place)) ?? refuse(place, NO_VALUE);
  put(out, GRADIENTS, dy);
  const [back, backward] = backwardOf(out, reader, place) ?? refuse(place, NO_VALUE);
  reader.execute(backward.node.body, backward.scope);
  const claim = asNumber(reader.member(self, gradient, place)) ?? refuse(place, NO_VALUE);
  return {
    name: path,
    derivativeName: `${path}.${back}`,
    formula,
    claim,
    order: 1,
    input: `${holder}.${number}`,
    notes: [],
    names: new Map([
      ["x", `${holder}.${number}`],
      ["dy", `out.${gradient}`],
    ]),
  };
}

/** The only member that was given a function in the call, and is called a backward. */
function backwardOf(
  out: RecordValue,
  reader: Reader,
  place: Span,
): readonly [name: string, value: FunctionValue] | undefined {
  const found = [...out.record.cells.keys()].flatMap((name) => {
    const value = BACKWARD.test(name) ? reader.member(out, name, place) : undefined;
    return value?.kind === "function" ? [[name, value] as const] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

const UNTOLD: Value = { kind: "refused", reason: MAY_CHANGE };
const NO_VALUE: Reason = {
  message: "this makes no new number of its class with a backward of its own",
  hint: "let it return a new instance, and set the backward of that",
};
