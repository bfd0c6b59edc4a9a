/** The functions of a file by name: declared, exported, or members of objects and classes, as they are once it is loaded. */
import type { Span } from "../place.js";
import type { Reader } from "./reader.js";
import type { Expression, ExpressionOf, FunctionNode, Member, Source, Statement } from "./syntax.js";
import { MAY_CHANGE, REASSIGNED } from "./unreadable.js";
import { TRUE, type FunctionValue, type Value } from "./values.js";

export interface NamedFunction {
  readonly name: string;
  /** With the objects that it is a member of: `relu.backward`. */
  readonly path: string;
  /** The path of the object that it is a member of; empty for the file itself. */
  readonly group: string;
  /** Where it is named. */
  readonly place: Span;
  readonly node: FunctionNode;
  readonly value: FunctionValue;
}

/** A name and the value that the text gives it, which may be another by the time the file is loaded. */
interface Named {
  readonly name: string;
  readonly place: Span;
  readonly value: Expression;
  readonly now: Value | undefined;
}

export function namedFunctions({ statements, effects }: Source, reader: Reader): readonly NamedFunction[] {
  /** By path: of two functions of one name the last counts. */
  const found = new Map<string, NamedFunction>();

  const add = ({ name, place, value, now }: Named, path: string, group: string): void => {
    const written = value.kind === "function" ? reader.functionOf(value.node) : ofMath(value, reader);
    const meant = now?.kind === "function" ? now : written;
    if (meant === undefined) return;
    const isKnown = now?.kind === "function" || now === undefined || now.kind === "nothing" || now.kind === "builtin";
    const why = now?.kind === "refused" ? now.reason : MAY_CHANGE;
    const node = isKnown ? meant.node : { ...meant.node, reason: why };
    found.set(path, { name, path, group, place, node, value: { ...meant, node } });
  };

  const visit = (named: Named, group: string): void => {
    const { name, value, now } = named;
    const path = group === "" ? name : `${group}.${name}`;
    const record = now?.kind === "record" ? now.record : undefined;
    const inside = (member: Member): Value | undefined => {
      if (member.kind === "unknown" || member.kind === "spread" || record === undefined) return undefined;
      const isFrozen = record.frozen.content === TRUE;
      const why = record.tainted ?? (effects.written.has(member.name) && !isFrozen ? MAY_CHANGE : undefined);
      if (why !== undefined) return { kind: "refused", reason: why };
      const content = record.cells.get(member.name)?.content;
      return typeof content === "function" ? undefined : content;
    };
    const members = (list: readonly Member[], isOfClass: boolean): void => {
      for (const member of list)
        if (member.kind === "value")
          visit(
            {
              name: member.name,
              place: member.place,
              value: member.value,
              now: isOfClass ? undefined : inside(member),
            },
            path,
          );
    };
    const literal = value.kind === "call" ? frozen(value) : value;
    if (literal.kind === "object") members(literal.members, false);
    if (literal.kind === "class") {
      members(literal.ofInstances, true);
      members(literal.statics, false);
    }
    if (literal.kind === "list")
      literal.elements.forEach((element, i) => {
        const member: Member = { kind: "value", name: String(i), place: element, value: element };
        visit({ name: `${name}[${i}]`, place: element, value: element, now: inside(member) }, group);
      });
    add(named, path, group);
  };

  for (const statement of statements)
    for (const named of namesOf(statement, reader, effects.reassigned)) visit(named, "");
  return [...found.values()];
}

/** The name in a statement of the file: of a variable, or of a member of `exports`, the variables of CommonJS. */
function namesOf(statement: Statement, reader: Reader, reassigned: ReadonlySet<string>): readonly Named[] {
  if (statement.kind === "declare" && statement.target.kind === "name" && statement.value !== undefined) {
    const { name } = statement.target;
    const content = reader.module.cells.get(name)?.content;
    const now: Value | undefined = reassigned.has(name)
      ? { kind: "refused", reason: REASSIGNED }
      : typeof content === "function"
        ? undefined
        : content;
    return [{ name, place: statement.target, value: statement.value, now }];
  }
  if (statement.kind !== "assign" || statement.target.kind !== "member") return [];
  const { target, value } = statement;
  const name = exportedName(target);
  return name === undefined ? [] : [{ name, place: nameOf(target), value, now: reader.peek(target) }];
}

const nameOf = ({ end, name }: ExpressionOf<"member">): Span => ({ start: end - name.length, end });

/** `f` of `exports.f` and of `module.exports.f`, and `module.exports` itself. */
function exportedName(target: ExpressionOf<"member">): string | undefined {
  const isModule = (part: Expression): boolean => part.kind === "name" && part.name === "module";
  const isExports = (part: Expression): boolean =>
    (part.kind === "name" && part.name === "exports") ||
    (part.kind === "member" && part.name === "exports" && isModule(part.object));
  if (isExports(target)) return "module.exports";
  return isExports(target.object) ? target.name : undefined;
}

/** The argument of `Object.freeze(...)`. */
const frozen = (call: ExpressionOf<"call">): Expression =>
  call.args.length === 1 && call.callee.kind === "member" && call.callee.name === "freeze" ? call.args[0]! : call;

/** `x => f(x)` for a function of Math that is only named. */
function ofMath(callee: Expression, reader: Reader): FunctionValue | undefined {
  if (callee.kind !== "member" || callee.object.kind !== "name" || callee.object.name !== "Math") return undefined;
  const { start, end } = callee;
  const name = { kind: "name", name: "x", start, end } as const;
  return reader.functionOf({
    args: [{ target: name, start, end }],
    body: { kind: "return", value: { kind: "call", callee, args: [name], start, end }, start, end },
    variables: [],
    blockFunctions: [],
    tags: [],
    start,
    end,
  });
}
