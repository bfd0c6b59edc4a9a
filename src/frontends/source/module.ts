/** An emitted module back into expressions: what its functions compute, and what its loops store for each element. */
import { dy, variable, x, y } from "../../ir/build.js";
import { substitute, variables, type Expr } from "../../ir/expr.js";
import { quote, type Reason, type Span, type Refuse, refusing } from "../place.js";
import { elementName } from "./expressions.js";
import { FLOATS } from "./floats.js";
import { parseEmitted } from "./emitted.js";
import { createReader, type Reader } from "./reader.js";
import type { FunctionNode, Source, Statement, StatementOf } from "./syntax.js";
import { NOTHING, asNumber, createScope, valueOf, type Value } from "./values.js";

export interface ReadModule {
  /** `value`, `derivative`, `secondDerivative` in x and the parameters; helpers in wildcards named as their arguments. */
  readonly functions: ReadonlyMap<string, Expr>;
  /** The values that `forward` and `backward` store, one for each lane: in x (in y if that is saved) and in dy. */
  readonly loops: ReadonlyMap<string, readonly Expr[]>;
  /** The term that `backward` adds to the gradient of a parameter for each element. */
  readonly parameterGradients: ReadonlyMap<string, Expr>;
}

/** The same by one name each: `value`, `forward`, `gradient of beta`. Lanes that compute the same are one way to compute it. */
export function computedBy(module: ReadModule): (name: string) => readonly Expr[] | undefined {
  const all = new Map<string, readonly Expr[]>([
    ...[...module.functions].map(([name, expr]) => [name, [expr]] as const),
    ...[...module.loops].map(([name, lanes]) => [name, [...new Set(lanes)]] as const),
    ...[...module.parameterGradients].map(([name, expr]) => [`gradient of ${name}`, [expr]] as const),
  ]);
  return (name) => all.get(name);
}

export interface ModuleParameter {
  readonly name: string;
  readonly symbol: Expr;
}

/** The functions of the input, the loops with the array that each writes, and what is part of the language here. */
const OF_INPUT: ReadonlySet<string> = new Set(["value", "derivative", "secondDerivative"]);
const LOOPS: ReadonlyMap<string, string> = new Map([
  ["forward", "y"],
  ["backward", "dx"],
]);
const SPELLED = "choose";

type Declared = StatementOf<"declare"> & { readonly name: string; readonly node: FunctionNode };

export async function readModule(text: string, parameters: readonly ModuleParameter[]): Promise<ReadModule> {
  const source = await parseEmitted(text);
  const refuse: Refuse = refusing(text);
  const all = source.statements.flatMap(functionDeclaration);
  const others = source.statements.filter((statement) => functionDeclaration(statement).length === 0);
  // Helpers are calls of operations, so their own declarations are not looked up.
  const reader = createReader({ ...source, statements: others }, FLOATS);

  const symbols = new Map(parameters.map(({ name, symbol }) => [name, symbol]));
  const options: Value = {
    kind: "object",
    member: (name) => {
      const symbol = symbols.get(name);
      if (symbol !== undefined) return valueOf(symbol);
      const message = `the definition has no parameter ${quote(name)}`;
      return { kind: "refused", reason: { message, hint: "build the module again" } };
    },
  };

  const functions = new Map<string, Expr>();
  const loops = new Map<string, readonly Expr[]>();
  const parameterGradients = new Map<string, Expr>();
  for (const { name, node } of all) {
    const output = LOOPS.get(name);
    if (output !== undefined) {
      const loop = readLoop(node, output, options, source, reader, refuse);
      loops.set(name, loop.stored);
      for (const [parameter, amount] of loop.added) parameterGradients.set(parameter, amount);
    } else if (name !== SPELLED) {
      const args = node.args.map(({ target }, index): Value => {
        if (OF_INPUT.has(name)) return index === 0 ? valueOf(x) : options;
        return valueOf(variable("wildcard", target.kind === "name" ? target.name : ""));
      });
      functions.set(name, asNumber(reader.call(reader.functionOf(node), args)) ?? refuse(node, NOT_EMITTED));
    }
  }
  return { functions, loops, parameterGradients };
}

const NOT_EMITTED: Reason = {
  message: "this is not what a generated module has here",
  hint: "build the module again, and do not edit it",
};

const functionDeclaration = (statement: Statement): Declared[] =>
  statement.kind === "declare" && statement.target.kind === "name" && statement.value?.kind === "function"
    ? [{ ...statement, name: statement.target.name, node: statement.value.node }]
    : [];

interface Loop {
  readonly stored: readonly Expr[];
  readonly added: ReadonlyMap<string, Expr>;
}

/** The arrays that loops read, by the names of the arguments. */
const INPUTS: ReadonlyMap<string, Expr> = new Map([
  ["x", x],
  ["y", y],
  ["dy", dy],
]);
const INDICES = ["i", "j"] as const;

function readLoop(
  node: FunctionNode,
  output: string,
  options: Value,
  source: Source,
  reader: Reader,
  refuse: Refuse,
): Loop {
  const scope = createScope({}, reader.module);
  const declare = (name: string, content: Value, constant = true): void =>
    void scope.cells.set(name, { content, constant, owner: scope.owner });
  const held = (name: string, place: Span): Expr =>
    asNumber(scope.cells.get(name)!.content as Value) ?? refuse(place, NOT_EMITTED);

  const arrays: string[] = [];
  for (const { target } of node.args) {
    if (target.kind === "name" && target.name !== output && INPUTS.has(target.name)) arrays.push(target.name);
    if (target.kind !== "fields") continue;
    for (const { key, local, ...place } of target.fields) {
      const value = (options as Extract<Value, { kind: "object" }>).member(key)!;
      declare(local, value.kind === "refused" ? refuse(place, value.reason) : value);
    }
  }
  /** The symbol of an element: in the second lane one of its own until it is known to read no other element. */
  const elementOf = (array: string, lane: number): Expr =>
    lane === 0 ? INPUTS.get(array)! : variable("wildcard", elementName(array, INDICES[lane]!));

  const sums = new Map<string, Expr>();
  const added = new Map<string, Expr>();
  let stored: readonly Expr[] = [];

  const run = (loop: StatementOf<"for">): void => {
    const spaced = (span: Span): string => source.text.slice(span.start, span.end).replace(/\s+/g, " ").trim();
    const [, over, by] =
      /^for \(let i = 0; i < (\w+)\.length; i(\+\+| \+= 2)\) ?$/.exec(loop.header.replace(/\s+/g, " ")) ?? [];
    if (over !== arrays[0] || loop.body.kind !== "block") return refuse(loop, NOT_EMITTED);
    const lanes = by === "++" ? 1 : 2;
    const [first, ...others] = loop.body.body;
    if (lanes === 2 && (first === undefined || spaced(first) !== `j = i + 1 < ${over}.length ? i + 1 : i`))
      refuse(loop, NOT_EMITTED);
    for (let lane = 0; lane < lanes; lane++) {
      for (const array of arrays) declare(elementName(array, INDICES[lane]!), valueOf(elementOf(array, lane)));
      declare(elementName(output, INDICES[lane]!), NOTHING, false);
    }
    reader.execute(lanes === 2 ? { ...loop.body, body: others } : loop.body, scope);
    stored = INDICES.slice(0, lanes).map((index, lane) => ofLane(held(elementName(output, index), loop), lane, loop));
    for (const [name, before] of sums) {
      const after = held(name, loop);
      const [sum, amount] = after.args;
      if (after.op !== "add" || sum !== before || variables(amount!).includes(before)) refuse(loop, NOT_EMITTED);
      sums.set(name, ofLane(amount!, 0, loop));
    }
  };

  /** A lane's expression in the first lane's variables; refused when it reads what another lane reads. */
  const ofLane = (expr: Expr, lane: number, place: Span): Expr => {
    const foreign = arrays.map((array) => elementOf(array, 1 - lane));
    if (variables(expr).some((leaf) => foreign.includes(leaf))) refuse(place, NOT_EMITTED);
    return substitute(expr, new Map(arrays.map((array) => [elementOf(array, lane), elementOf(array, 0)])));
  };

  for (const statement of node.body.kind === "block" ? node.body.body : [])
    if (statement.kind === "for") run(statement);
    else if (statement.kind === "declare" && statement.target.kind === "name" && statement.how === "let") {
      const { name } = statement.target;
      if (statement.value?.kind !== "number" || statement.value.text !== "0") refuse(statement, NOT_EMITTED);
      const before = variable("wildcard", name);
      declare(name, valueOf(before), false);
      sums.set(name, before);
    } else if (statement.kind === "assign") {
      const { target, operator, value } = statement;
      const amount = value.kind === "name" ? sums.get(value.name) : undefined;
      if (target.kind !== "member" || operator !== "+" || amount === undefined) return refuse(statement, NOT_EMITTED);
      added.set(target.name, amount);
    } else if (!isCheck(statement) && statement.kind !== "return") refuse(statement, NOT_EMITTED);
  if (stored.length === 0) refuse(node, NOT_EMITTED);
  return { stored, added };
}

const isCheck = (statement: Statement): boolean =>
  statement.kind === "if" && statement.yes.kind === "raise" && statement.no === undefined;
