/** Instances of classes, for any arguments of `__init__`. */
import { variableOf } from "../../ir/expr.js";
import { lineage, methodOf } from "./classes.js";
import { partsOf } from "./convert.js";
import type { Reading } from "./gradients.js";
import type { ClassNode, FunctionNode, Statement } from "./syntax.js";
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
