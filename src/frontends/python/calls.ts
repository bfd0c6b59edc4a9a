/** Calls of what a row describes: arguments by position and by name, masks, and results in memory. */
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { select } from "../../ir/build.js";
import { quote, type Reason, type Span } from "../place.js";
import { cast, hasWhole } from "./casts.js";
import { Unfit, given, type Row } from "./rows.js";
import type { Journal } from "./scopes.js";
import {
  DATA_DEPENDENT,
  INPUT,
  NOT_LOCAL,
  NO_MASK,
  NO_NUMBER,
  OTHER_MASK,
  REDUCTION,
  WHOLE_NUMBERS,
  reason,
} from "./unreadable.js";
import { TRUE, asConditionExpr, asNumber, isTruths, tensor, type Tensor, type Value } from "./values.js";

/** An argument of a call that has been evaluated. */
export interface Passed {
  readonly value: Value;
  readonly name?: string;
  readonly place: Span;
}

export type Refuse = (place: Span, reason: Reason) => never;

/** Arguments that say nothing about values as far as they are read. */
const IGNORED: ReadonlySet<string> = new Set(
  "dtype device layout requires_grad memory_format name training out inplace non_blocking copy pin_memory".split(" "),
);

/** Along these a tensor's elements are mixed. */
const ALONG: ReadonlySet<string> = new Set("dim dims axis keepdim keepdims".split(" "));

export interface Calls {
  /** What a row gives for the arguments; `write` where it is in place. */
  readonly apply: (row: Row, args: readonly Passed[], place: Span, written: string, inPlace?: boolean) => Value;
  readonly write: (target: Value, content: Expr, place: Span) => Value;
  /** The result of an operation on values: a tensor where any of them is one. */
  readonly compute: (operands: readonly Value[], place: Span, build: () => Expr, makes?: boolean) => Value;
  /** Tensors can be changed in place. */
  readonly isMutable: () => boolean;
  readonly element: (self: Tensor, index: Value, place: Span) => Value;
  readonly assignElement: (self: Tensor, index: Value, value: Value, place: Span) => void;
}

export function createCalls(refuse: Refuse, journal: Journal, isMutable: () => boolean): Calls {
  const attempt = (place: Span, placeOf: (parameter: string) => Span | undefined, build: () => Expr): Expr => {
    try {
      return build();
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return refuse((error.parameter && placeOf(error.parameter)) || place, error.reason);
    }
  };

  const valueFrom = (content: Expr, operands: readonly Value[], place: Span, makes: boolean): Value => {
    const tensors = operands.filter((operand) => operand.kind === "tensor");
    if (tensors.length === 0 && !makes)
      return isCondition(content) ? { kind: "condition", expr: content } : { kind: "number", expr: content };
    const mask = commonMask(tensors, place);
    return tensor(content, {
      single: tensors.every(({ memory }) => memory.single),
      ...(mask !== undefined && { mask }),
    });
  };

  const commonMask = (tensors: readonly Tensor[], place: Span): Expr | undefined => {
    const whole = tensors.filter(({ memory }) => !memory.single);
    const masks = new Set(whole.map(({ memory }) => memory.mask));
    if (masks.size > 1) refuse(place, OTHER_MASK);
    return [...masks][0];
  };

  const compute: Calls["compute"] = (operands, place, build, makes = false) =>
    valueFrom(
      attempt(place, () => undefined, build),
      operands,
      place,
      makes,
    );

  const write: Calls["write"] = (target, content, place) => {
    if (target.kind !== "tensor" || !isMutable()) return refuse(place, NOT_LOCAL);
    const { memory } = target;
    if (memory.guard !== undefined && memory.guard !== INPUT) refuse(place, memory.guard);
    memory.changed ??= place;
    const truths = isCondition(memory.content);
    const written = truths ? asConditionExpr(content) : isCondition(content) ? select(content, 1, 0) : content;
    journal.write(memory, written);
    return target;
  };

  const bind = (row: Row, args: readonly Passed[], place: Span, written: string): ReadonlyMap<string, Passed> => {
    const bound = new Map<string, Passed>();
    let position = 0;
    for (const arg of args) {
      if (arg.name !== undefined && IGNORED.has(arg.name) && !row.parameters.some(({ name }) => name === arg.name))
        continue;
      const parameter =
        arg.name === undefined ? row.parameters[position++] : row.parameters.find(({ name }) => name === arg.name);
      if (parameter === undefined) {
        if (row.makes === true && arg.name === undefined) continue;
        if (arg.name !== undefined && ALONG.has(arg.name)) refuse(arg.place, REDUCTION);
        const what = arg.name === undefined ? "as many arguments" : `an argument ${quote(arg.name)}`;
        refuse(
          arg.place,
          reason(
            `${written} does not take ${what}`,
            `it is read as ${row.name}(${row.parameters.map(({ name }) => name).join(", ")})`,
          ),
        );
      }
      bound.set(parameter!.name, arg);
    }
    for (const { name, initial } of row.parameters)
      if (!bound.has(name))
        bound.set(name, {
          value: initial ?? refuse(place, reason(`${written} needs an argument ${quote(name)}`, "give it")),
          place,
        });
    return bound;
  };

  const apply: Calls["apply"] = (row, args, place, written, inPlace = false) => {
    const bound = bind(row, args, place, written);
    const values = new Map([...bound].map(([name, { value }]) => [name, value]));
    const keyword = (name: string): Value | undefined => args.find((arg) => arg.name === name)?.value;
    const type = keyword("dtype");
    const content = attempt(
      place,
      (name) => bound.get(name)?.place,
      () => {
        const built = row.build(given(values));
        if (row.makes !== true) return built;
        // zeros_like and the like take the type of what they are like.
        const like = /_like$|^new_/.test(row.name) ? values.get("input") : undefined;
        return type !== undefined
          ? cast(built, [type])
          : like !== undefined && isTruths(like)
            ? asConditionExpr(built)
            : built;
      },
    );
    const result = valueFrom(content, [...values.values()], place, row.makes === true);
    if (result.kind === "tensor" && type !== undefined && hasWhole([type])) result.memory.guard = WHOLE_NUMBERS;
    const out = keyword("out");
    const first = bound.get(row.parameters[0]!.name)!.value;
    if (out !== undefined && out.kind !== "none") return write(out, content, place);
    const isTold = keyword("inplace");
    if (isTold !== undefined && isTold.kind !== "truth") refuse(place, DATA_DEPENDENT);
    return inPlace || isTold === TRUE ? write(first, content, place) : result;
  };

  const maskOf = (index: Value): Expr | undefined =>
    index.kind === "tensor" && isCondition(index.memory.content) ? index.memory.content : undefined;
  /** `x[...]`, `x[:]`, `x[:, None]`. */
  const isWhole = (index: Value): boolean =>
    index.kind === "ellipsis" || (index.kind === "tuple" && index.items.length > 0 && index.items.every(isWhole));

  return {
    apply,
    write,
    compute,
    isMutable,
    element: (self, index, place) => {
      if (isWhole(index)) return self;
      const mask = maskOf(index);
      if (mask === undefined || self.memory.mask !== undefined) return refuse(place, NO_MASK);
      return tensor(self.memory.content, { mask });
    },
    assignElement: (self, index, value, place) => {
      const mask = maskOf(index);
      if (self.memory.mask !== undefined || (mask === undefined && !isWhole(index))) refuse(place, NO_MASK);
      const given = value.kind === "tensor" && !value.memory.single ? value.memory.mask : mask;
      if (given !== mask) refuse(place, OTHER_MASK);
      const written = asNumber(value) ?? refuse(place, NO_NUMBER);
      const old = asNumber(self)!;
      const content = mask === undefined ? written : select(mask, written, old);
      write(self, content, place);
    },
  };
}
