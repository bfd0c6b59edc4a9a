/** Classes of numbers that keep their gradients, as small engines have them: a method makes a new one with a backward of its own. */
import { constant, dy, x } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { piecesOf } from "../interpreter/syntax.js";
import { type Reason, type Span, refusing, type Refuse } from "../place.js";
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
  /** The class of the number. */
  readonly made: Maker;
}

/** Those that take nothing but the number itself. */
export const methodsOfValues = (
  functions: readonly NamedFunction[],
  source: Source,
  reader: Reader,
): readonly MethodOfValues[] =>
  functions.flatMap((method) => {
    const { maker, node, self, from } = method;
    if (!SETS.test(source.text.slice(node.start, node.end))) return [];
    if (maker !== undefined)
      return maker.node.maker === undefined || node.args.length > 0 ? [] : [{ ...method, made: maker }];
    const made =
      self === undefined && from === undefined && node.args.length === 1 && node.args[0]!.target.kind === "name"
        ? madeIn(node, reader)
        : undefined;
    return made === undefined ? [] : [{ ...method, made }];
  });

/** The only class of which a function makes an instance. */
function madeIn({ body }: NamedFunction["node"], { peek }: Reader): Maker | undefined {
  const made = [...piecesOf(body)].flatMap((piece) =>
    piece["kind"] === "new" ? (recordOf(peek(piece["callee"] as Expression))?.maker ?? []) : [],
  );
  return made.length === 1 && made[0]!.node.maker !== undefined ? made[0] : undefined;
}

/** The value that a method makes, and what its backward adds to the gradient of the number. */
export function readMethodOfValues(method: MethodOfValues, source: Source, reader: Reader): SourceClaim {
  const refuse: Refuse = refusing(source.text);
  const { place, path, name, made, maker, node } = method;
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
  const out = maker === undefined ? reader.call(called, [self]) : reader.call(called, [], self);
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
