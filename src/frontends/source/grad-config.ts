/** Gradients that are registered for kernels of TensorFlow.js: `{ kernelName, inputsToSave, outputsToSave, gradFunc }`. */
import { dy, x, y } from "../../ir/build.js";
import { variableOf, variables, type Expr } from "../../ir/expr.js";
import { known } from "../interpreter/scopes.js";
import { type Reason, type Span, refusing, type Refuse } from "../place.js";
import { createSymbols } from "../symbols.js";
import type { SourceClaim } from "./pairs.js";
import type { Reader } from "./reader.js";
import type { Source } from "./syntax.js";
import { kernelCalled } from "./tensors.js";
import { FALSE, asNumber, asTruth, recordOf, type FunctionValue, type Record, type Value } from "./values.js";

export interface GradConfig {
  readonly name: string;
  readonly place: Span;
  readonly record: Record;
  readonly gradient: FunctionValue;
  /** Where the file has one of its own, it counts. */
  readonly kernel: FunctionValue | undefined;
}

const contentOf = (record: Record, name: string): Value | undefined => known(record.cells.get(name));
const textIn = (record: Record, name: string): string | undefined => {
  const value = contentOf(record, name);
  return value?.kind === "text" ? value.text : undefined;
};

export function gradConfigs({ statements }: Source, { module }: Reader): readonly GradConfig[] {
  const records = statements.flatMap((statement) => {
    if (statement.kind !== "declare" || statement.target.kind !== "name") return [];
    const record = recordOf(known(module.cells.get(statement.target.name)));
    return record === undefined ? [] : [{ name: statement.target.name, place: statement.target, record }];
  });
  const functionIn = (record: Record, name: string): FunctionValue | undefined => {
    const value = contentOf(record, name);
    return value?.kind === "function" ? value : undefined;
  };
  return records.flatMap(({ name, place, record }): readonly GradConfig[] => {
    const gradient = functionIn(record, "gradFunc");
    const called = textIn(record, "kernelName");
    if (gradient === undefined || !record.cells.has("kernelName")) return [];
    const kernel = records.find(
      (other) => functionIn(other.record, "kernelFunc") !== undefined && textIn(other.record, "kernelName") === called,
    );
    return [{ name, place, record, gradient, kernel: kernel && functionIn(kernel.record, "kernelFunc") }];
  });
}

export function readGradConfig(
  { name, place, record, gradient, kernel }: GradConfig,
  source: Source,
  reader: Reader,
): SourceClaim {
  const refuse: Refuse = refusing(source.text);
  const { written, writesAny } = source.effects;
  const keys = ["kernelName", "inputsToSave", "outputsToSave", "saveAllInputs", "gradFunc"];
  if (record.tainted !== undefined || writesAny || keys.some((key) => written.has(key))) refuse(place, MAY_CHANGE);
  const symbols = createSymbols();
  const called = textIn(record, "kernelName");
  const itemsIn = (key: string): readonly (Value | undefined)[] => {
    if (!record.cells.has(key)) return [];
    const list = recordOf(contentOf(record, key));
    if (list?.kind !== "list" || list.tainted !== undefined) return refuse(place, NO_LIST);
    return Array.from({ length: list.cells.size }, (_, i) => contentOf(list, String(i)));
  };
  if (record.cells.has("saveAllInputs")) refuse(place, NO_LIST);
  const inputs = itemsIn("inputsToSave").map((item) => (item?.kind === "text" ? item.text : refuse(place, NO_LIST)));
  const outputs = itemsIn("outputsToSave").map((item) => item && asTruth(item));
  if (inputs.length > 1 || outputs.length > 1 || outputs.some((item) => item?.kind !== "truth")) refuse(place, NO_LIST);
  const number = (expr: Expr): Value => ({ kind: "number", expr });
  const attribute = (key: string): Expr => symbols(key, "attribute");
  const saved = [...inputs.map(() => x), ...outputs.flatMap((item) => (item === FALSE ? [] : [y]))];
  const list: Value = {
    kind: "object",
    isList: true,
    member: (key) => (saved[Number(key)] === undefined ? undefined : number(saved[Number(key)]!)),
  };
  const attributes: Value = { kind: "object", member: (key) => number(attribute(key)) };

  const returned = reader.call(gradient, [number(dy), list, attributes].slice(0, gradient.node.args.length));
  const [input, ...others] = returned.kind === "record" ? [...returned.record.cells.keys()] : [];
  if (returned.kind !== "record" || input === undefined || others.length > 0 || (inputs[0] ?? input) !== input)
    return refuse(gradient.node, NO_GRADIENT);
  const make = reader.member(returned, input, gradient.node);
  const claim = make.kind === "function" ? asNumber(reader.call(make, [])) : undefined;
  if (claim === undefined) return refuse(gradient.node, NO_GRADIENT);

  const ofLibrary = called === undefined ? undefined : kernelCalled(called);
  const own = (): Expr => {
    const given: Value = { kind: "object", member: (key) => (key === input ? number(x) : undefined) };
    const members = new Map([
      ["inputs", given],
      ["attrs", attributes],
    ]);
    const result = reader.call(kernel!, [{ kind: "object", member: (key) => members.get(key) }]);
    return asNumber(result) ?? refuse(kernel!.node, NO_KERNEL);
  };
  const formula =
    kernel !== undefined ? own() : ofLibrary !== undefined ? ofLibrary(x, attribute) : refuse(place, NO_KERNEL);

  const used = new Set(variables(formula, claim).map((leaf) => variableOf(leaf).name));
  const parameter = gradient.node.args[0]?.target;
  return {
    name: `kernel ${called ?? "of this file"}`,
    derivativeName: `${name}.gradFunc`,
    formula,
    claim,
    order: 1,
    input,
    notes: [],
    names: new Map(
      [
        ["x", input],
        ["dy", parameter?.kind === "name" ? parameter.name : "dy"],
      ].filter(([key]) => used.has(key!)) as [string, string][],
    ),
  };
}

const MAY_CHANGE: Reason = {
  message: "another part of the file may change this, so its value is not known",
  hint: "write the configuration as one constant",
};
const NO_LIST: Reason = {
  message: "it cannot be told what is saved for the gradient",
  hint: 'name at most one input in "inputsToSave", and one output in "outputsToSave"',
};
const NO_GRADIENT: Reason = {
  message: "this does not return the gradient of one input",
  hint: "return { x: () => ... }, by the name of the input",
};
const NO_KERNEL: Reason = {
  message: "this kernel is not known",
  hint: "elementwise kernels of TensorFlow.js with one input are, and those of the file with a kernelFunc",
};
