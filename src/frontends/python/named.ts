/** A function and its derivative by their names, or one function with a flag, of a file or of a class: run on symbols. */
import { dy, x, y } from "../../ir/build.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { createPairing, isFlag, type Nameable } from "../pairing.js";
import { quote, type Span } from "../place.js";
import { isGradientName, isOutputName } from "../roles.js";
import { lineage, methodOf } from "./classes.js";
import { partsOf } from "./convert.js";
import { within, type Gradient, type Reading } from "./gradients.js";
import { NO_INPUT, inputsOf, type Input } from "./inputs.js";
import type { Flavour } from "./reader.js";
import type { ClassNode, FunctionNode, Parameter, Statement } from "./syntax.js";
import {
  DATA_DEPENDENT,
  INFINITE,
  INPUT,
  MAY_CHANGE,
  NO_MASK,
  NO_NUMBER,
  PLUMBING,
  REDUCTION,
  reason,
} from "./unreadable.js";
import { FALSE, NONE, TRUE, asNumber, tensor, type ClassValue, type FunctionValue, type Value } from "./values.js";

export interface NamedFunction extends Nameable {
  readonly node: FunctionNode;
  readonly value: FunctionValue;
  /** The class that it is a method of. */
  readonly of?: ClassValue;
  /** Taken for granted of it, in words. */
  readonly note?: string;
}

export interface NamedPair {
  readonly kind: "pair";
  readonly path: string;
  readonly base: NamedFunction;
  readonly derivative: NamedFunction;
  /** Both are one function, and this argument says which is wanted. */
  readonly flag?: string;
}

export function pairsOf(functions: readonly NamedFunction[]): readonly NamedPair[] {
  const baseOf = createPairing(functions);
  return functions.flatMap((derivative): readonly NamedPair[] => {
    const { path, node } = derivative;
    const found = baseOf(derivative);
    // Second derivatives are found, so that they are not taken for others.
    if (found !== undefined) return found.order === 1 ? [{ kind: "pair", path, base: found.base, derivative }] : [];
    const flag = node.parameters.find(({ name }) => isFlag(name, node.body))?.name;
    return flag === undefined ? [] : [{ kind: "pair", path, base: derivative, derivative, flag }];
  });
}

export function readNamed({ base, derivative, flag }: NamedPair, reading: Reading): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  const written = ({ start, end }: Span): string => text.slice(start, end);
  reader.begin(flavourOf(text));
  const { of } = derivative;
  if (of !== undefined) reader.checkClass(of, [base.name, derivative.name]);
  const made = of === undefined || base.of === undefined ? undefined : instanceOf(of, [base, derivative], reading);
  const bound = (each: NamedFunction): readonly Value[] =>
    made === undefined ? [] : reader.boundTo(each.value, made.self);
  const parametersOf = (each: NamedFunction): readonly Parameter[] =>
    each.node.parameters
      .slice(bound(each).length)
      .filter(({ kind, name }) => kind !== "list" && kind !== "table" && name !== flag);

  const parameters = parametersOf(base);
  if (parameters.length === 0) return reader.refuse(base.node.place, NO_INPUT);
  const inputs = inputsOf(parameters, symbols, written, reader.refuse);
  const given = new Map(inputs.map((input) => [input.parameter.name, input]));
  const ofDerivative = rolesOf(parametersOf(derivative), inputs, derivative.name, reading);

  const run = (each: NamedFunction, values: ReadonlyMap<string, Value>, asked: Value): Expr => {
    const byName = flag === undefined ? values : new Map([...values, [flag, asked]]);
    const returned = reader.call(each.value, bound(each), byName);
    const result = returned.kind === "rows" ? returned.each : returned;
    const { place } = each.node;
    if (result.kind === "refused") return reader.refuse(place, result.reason);
    if (result.kind === "plumbing") return reader.refuse(place, PLUMBING);
    if (result.kind === "sum") return reader.refuse(result.place, REDUCTION);
    if (result.kind === "tensor" && result.memory.mask !== undefined) return reader.refuse(place, NO_MASK);
    return asNumber(result) ?? reader.refuse(place, NO_NUMBER);
  };
  const formula = run(base, new Map([...given].map(([name, input]) => [name, valueOf(input)])), FALSE);
  const claim = run(derivative, ofDerivative, TRUE);
  if (flag !== undefined && formula === claim) return reader.refuse(derivative.node.place, NO_FLAG);
  reader.requireValues(formula, claim);
  if (topological([formula, claim]).some(({ op }) => op === "float"))
    return reader.refuse(derivative.node.place, INFINITE);

  const used = variables(claim);
  const main = inputs.find(({ variable }) => variable === x)!;
  const taken = [base.note, derivative.note].filter((note) => note !== undefined);
  const assumed = new Set([...reader.assumptions(), ...taken]);
  const notes = [...inputs.flatMap(({ note }) => note ?? []), ...(made?.notes ?? []), ...assumed];
  return [
    {
      name: base.path,
      derivativeName: derivative.path + (flag === undefined ? "" : ` with ${flag} = True`),
      place: derivative.node.place,
      ...within(reader, formula, claim),
      ...(used.includes(x) &&
        !used.includes(y) && { ofOutput: within(reader, formula, substitute(claim, new Map([[x, y]]))).claim }),
      notes,
      names: new Map([
        ["x", main.parameter.name],
        ...inputs.flatMap(({ variable, parameter }) =>
          variable === undefined ? [] : [[variableOf(variable).name, parameter.name] as const],
        ),
        ...(made?.names ?? []),
      ]),
      flavour: flavourOf(text),
    },
  ];
}

const NO_FLAG = reason(
  "this gives the same with its flag and without it",
  "give the function and its derivative names of their own",
);
const UNTOLD = (name: string, base: string) =>
  reason(
    `it cannot be told what ${quote(name)} is: the input, the output or the incoming gradient`,
    `call it as ${quote(base)} does, "y" for the output, or "grad" for the gradient from above`,
  );
const DEFAULTS = (name: string, base: string) =>
  reason(
    `${quote(name)} has another default here than in ${quote(base)}`,
    "give both the same default, or leave it out in both",
  );

const flavourOf = (text: string): Flavour =>
  /^\s*(?:import|from)\s+torch\b/m.test(text)
    ? "torch"
    : /^\s*(?:import|from)\s+tensorflow\b/m.test(text)
      ? "tensorflow"
      : "numpy";

/** A value of its own for each call; a tensor may be one number as well. */
const valueOf = ({ value }: Pick<Input, "value">): Value =>
  value.kind === "tensor" ? tensor(value.memory.content, { single: true, guard: INPUT }) : value;

/** The values of a derivative's arguments: by their names, by the usual words, and by their positions. */
function rolesOf(
  parameters: readonly Parameter[],
  inputs: readonly Input[],
  derivative: string,
  { reader, text }: Reading,
): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  const taken = new Set<Input>();
  const give = (parameter: Parameter, input: Input): void => {
    const [p, q] = [parameter.initial, input.parameter.initial];
    const isSame = p === undefined || q === undefined || text.slice(p.start, p.end) === text.slice(q.start, q.end);
    if (!isSame) reader.refuse(parameter, DEFAULTS(parameter.name, derivative));
    taken.add(input);
    found.set(parameter.name, valueOf(input));
  };
  const waiting = (): readonly Parameter[] => parameters.filter(({ name }) => !found.has(name));
  for (const parameter of waiting()) {
    const input = inputs.find((each) => each.parameter.name === parameter.name);
    if (input !== undefined) give(parameter, input);
  }
  for (const [isNamed, expr] of [
    [isGradientName, dy],
    [isOutputName, y],
  ] as const) {
    const meant = waiting().find(({ name, initial }) => initial === undefined && isNamed(name, derivative));
    if (meant !== undefined) found.set(meant.name, tensor(expr, { single: true, guard: INPUT }));
  }
  for (const parameter of waiting()) {
    const input = inputs[parameters.indexOf(parameter)];
    if (input !== undefined && !taken.has(input)) give(parameter, input);
    else if (parameter.initial === undefined)
      reader.refuse(parameter, UNTOLD(parameter.name, inputs[0]!.parameter.name));
  }
  return found;
}

interface Instance {
  readonly self: Extract<Value, { readonly kind: "context" }>;
  readonly names: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** An instance for any arguments of `__init__`; attributes that other methods write are known once these have. */
function instanceOf(of: ClassValue, used: readonly NamedFunction[], { reader, symbols, text }: Reading): Instance {
  const { classes } = lineage(of, reader.peek);
  const notes: string[] = [];
  const parameters = methodOf(classes, "__init__")?.node.parameters.slice(1) ?? [];
  const given = parameters
    .filter(({ kind }) => kind === "plain" || kind === "keyword")
    .map(({ name, initial }): Value => {
      const isNumber = initial === undefined || initial.kind === "number" || initial.kind === "unary";
      if (isNumber) return { kind: "number", expr: symbols(name, "instance") };
      notes.push(`${name} = ${text.slice(initial.start, initial.end)}`);
      if (initial.kind === "none") return NONE;
      if (initial.kind === "text") return { kind: "text", text: initial.text };
      return initial.kind === "truth" ? (initial.value ? TRUE : FALSE) : reader.refuse(initial, DATA_DEPENDENT);
    });
  const self = reader.construct(of, given);
  const changed = new Set(classes.flatMap(({ node }) => writtenIn(node)));
  for (const { name, node } of used) if (self.context.attributes.has(name)) reader.refuse(node.place, MAY_CHANGE);
  const names = new Map<string, string>();
  for (const [name, cell] of self.context.attributes) {
    const { content } = cell;
    if (changed.has(name)) cell.content = { kind: "refused", reason: MAY_CHANGE };
    else if (typeof content !== "function" && content.kind === "number" && content.expr.op === "variable")
      names.set(variableOf(content.expr).name, `${used[0]!.node.parameters[0]?.name ?? "self"}.${name}`);
  }
  return { self, names, notes };
}

/** The attributes that the methods of a class write, other than `__init__`, of whatever object. */
function writtenIn({ body }: ClassNode): readonly string[] {
  const names: string[] = [];
  const waiting: { readonly statement: Statement; readonly isMaking: boolean }[] = body.map((statement) => ({
    statement,
    isMaking: false,
  }));
  while (waiting.length > 0) {
    const { statement, isMaking } = waiting.pop()!;
    const targets =
      statement.kind === "assign" ? statement.targets : statement.kind === "update" ? [statement.target] : [];
    for (const target of targets.flatMap((each) => (each.kind === "tuple" ? each.items : [each]))) {
      if (target.kind === "member" && !isMaking) names.push(target.name);
      if (target.kind === "element" && target.object.kind === "member" && !isMaking) names.push(target.object.name);
    }
    if (statement.kind === "function")
      waiting.push({ statement: statement.node.body, isMaking: statement.node.name === "__init__" });
    for (const part of partsOf(statement)) waiting.push({ statement: part, isMaking });
  }
  return names;
}
