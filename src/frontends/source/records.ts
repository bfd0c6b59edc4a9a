/** Objects, lists and classes that the file makes: evaluated when they are made, read as they are by then. */
import type { Journal } from "../interpreter/journal.js";
import { known } from "../interpreter/scopes.js";
import type { Refuse, Span } from "../place.js";
import type { Effects } from "./effects.js";
import type { Expression, Member } from "./syntax.js";
import { ARRAY, MAY_CHANGE, UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  TRUE,
  type FunctionValue,
  type Maker,
  type MemberCell,
  type Record,
  type Scope,
  type Value,
} from "./values.js";

export type RecordValue = Extract<Value, { readonly kind: "record" }>;

export interface Records {
  readonly make: (
    kind: Record["kind"],
    members: readonly Member[],
    scope: Scope,
    evaluate: (expression: Expression, scope: Scope) => Value,
    more?: Pick<Record, "maker" | "shared">,
  ) => RecordValue;
  /** Gives a record members, in their order. */
  readonly fill: (
    record: Record,
    members: readonly Member[],
    scope: Scope,
    evaluate: (expression: Expression, scope: Scope) => Value,
  ) => void;
  /** A member; of what it shares with others where it has none itself, as a member of `self`. */
  readonly read: (record: Record, name: string, place: Span, self?: Value) => Value;
  readonly write: (record: Record, name: string, value: Value, place: Span) => void;
  readonly remove: (record: Record, name: string, place: Span) => void;
  readonly freeze: (record: Record) => void;
  /** The names of the members that it has itself. */
  readonly namesIn: (record: Record) => readonly string[];
  /** The items of a list, where all are known. */
  readonly items: (record: Record) => readonly Value[] | undefined;
}

interface Parts {
  readonly effects: Effects;
  readonly journal: Journal<Value>;
  readonly refuse: Refuse;
  readonly call: (callee: FunctionValue, place: Span, self: Value) => Value;
  /** The scope of the file: what is made there can be changed by every function of it. */
  readonly module: Scope;
  /** Evaluates what may fail: the value is then refused where it is read, or at once where others may have changed. */
  readonly attempt: (expression: Expression, action: () => Value) => Value | (() => Value);
  readonly isLoading: () => boolean;
  /** A piece that is not read may have changed what it mentions; refused inside functions. */
  readonly suspect: (place: Span) => void;
  /** Something may write members that are not in the objects themselves. */
  readonly isPatched: boolean;
}

/** Members that every object has without being given them. */
const INHERITED: ReadonlySet<string> = new Set(
  "constructor __proto__ hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf".split(" "),
);
const OF_CLASSES: ReadonlySet<string> = new Set(["prototype", "name", "length", "apply", "bind", "call"]);

export function createRecords(parts: Parts): Records {
  const { effects, journal, refuse, call, module } = parts;

  const isShared = ({ owner }: Record): boolean => owner === module.owner;
  const content = (cell: MemberCell): Value | (() => Value) => cell.content;

  const make: Records["make"] = (kind, members, scope, evaluate, more = {}) => {
    const record: Record = {
      cells: new Map(),
      kind,
      owner: parts.isLoading() ? module.owner : scope.owner,
      scope,
      frozen: { content: FALSE, constant: false, owner: scope.owner },
      ...more,
    };
    fill(record, members, scope, evaluate);
    return { kind: "record", record };
  };

  const fill: Records["fill"] = (record, members, scope, evaluate) => {
    for (const member of members) {
      if (member.kind === "unknown") {
        record.tainted = record.kind === "list" ? ARRAY : UNKNOWN;
        parts.suspect(member.place);
      }
      // The member that it replaces is not known; its own value can be.
      if (member.kind === "computed") {
        record.tainted = UNKNOWN;
        parts.attempt(member.value, () => evaluate(member.value, scope));
      }
      if (member.kind === "spread") spread(record, evaluate(member.value, scope), member.place);
      if (member.kind === "value" || member.kind === "getter") {
        const given = parts.attempt(member.value, () => evaluate(member.value, scope));
        record.cells.set(member.name, {
          content: given,
          constant: false,
          owner: record.owner,
          place: member.place,
          isGetter: member.kind === "getter",
        });
      }
    }
  };

  const spread = (record: Record, value: Value, place: Span): void => {
    if (value.kind === "nothing" || value.kind === "null") return;
    if (value.kind !== "record" || value.record.kind !== "object" || value.record.tainted !== undefined)
      return refuse(place, UNKNOWN);
    for (const [name, cell] of value.record.cells) {
      if (isRemoved(cell)) continue;
      const given = cell.isGetter ? read(value.record, name, place) : content(cell);
      if (isShared(value.record) && effects.written.has(name)) refuse(place, MAY_CHANGE);
      record.cells.set(name, {
        content: given,
        constant: false,
        owner: record.owner,
        place: cell.place,
        isGetter: false,
      });
    }
  };

  const read: Records["read"] = (record, name, place, self = { kind: "record", record }) => {
    if (record.tainted !== undefined) return refuse(place, record.tainted);
    if (record.kind === "list") return refuse(place, ARRAY);
    const cell = record.cells.get(name);
    if (record.frozen.content !== TRUE && isShared(record) && effects.written.has(name))
      return refuse(place, MAY_CHANGE);
    if (name === "prototype" && record.maker !== undefined) return { kind: "record", record: record.maker.prototype };
    if (cell === undefined || isRemoved(cell)) {
      if (record.shared !== undefined) return read(record.shared, name, place, self);
      const hasMore = INHERITED.has(name) || (record.kind === "class" && OF_CLASSES.has(name));
      return hasMore || parts.isPatched ? refuse(place, UNKNOWN) : NOTHING;
    }
    const held = content(cell);
    const value = typeof held === "function" ? held() : held;
    if (!cell.isGetter) return value;
    return value.kind === "function" ? call(value, place, self) : refuse(place, UNKNOWN);
  };

  const set = (record: Record, name: string, value: Value, place: Span): void => {
    const cell = record.cells.get(name);
    if (record.frozen.content !== FALSE || cell?.isGetter === true || INHERITED.has(name))
      return refuse(place, UNKNOWN);
    const written = cell ?? { content: NOTHING, constant: false, owner: record.owner, place, isGetter: false };
    record.cells.set(name, written);
    journal.assign(written, value);
  };

  const replacePrototype = ({ prototype }: Maker, value: Value, place: Span): void => {
    if (!parts.isLoading() || value.kind !== "record" || value.record.kind !== "object") return refuse(place, UNKNOWN);
    prototype.cells.clear();
    spread(prototype, value, place);
  };

  return {
    make,
    fill,
    read,
    // Writes by functions to a record made while loading are skipped: reading the member is refused everywhere.
    write: (record, name, value, place) => {
      if (name === "prototype" && record.maker?.isFunction === true)
        return replacePrototype(record.maker, value, place);
      if (record.kind === "class" && OF_CLASSES.has(name)) return refuse(place, UNKNOWN);
      if (parts.isLoading() || !isShared(record)) set(record, name, value, place);
    },
    namesIn: ({ cells }) => [...cells].flatMap(([name, cell]) => (isRemoved(cell) ? [] : [name])),
    items: ({ kind, cells, tainted }) => {
      const items = [...cells.values()].map(known).filter((item) => item !== undefined);
      return kind === "list" && tainted === undefined && items.length === cells.size ? items : undefined;
    },
    freeze: ({ frozen }) => journal.assign(frozen, TRUE),
    remove: (record, name, place) => {
      const cell = record.cells.get(name);
      if (record.frozen.content !== FALSE) refuse(place, UNKNOWN);
      if (cell !== undefined && (parts.isLoading() || !isShared(record))) journal.assign(cell, REMOVED);
    },
  };
}

/** No value of the source: the member is not there any more. */
const REMOVED: Value = { kind: "nothing" };
export const isRemoved = ({ content }: MemberCell): boolean => content === REMOVED;

/** Nothing is known any more of an object, nor of those inside it. */
export function taintAll(record: Record): void {
  const waiting = [record];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.tainted === MAY_CHANGE) continue;
    next.tainted = MAY_CHANGE;
    if (next.kind === "class" && next.maker !== undefined) waiting.push(next.maker.prototype);
    for (const cell of next.cells.values()) {
      const value = known(cell);
      if (value?.kind === "record") waiting.push(value.record);
    }
  }
}
