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
import { choiceFor } from "./choices.js";
import { eachOf } from "./elements.js";
import type { NamedFunction } from "./functions.js";
import type { Pairing } from "./pairing.js";
import type { SourceClaim } from "./pairs.js";
import type { Reader } from "./reader.js";
import type { RecordValue } from "./records.js";
import type { Expression, FunctionNode, Source } from "./syntax.js";
import { ARRAY } from "./unreadable.js";
import { FALSE, NOTHING, TRUE, asNumber, type Maker, type Value } from "./values.js";

type Given = readonly (Value | undefined)[];

/** The claims of a pair: one, or one for each kind that it is asked for. */
export function readPair(
  { base, derivative, order, flag }: Pairing,
  source: Source,
  reader: Reader,
  begin: (path: string) => void,
  report: (place: Span, reason: Reason) => void,
): readonly SourceClaim[] {
  const refuse: Refuse = refusing(source.text);
  const symbols = createSymbols();
  const written = ({ start, end }: Span): string => source.text.slice(start, end);

  const once = (): SourceClaim => {
    reader.standIns();
    const input = inputOf(base, reader, symbols);
    if ("message" in input) {
      begin(base.path);
      return refuse(base.place, input);
    }
    const { ofBase, ofDerivative, ...binding } = bindArguments(base, derivative, input, refuse, reader, symbols);
    const made = instanceFor(base, derivative, reader, symbols, written);

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
    const isCalledOutput = order === 1 && occurring.includes(y) && !occurring.includes(x);
    const said = flag === undefined ? "" : ` with ${written(derivative.node.args[flag]!)} = true`;
    return {
      name: base.path,
      derivativeName: derivative.path + said,
      formula,
      claim,
      ...(isOfOutput && { ofOutput: substitute(claim, new Map([[x, y]])) }),
      ...(isCalledOutput && { ofInput: substitute(claim, new Map([[y, x]])) }),
      order,
      input: input.name,
      notes: [...binding.notes, ...(made?.notes ?? [])],
      names: new Map([...binding.names, ...(made?.names ?? [])].filter(([name]) => used.has(name))),
      usual: symbols.usual,
    };
  };

  return reader.choices.forEach(base.place, () => [once()], report);
}

const NO_FLAG: Reason = {
  message: "this gives the same with its flag and without it",
  hint: "give the function and its derivative names of their own",
};
const NO_NUMBER: Reason = { message: "this function does not return a number", hint: "return a number" };
const NO_METHOD: Reason = { message: "an instance has something else by this name", hint: "write it as a method" };

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
  readonly notes: ReadonlySet<string>;
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
  const notes = new Set<string>();
  const given = (constructorOf(maker)?.args ?? []).map(({ target, initial }): Value | undefined => {
    const symbol = (name: string, left: Expression | undefined): Value | undefined => {
      const expr = symbols(name, "instance", left);
      const choice = choiceFor(expr, left, reader);
      if (choice !== undefined) notes.add(`${name} = ${choice.name}`);
      const isNumber = left === undefined || left.kind === "number" || left.kind === "unary";
      return choice?.value ?? (isNumber || reader.choices.isOpen(expr) ? { kind: "number", expr } : undefined);
    };
    if (target.kind === "unreadable") return undefined;
    const fields = target.kind === "fields" ? target.fields : undefined;
    if (target.kind === "name" && !(initial?.kind === "object" && initial.members.length === 0)) {
      const value = symbol(target.name, initial);
      if (value === undefined && initial?.kind !== "object") notes.add(`${target.name} = ${written(initial!)}`);
      return value;
    }
    // Options that are left out are taken to be given.
    return {
      kind: "object",
      member: (name) => symbol(name, fields?.find(({ key }) => key === name)?.initial) ?? NOTHING,
    };
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
