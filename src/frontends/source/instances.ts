/** Instances of classes: their fields, and what their constructors make of them. */
import type { Refuse, Span } from "../place.js";
import type { Constructors } from "./constructors.js";
import type { RecordValue, Records } from "./records.js";
import type { FunctionNode } from "./syntax.js";
import { UNKNOWN } from "./unreadable.js";
import {
  FALSE,
  NOTHING,
  createScope,
  type Builtin,
  type Cell,
  type Maker,
  type Record,
  type Scope,
  type Value,
} from "./values.js";

interface Parts {
  readonly refuse: Refuse;
  readonly field: Constructors["field"];
  readonly fill: Records["fill"];
  /** Runs a constructor; true where it always goes on to its end. */
  readonly enter: (
    node: FunctionNode,
    outer: Scope,
    args: readonly (Value | undefined)[],
    place: Span,
    special: ReadonlyMap<string, Value>,
    self: RecordValue,
  ) => boolean;
}

export type Construct = (maker: Maker, args: readonly (Value | undefined)[], place: Span, owner: object) => Value;

export function createInstances({ refuse, field, fill, enter }: Parts): Construct {
  const initialise = (
    { node, base, scope }: Maker,
    self: RecordValue,
    args: readonly (Value | undefined)[],
    place: Span,
  ): void => {
    const fields = (): void => {
      const around = createScope(self.record.owner, scope);
      around.cells.set("this", cellOf(self, self.record.owner));
      fill(self.record, node.fields, around, (expression, inner) => field(expression, inner, self));
    };
    const ofBase = (given: readonly (Value | undefined)[]): void => {
      // A class of another file is taken to set nothing that this one reads.
      if (base !== undefined && base !== "foreign") initialise(base, self, given, place);
      fields();
    };
    if (node.maker === undefined) return ofBase(args);
    if (base === undefined) fields();
    const parent: Builtin = {
      kind: "builtin",
      count: { atLeast: 0 },
      takesAll: true,
      apply: (given) => {
        ofBase(given);
        return NOTHING;
      },
    };
    const special = new Map<string, Value>([
      ["this", self],
      ...(base === undefined ? [] : [["super", parent] as const]),
    ]);
    if (!enter(node.maker, scope, args, place, special, self)) refuse(place, UNKNOWN);
  };

  return (maker, args, place, owner) => {
    const record: Record = {
      cells: new Map(),
      kind: "instance",
      owner,
      shared: maker.prototype,
      scope: maker.scope,
      frozen: cellOf(FALSE, owner),
    };
    const self = { kind: "record", record } as const;
    initialise(maker, self, args, place);
    return self;
  };
}

const cellOf = (content: Value, owner: object): Cell => ({ content, constant: false, owner });
