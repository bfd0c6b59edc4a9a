/** The functions of a file by name: declared, exported, or members of objects and classes, as they are once it is loaded. */
import { parameter } from "../../ir/build.js";
import { ifRead } from "../interpreter/refusals.js";
import { known } from "../interpreter/scopes.js";
import { piecesOf } from "../interpreter/syntax.js";
import type { Span } from "../place.js";
import type { Reader } from "./reader.js";
import type { Expression, ExpressionOf, FunctionNode, Member, Source, Statement, StatementOf } from "./syntax.js";
import { MAY_CHANGE, REASSIGNED } from "./unreadable.js";
import {
  TRUE,
  isImported,
  recordOf,
  type FunctionValue,
  type Maker,
  type MemberCell,
  type Record,
  type Value,
} from "./values.js";

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
  /** The class whose instances have it as a member of this name. */
  readonly maker?: Maker;
  /** The object that it is called of. */
  readonly self?: Value;
  /** The file that it is of, where it is another. */
  readonly from?: string;
  /** Another object may have it as well, as a function of its own. */
  readonly isGiven?: boolean;
}

/** A name and what it stands for: what the text gives it, which may be another by the time the file is loaded. */
interface Named {
  readonly name: string;
  readonly place: Span;
  readonly written?: Expression;
  readonly now: Value | undefined;
  readonly maker?: Maker;
  readonly self?: Value;
  /** A function of the file makes it for whoever asks. */
  readonly isGiven?: boolean;
}

export function namedFunctions({ statements, effects }: Source, reader: Reader): readonly NamedFunction[] {
  /** By path: of two functions of one name the last counts. */
  const found = new Map<string, NamedFunction>();

  const add = ({ name, place, written, now, ...more }: Named, path: string, group: string): void => {
    const inText =
      written?.kind === "function"
        ? reader.functionOf(written.node)
        : written && (ofMath(written, reader) ?? ofOthers(written, reader));
    const meant = now?.kind === "function" ? now : inText;
    if (meant === undefined) return;
    const isKnown = now?.kind === "function" || now === undefined || now.kind === "nothing" || now.kind === "builtin";
    const why = now?.kind === "refused" ? now.reason : MAY_CHANGE;
    const node = isKnown ? meant.node : { ...meant.node, reason: why };
    found.set(path, { name, path, group, place, node, value: { ...meant, node }, ...more });
  };

  const current = (record: Record | undefined, name: string, holder?: Value): Value | undefined => {
    // Others that may change an object may change all that is inside of it.
    if (holder?.kind === "refused" && holder.reason === MAY_CHANGE) return holder;
    if (record === undefined) return effects.written.has(name) ? { kind: "refused", reason: MAY_CHANGE } : undefined;
    const why =
      record.tainted ?? (effects.written.has(name) && record.frozen.content !== TRUE ? MAY_CHANGE : undefined);
    if (why !== undefined) return { kind: "refused", reason: why };
    return known(record.cells.get(name));
  };

  /** The objects that have been looked at: one may have many names, and itself as a member. */
  const seen = new Set<Record>();
  const visit = (named: Named, group: string): void => {
    const { name, written, now } = named;
    const path = group === "" ? name : `${group}.${name}`;
    const record = recordOf(now);
    if (record !== undefined) {
      if (seen.has(record)) return now?.kind === "function" ? add(named, path, group) : undefined;
      seen.add(record);
    }

    const members = (
      list: readonly Member[],
      of: Record | undefined,
      more: Pick<Named, "maker" | "self"> = {},
    ): void => {
      for (const member of list)
        if (member.kind === "value")
          visit(
            {
              name: member.name,
              place: member.place,
              written: member.value,
              now: current(of, member.name, now),
              ...more,
            },
            path,
          );
        else if (member.kind === "computed")
          visit({ name: member.name, place: member.place, written: member.value, now: undefined }, path);
    };
    /** Members that the object was given later. */
    const others = (
      of: Record | undefined,
      list: readonly Member[],
      more: Pick<Named, "maker" | "self" | "isGiven"> = {},
    ): void => {
      const own = new Set(list.flatMap((member) => (member.kind === "value" ? [member.name] : [])));
      for (const [key, cell] of of?.cells ?? [])
        if (!own.has(key) && !cell.isGetter)
          visit({ name: key, place: placeIn(of!, cell), now: current(of, key), ...more }, path);
    };
    const literal = written === undefined ? undefined : frozen(written);
    const self = record === undefined ? {} : { self: { kind: "record", record } as const };
    if (literal?.kind === "object") {
      members(literal.members, record, self);
      others(record, literal.members, self);
    } else if (literal?.kind === "class") {
      const maker = record?.maker;
      const ofClass = maker === undefined ? {} : { maker };
      members([...literal.methods, ...literal.fields], maker?.prototype, ofClass);
      members(givenWhileMade(literal), undefined, ofClass);
      members(literal.statics, record, self);
      others(record, literal.statics, self);
      others(maker?.prototype, literal.methods, ofClass);
    } else if (literal?.kind === "list")
      literal.elements.forEach((element, i) => {
        const place = { start: element.start, end: element.end };
        visit({ name: `${name}[${i}]`, place, written: element, now: current(record, String(i), now) }, group);
      });
    else if (record?.kind === "class") {
      others(record, [], now?.kind === "function" ? {} : self);
      others(record.maker?.prototype, [], record.maker === undefined ? {} : { maker: record.maker });
    } else if (record?.kind === "object" || record?.kind === "instance") {
      // Of two members of one name the object's own counts, which comes last.
      for (const each of named.isGiven === true ? lineage(record) : [record])
        others(each, [], now?.kind === "function" ? {} : { ...self, isGiven: each !== record });
    }
    add(named, path, group);
  };

  /** `register("relu", f, df)`: two functions that are given together, and objects of functions. */
  const given = ({ callee, args }: StatementOf<"effect">): void => {
    const group = nameOfCallee(callee);
    const [first] = args;
    const name = first?.kind === "text" ? first.text : `${args[0]?.start ?? 0}`;
    if (group === undefined) return;
    for (const arg of args) if (arg.kind === "object") visit({ name, place: arg, written: arg, now: undefined }, group);
    const isFunction = (arg: Expression): boolean => arg.kind === "function" || reader.peek(arg)?.kind === "function";
    const functions = args.filter(
      (arg) => (arg.kind === "function" || arg.kind === "name" || arg.kind === "member") && isFunction(arg),
    );
    if (functions.length !== 2) return;
    functions.forEach((written, i) => {
      const { start, end } = written;
      const now = written.kind === "function" ? undefined : reader.peek(written);
      visit({ name: `${name}[${i}]`, place: { start, end }, written, now }, group);
    });
  };

  for (const statement of statements) if (statement.kind === "effect") given(statement);
  for (const statement of statements)
    for (const named of namesOf(statement, reader, effects.reassigned)) visit(named, "");
  for (const giver of [...found.values()]) {
    const given = givenBy(giver, reader);
    if (given.length > 0) found.delete(giver.path);
    for (const { name, value } of given) {
      const [path, group] = [`${giver.path}(${name})`, `${giver.group}(${name})`];
      if (value.kind !== "function") visit({ name: path, place: giver.place, now: value, isGiven: true }, "");
      else found.set(path, { name: giver.name, path, group, place: value.node, node: value.node, value });
    }
  }
  return [...found.values()];
}

/** The results of a function of nothing but a kind for each of them: functions, or objects of functions. */
function givenBy(
  { node, value: giver, self }: NamedFunction,
  reader: Reader,
): readonly { readonly name: string; readonly value: Value }[] {
  if (node.args.length !== 1 || node.args[0]!.target.kind !== "name" || ![...piecesOf(node.body)].some(mayAsk))
    return [];
  const call = (argument: Value): Value | undefined => ifRead(() => reader.call(giver, [argument], self));
  const choices = reader.choices.askedBy(KIND, () => call({ kind: "number", expr: KIND }));
  return choices.flatMap(({ name, value: kind }) => {
    const value = call(kind);
    return value?.kind === "function" || value?.kind === "record" ? [{ name, value }] : [];
  });
}
const KIND = parameter("kind");
const mayAsk = ({ kind, operator }: Readonly<{ [key: string]: unknown }>): boolean =>
  kind === "element" || kind === "text" || (kind === "binary" && /^[!=]==?$/.test(String(operator)));

/** `this.activation = (x) => ...` of a constructor: a function of each instance. */
const givenWhileMade = ({ maker }: ExpressionOf<"class">): readonly Member[] =>
  (maker === undefined ? [] : unblocked(maker.body)).flatMap((each): readonly Member[] => {
    if (each.kind !== "assign" || each.target.kind !== "member" || each.value.kind !== "function") return [];
    const { object, name } = each.target;
    const isOwn = object.kind === "name" && object.name === "this";
    return isOwn ? [{ kind: "value", name, place: nameOf(each.target), value: each.value }] : [];
  });

const unblocked = (statement: Statement): readonly Statement[] =>
  statement.kind === "block" ? statement.body.flatMap(unblocked) : [statement];

/** The objects that one has members of, the furthest first. */
const lineage = (record: Record): readonly Record[] => [
  ...(record.shared === undefined ? [] : lineage(record.shared)),
  record,
];

/** Where a member is named, or where the function is that an instance was given. */
function placeIn({ kind }: Record, cell: MemberCell): Span {
  const value = known(cell);
  return kind === "instance" && value?.kind === "function" ? value.node : cell.place;
}

/** The name in a statement of the file: of a variable, or of a member of `exports`, the variables of CommonJS. */
function namesOf(statement: Statement, reader: Reader, reassigned: ReadonlySet<string>): readonly Named[] {
  if (statement.kind === "declare" && statement.target.kind === "name" && statement.value !== undefined) {
    const { name } = statement.target;
    const now: Value | undefined = reassigned.has(name)
      ? { kind: "refused", reason: REASSIGNED }
      : known(reader.module.cells.get(name));
    return [{ name, place: statement.target, written: statement.value, now }];
  }
  if (statement.kind !== "assign" || statement.target.kind !== "member") return [];
  const { target, value } = statement;
  const name = exportedName(target);
  return name === undefined ? [] : [{ name, place: nameOf(target), written: value, now: reader.peek(target) }];
}

/** `register`, and `table.set`. */
const nameOfCallee = (callee: Expression): string | undefined => {
  if (callee.kind === "name") return callee.name;
  const object = callee.kind === "member" ? nameOfCallee(callee.object) : undefined;
  return object === undefined || callee.kind !== "member" ? undefined : `${object}.${callee.name}`;
};

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
const frozen = (value: Expression): Expression =>
  value.kind === "call" && value.args.length === 1 && value.callee.kind === "member" && value.callee.name === "freeze"
    ? value.args[0]!
    : value;

/** `x => f(x)` for a function of Math that is only named. */
function ofMath(callee: Expression, reader: Reader): FunctionValue | undefined {
  if (callee.kind !== "member" || callee.object.kind !== "name" || callee.object.name !== "Math") return undefined;
  return reader.functionOf(calling(callee, ["x"]));
}

/** `(a, b) => f(a, b)` for a function of another file, wherever it stands. */
function ofOthers(written: Expression, reader: Reader): FunctionValue | undefined {
  const value = written.kind === "name" ? reader.peek(written) : undefined;
  return isImported(value) ? reader.functionOf(calling(written, value.args)) : undefined;
}

/** `(a, b) => f(a, b)` */
function calling(callee: Expression, names: readonly string[]): FunctionNode {
  const { start, end } = callee;
  const args = names.map((name) => ({ kind: "name", name, start, end }) as const);
  return {
    args: args.map((target) => ({ target, start, end })),
    body: { kind: "return", value: { kind: "call", callee, args, start, end }, start, end },
    isArrow: true,
    variables: [],
    blockFunctions: [],
    tags: [],
    start,
    end,
  };
}

/** Functions of other files of the project, by the names that they have here. */
export function importedFunctions({ statements, variables }: Source, reader: Reader): readonly NamedFunction[] {
  const names = statements.flatMap((each): readonly (Span & { readonly name: string })[] => {
    const { start, end } = each;
    if (each.kind === "foreign") return each.names.map((name) => ({ name, start, end }));
    if (each.kind !== "declare" || each.target.kind !== "fields") return [];
    return each.target.fields.map(({ local }) => ({ name: local, start, end }));
  });
  return names.flatMap(({ name, ...place }): readonly NamedFunction[] => {
    const value = known(reader.module.cells.get(name));
    if (!isImported(value) || variables.includes(name)) return [];
    const node = calling({ kind: "name", name, ...place }, value.args);
    return [{ name, path: name, group: "", place, node, value: reader.functionOf(node), from: value.from }];
  });
}
