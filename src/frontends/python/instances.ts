/** Instances of classes, for any arguments of `__init__`. */
import { variableOf } from "../../ir/expr.js";
import { known } from "../interpreter/scopes.js";
import { piecesOf } from "../interpreter/syntax.js";
import { choiceFor } from "./choices.js";
import { lineage, methodOf } from "./classes.js";
import { partsOf } from "./convert.js";
import type { Reading } from "./gradients.js";
import type { FunctionNode, Parameter, Statement } from "./syntax.js";
import { DATA_DEPENDENT, MAY_CHANGE } from "./unreadable.js";
import { FALSE, NONE, TRUE, type ClassValue, type Value } from "./values.js";

export interface Instance {
  readonly self: Extract<Value, { readonly kind: "context" }>;
  readonly names: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** An instance for any arguments of `__init__`; attributes that other methods write are known once these have. */
export function instanceOf(
  of: ClassValue,
  used: readonly { readonly name: string; readonly node: FunctionNode }[],
  { reader, symbols, text }: Reading,
): Instance {
  const { classes } = lineage(of, reader.peek);
  const notes: string[] = [];
  const parameters = methodOf(classes, "__init__")?.node.parameters.slice(1) ?? [];
  const valueOf = (parameter: Parameter): Value => {
    const { name, initial } = parameter;
    const symbol = symbols(name, "instance", initial);
    const choice = choiceFor(symbol, parameter, reader.choices);
    if (choice !== undefined) notes.push(`${name} = ${choice.name}`);
    const isNumber = initial === undefined || ["number", "unary", "text"].includes(initial.kind);
    if (isNumber) return choice?.value ?? { kind: "number", expr: symbol };
    notes.push(`${name} = ${text.slice(initial.start, initial.end)}`);
    if (initial.kind === "none") return NONE;
    return initial.kind === "truth" ? (initial.value ? TRUE : FALSE) : reader.refuse(initial, DATA_DEPENDENT);
  };
  const wanted = parameters.filter(({ kind }) => kind === "plain" || kind === "keyword");
  const self = reader.construct(of, new Map(wanted.map((each) => [each.name, valueOf(each)])));
  const written = classes.flatMap(({ node }) => writtenIn(node.body));
  const namesOf = (isInside: boolean): ReadonlySet<string> =>
    new Set(written.flatMap((each) => (each.isInside === isInside ? [each.name] : [])));
  const [changed, changedInside] = [namesOf(false), namesOf(true)];
  for (const { name, node } of used) if (self.context.attributes.has(name)) reader.refuse(node.place, MAY_CHANGE);
  const names = new Map<string, string>();
  const own = new Set(reachable(used, classes).flatMap(({ body }) => writtenIn([body], true).map(({ name }) => name)));
  for (const [name, cell] of self.context.attributes) {
    const value = known(cell);
    const isTable = value?.kind === "table";
    // Others may change it between two calls, but neither of these does.
    const isLearned = changed.has(name) && !own.has(name) && !changedInside.has(name) && value?.kind === "number";
    if (isLearned) {
      const expr = symbols(name, "state");
      const path = `${used[0]!.node.parameters[0]?.name ?? "self"}.${name}`;
      cell.content = { kind: "number", expr };
      names.set(variableOf(expr).name, path);
      notes.push(`${path} taken to be the same in both`);
    } else if (changed.has(name) || (changedInside.has(name) && !isTable)) cell.content = UNKNOWN;
    else if (isTable && (changedInside.has(name) || isGivenAway(name, text)))
      for (const item of value.cells.values()) item.content = UNKNOWN;
    else if (value?.kind === "number" && value.expr.op === "variable")
      names.set(variableOf(value.expr).name, `${used[0]!.node.parameters[0]?.name ?? "self"}.${name}`);
  }
  return { self, names, notes };
}

/** These methods, and those of their class that they call. */
function reachable(
  used: readonly { readonly node: FunctionNode }[],
  classes: readonly ClassValue[],
): readonly FunctionNode[] {
  const found = new Set(used.map(({ node }) => node));
  for (const { body } of found)
    for (const piece of piecesOf(body)) {
      const method = piece["kind"] === "member" ? methodOf(classes, String(piece["name"])) : undefined;
      if (method !== undefined) found.add(method.node);
    }
  return [...found];
}

/** A dictionary that something else than a look at one of its entries is done with, anywhere in the file. */
const isGivenAway = (name: string, text: string): boolean =>
  new RegExp(`\\.${name}\\b(?!\\s*=[^=]|\\s*\\[[^\\]\\n]*\\](?!\\s*(?:[-+*/@%&|^]|\\*\\*|//|>>|<<)?=[^=]))`).test(text);

const UNKNOWN: Value = { kind: "refused", reason: MAY_CHANGE };

/** The attributes that the methods of a class write, or write into, other than `__init__`, of whatever object. */
export function writtenIn(
  body: readonly Statement[],
  isAll = false,
): readonly { readonly name: string; readonly isInside: boolean }[] {
  const names: { readonly name: string; readonly isInside: boolean }[] = [];
  const waiting: { readonly statement: Statement; readonly isMaking: boolean }[] = body.map((statement) => ({
    statement,
    isMaking: false,
  }));
  while (waiting.length > 0) {
    const { statement, isMaking } = waiting.pop()!;
    const targets =
      statement.kind === "assign" ? statement.targets : statement.kind === "update" ? [statement.target] : [];
    for (const target of targets.flatMap((each) => (each.kind === "tuple" ? each.items : [each]))) {
      if (target.kind === "member" && !isMaking) names.push({ name: target.name, isInside: false });
      if (target.kind === "element" && target.object.kind === "member" && !isMaking)
        names.push({ name: target.object.name, isInside: true });
    }
    if (statement.kind === "function")
      waiting.push({ statement: statement.node.body, isMaking: !isAll && statement.node.name === "__init__" });
    for (const part of partsOf(statement)) waiting.push({ statement: part, isMaking });
  }
  return names;
}
