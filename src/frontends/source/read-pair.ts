/** A function and its derivative, run on symbols: of one number, of the elements of an array, of an instance, or for a name. */
import { dy, x, y } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { Diagnostic } from "../../diagnostic.js";
import { known } from "../interpreter/scopes.js";
import { mentions } from "../interpreter/syntax.js";
import { type Reason, type Span, refusing, type Refuse } from "../place.js";
import { isProportional } from "../roles.js";
import { createSymbols, type Symbols } from "../symbols.js";
import { bindArguments, inputOf } from "./arguments.js";
import { MOST_CHOICES, choicesOf, type Choice } from "./choices.js";
import { eachOf } from "./elements.js";
import type { NamedFunction } from "./functions.js";
import type { Pairing } from "./pairing.js";
import type { SourceClaim } from "./pairs.js";
import type { Reader } from "./reader.js";
import type { RecordValue } from "./records.js";
import type { FunctionNode, Source } from "./syntax.js";
import { ARRAY } from "./unreadable.js";
import { FALSE, TRUE, asNumber, type Maker, type Value } from "./values.js";

type Given = readonly (Value | undefined)[];

/** The claims of a pair: one, or for each text that an argument of both is compared with. */
export function readPair(
  { base, derivative, order, flag }: Pairing,
  source: Source,
  reader: Reader,
  begin: (path: string) => void,
): readonly SourceClaim[] {
  const refuse: Refuse = refusing(source.text);
  const input = inputOf(base);
  if ("message" in input) {
    begin(base.path);
    return refuse(base.place, input);
  }
  const symbols = createSymbols();
  const written = ({ start, end }: Span): string => source.text.slice(start, end);

  const once = (choice?: Choice): SourceClaim => {
    reader.standIns();
    const binding = bindArguments(base, derivative, input, refuse, reader.peek, symbols);
    const [ofBase, ofDerivative, named] = withChoice(binding.ofBase, binding.ofDerivative, choice);
    const made = instanceFor(base, derivative, reader, symbols, written);
    const notes = [...(named === undefined ? [] : [`${named} = ${choice!.name}`]), ...(made?.notes ?? [])];

    const run = (each: NamedFunction, args: Given): Value => {
      if (made === undefined) return reader.call(each.value, args, each.self);
      const method = reader.member(made.self, each.name, each.place);
      return method.kind === "function" ? reader.call(method, args, made.self) : refuse(each.place, NO_METHOD);
    };
    const read = (each: NamedFunction, args: Given): Expr => {
      begin(each.path);
      const result = ofElements(args, (given) => run(each, given));
      if (result.kind === "refused") return refuse(each.place, result.reason);
      if (result.kind === "infinite") return refuse(result.place ?? each.place, result.reason);
      return asNumber(result) ?? refuse(each.place, NO_NUMBER);
    };
    const asked = (args: Given, answer: Value): Given => args.map((arg, index) => (index === flag ? answer : arg));
    const formula = read(base, asked(ofBase, FALSE));
    const claim = read(derivative, asked(ofDerivative, TRUE));
    if (flag !== undefined && formula === claim) refuse(derivative.place, NO_FLAG);
    const { guessed } = binding;
    if (guessed !== undefined && !isProportional(claim, dy)) refuse(guessed, guessed.reason);
    for (const value of reader.standIns().values())
      if (value.kind === "refused") return refuse(derivative.place, value.reason);

    const used = new Set(["x", ...variables(formula, claim).map((leaf) => variableOf(leaf).name)]);
    const occurring = variables(claim);
    const isOfOutput = order === 1 && binding.mayBeOfOutput && occurring.includes(x) && !occurring.includes(y);
    const said = flag === undefined ? "" : ` with ${written(derivative.node.args[flag]!)} = true`;
    return {
      name: base.path,
      derivativeName: derivative.path + said,
      formula,
      claim,
      ...(isOfOutput && { ofOutput: substitute(claim, new Map([[x, y]])) }),
      order,
      input: input.name,
      notes,
      names: new Map([...binding.names, ...(made?.names ?? [])].filter(([name]) => used.has(name))),
    };
  };

  const { args } = base.node;
  /** The arguments of both for a value that one of them is compared with. */
  const withChoice = (
    ofBase: Given,
    ofDerivative: Given,
    choice: Choice | undefined,
  ): readonly [Given, Given, string | undefined] => {
    const isChosen = (value: Value | undefined, i: number): boolean =>
      value?.kind === "number" &&
      value.expr !== x &&
      choicesOf(base.node, i, reader).some(({ name }) => name === choice?.name);
    const which = ofBase.findIndex(isChosen);
    const replaced = ofBase[which];
    if (choice === undefined || replaced === undefined) return [ofBase, ofDerivative, undefined];
    const inBoth = (args: Given): Given => args.map((arg) => (isSame(arg, replaced) ? choice.value : arg));
    return [inBoth(ofBase), inBoth(ofDerivative), written(args[which]!.target)];
  };
  const choices = new Map(
    args.flatMap((_, i) => choicesOf(base.node, i, reader)).map((choice) => [choice.name, choice]),
  );
  if (choices.size > MOST_CHOICES) return refuse(base.place, MANY_CHOICES);
  return choices.size === 0 ? [once()] : [...choices.values()].map(once);
}

const MANY_CHOICES: Reason = {
  message: "this is asked for by too many names",
  hint: "give each a function of its own",
};
const NO_FLAG: Reason = {
  message: "this gives the same with its flag and without it",
  hint: "give the function and its derivative names of their own",
};
const NO_NUMBER: Reason = { message: "this function does not return a number", hint: "return a number" };
const NO_METHOD: Reason = { message: "an instance has something else by this name", hint: "write it as a method" };

const isSame = (a: Value | undefined, b: Value): boolean =>
  a?.kind === "number" && b.kind === "number" && a.expr === b.expr;

/** The result for numbers; for arrays that these are the elements of, where the function takes arrays. */
function ofElements(args: Given, run: (given: Given) => Value): Value {
  try {
    return run(args);
  } catch (error) {
    if (!(error instanceof Diagnostic) || error.message !== ARRAY.message) throw error;
    const isElement = (arg: Value | undefined): boolean =>
      arg?.kind === "number" && (arg.expr === x || arg.expr === y || arg.expr === dy);
    if (!args.some(isElement)) throw error;
    const inArrays = (given: Given): Given =>
      given.map((arg, i) => (isElement(args[i]) ? { kind: "elements", each: arg! } : arg));
    const rows = inArrays(args);
    try {
      return eachOf(run(rows)) ?? never(error);
    } catch (second) {
      // Rows of rows.
      if (!(second instanceof Diagnostic) || second.message !== ARRAY.message) throw second;
      const row = eachOf(run(inArrays(rows)));
      return (row && eachOf(row)) ?? never(second);
    }
  }
}

const never = (error: Diagnostic): never => {
  throw error;
};

interface Instance {
  readonly self: RecordValue;
  readonly names: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** An instance of the class that both are methods of, for any arguments of its constructor; none where neither looks at it. */
function instanceFor(
  base: NamedFunction,
  derivative: NamedFunction,
  reader: Reader,
  symbols: Symbols,
  written: (place: Span) => string,
): Instance | undefined {
  const { maker } = derivative;
  if (maker === undefined || base.maker === undefined) return undefined;
  const notes: string[] = [];
  const given = (constructorOf(maker)?.args ?? []).map(({ target, initial }): Value | undefined => {
    const symbol = (name: string): Value => ({ kind: "number", expr: symbols(name, "instance") });
    if (target.kind === "name") {
      if (initial === undefined || initial.kind === "number" || initial.kind === "unary") return symbol(target.name);
      if (initial.kind !== "object") notes.push(`${target.name} = ${written(initial)}`);
      return undefined;
    }
    if (target.kind === "unreadable") return undefined;
    return { kind: "object", member: symbol };
  });
  const construct = (): RecordValue | undefined => {
    try {
      return reader.construct(maker, given, derivative.place);
    } catch (error) {
      // Functions that do not look at the object are read without it, unless it may have others by their names.
      const own = new Set(["this", "super"]);
      const needsIt = [base, derivative].some(({ node }) => mentions(node.body, own));
      const text = maker.node.maker === undefined ? "" : written(maker.node.maker);
      const mayReplace = new RegExp(
        `\\bthis\\s*(?:\\[|\\.\\s*(?:${[base, derivative].map(({ name }) => name.replace(/\W/g, "\\$&")).join("|")})\\b)|\\bObject\\b`,
      );
      if (!(error instanceof Diagnostic) || needsIt || mayReplace.test(text)) throw error;
      return undefined;
    }
  };
  const self = construct();
  if (self === undefined) return undefined;
  const names = new Map<string, string>();
  for (const [name, cell] of self.record.cells) {
    const value = known(cell);
    if (value?.kind === "number" && value.expr.op === "variable")
      names.set(variableOf(value.expr).name, `this.${name}`);
  }
  return { self, names, notes };
}

function constructorOf({ node, base }: Maker): FunctionNode | undefined {
  return node.maker ?? (base === undefined || base === "foreign" ? undefined : constructorOf(base));
}
