/** The functions of a file by name: declared, exported, or members of object literals and classes. */
import type { Span } from "../place.js";
import type { Expression, FunctionNode, Source } from "./syntax.js";
import { REASSIGNED } from "./unreadable.js";

export interface NamedFunction {
  readonly name: string;
  /** With the objects that it is a member of: `relu.backward`. */
  readonly path: string;
  /** The path of the object that it is a member of; empty for the file itself. */
  readonly group: string;
  /** Where it is named. */
  readonly place: Span;
  readonly node: FunctionNode;
}

export function namedFunctions({ statements, reassigned }: Source): readonly NamedFunction[] {
  /** By path: of two functions of one name the last counts. */
  const found = new Map<string, NamedFunction>();
  const declared = new Map<string, Expression>();
  const visit = (name: string, place: Span, value: Expression, group: string, stale: boolean): void => {
    const path = group === "" ? name : `${group}.${name}`;
    if (value.kind === "object")
      for (const member of value.members) visit(member.name, member.place, member.value, path, stale);
    if (value.kind === "list")
      value.elements.forEach((element, i) => visit(`${name}[${i}]`, element, element, group, stale));
    const node = functionOf(value, declared);
    if (node !== undefined)
      found.set(path, { name, path, group, place, node: stale ? { ...node, reason: REASSIGNED } : node });
  };

  const named = statements.flatMap((statement) =>
    statement.kind === "declare" && statement.target.kind === "name" && statement.value !== undefined
      ? [{ name: statement.target.name, place: statement.target, value: statement.value, how: statement.how }]
      : [],
  );
  for (const { name, value } of named) declared.set(name, value);
  for (const { name, place, value, how } of named)
    visit(name.replace(/^exports\./, ""), place, value, "", how !== "const" && reassigned.has(name));
  return [...found.values()];
}

function functionOf(value: Expression, declared: ReadonlyMap<string, Expression>): FunctionNode | undefined {
  const meant = value.kind === "name" ? declared.get(value.name) : value;
  if (meant?.kind === "function") return meant.node;
  return meant?.kind === "member" && meant.object.kind === "name" && meant.object.name === "Math"
    ? ofOneArgument(meant)
    : undefined;
}

/** `x => f(x)` for a function of Math that is only named. */
function ofOneArgument(callee: Expression): FunctionNode {
  const { start, end } = callee;
  const name = { kind: "name", name: "x", start, end } as const;
  return {
    args: [{ target: name, start, end }],
    body: { kind: "return", value: { kind: "call", callee, args: [name], start, end }, start, end },
    tags: [],
    start,
    end,
  };
}
