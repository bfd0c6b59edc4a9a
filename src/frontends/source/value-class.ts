/** Classes of numbers that keep their gradients, as small engines have them: a method makes a new one with a backward of its own. */
import { constant, dy, x } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { type Reason, refusing, type Refuse } from "../place.js";
import type { NamedFunction } from "./functions.js";
import type { SourceClaim } from "./pairs.js";
import type { Reader } from "./reader.js";
import type { RecordValue } from "./records.js";
import type { Source } from "./syntax.js";
import { MAY_CHANGE } from "./unreadable.js";
import { asNumber, type Maker, type Value } from "./values.js";

const NUMBERS: readonly string[] = ["data", "value", "val"];
const GRADIENTS: readonly string[] = ["grad", "gradient"];
const BACKWARDS: readonly string[] = ["_backward", "backward", "backwardFn"];

/** The methods of such a class that take nothing but the number itself. */
export const methodsOfValues = (functions: readonly NamedFunction[], source: Source): readonly NamedFunction[] =>
  functions.filter(
    ({ maker, node }) =>
      maker?.node.maker !== undefined &&
      node.args.length === 0 &&
      BACKWARDS.some((name) => new RegExp(`\\.${name}\\s*=(?!=)`).test(source.text.slice(node.start, node.end))),
  );

/** The value that a method makes, and what its backward adds to the gradient of the number. */
export function readMethodOfValues(
  method: NamedFunction & { readonly maker?: Maker },
  source: Source,
  reader: Reader,
): SourceClaim {
  const refuse: Refuse = refusing(source.text);
  const { place, path, name } = method;
  const first: Value = { kind: "number", expr: x };
  const self = reader.construct(method.maker!, [first], place);
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
  const called = reader.member(self, name, place);
  const out = called.kind === "function" ? reader.call(called, [], self) : refuse(place, NO_VALUE);
  if (out.kind !== "record" || out.record.shared !== self.record.shared || out.record === self.record)
    return refuse(place, NO_VALUE);
  const formula = asNumber(reader.member(out, number, place)) ?? refuse(place, NO_VALUE);
  put(out, GRADIENTS, dy);
  const back = BACKWARDS.find((each) => out.record.cells.has(each)) ?? refuse(place, NO_VALUE);
  const backward = reader.member(out, back, place);
  if (backward.kind !== "function") return refuse(place, NO_VALUE);
  reader.execute(backward.node.body, backward.scope);
  const claim = asNumber(reader.member(self, gradient, place)) ?? refuse(place, NO_VALUE);
  return {
    name: path,
    derivativeName: `${path}.${back}`,
    formula,
    claim,
    order: 1,
    input: `this.${number}`,
    notes: [],
    names: new Map([
      ["x", `this.${number}`],
      ["dy", `out.${gradient}`],
    ]),
  };
}

const UNTOLD: Value = { kind: "refused", reason: MAY_CHANGE };
const NO_VALUE: Reason = {
  message: "this makes no new number of its class with a backward of its own",
  hint: "let it return a new instance, and set the backward of that",
};
