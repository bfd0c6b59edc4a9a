/** Calls of what a row describes: arguments by position and by name, masks, and results in memory. */
import type { Expr } from "../../ir/expr.js";
import { isCondition } from "../../ir/ops.js";
import { select } from "../../ir/build.js";
import type { Journal } from "../interpreter/journal.js";
import { quote, reason, type Span, type Refuse } from "../place.js";
import { BOOL, INT64, cast, inRange, isFloatResult, promoted, targetOf, typeOf, type Elements } from "./casts.js";
import { isMoved } from "./blocks.js";
import { elementOf } from "./loops.js";
import { given, type Row } from "./rows.js";
import { Unfit } from "./unfit.js";
import {
  DATA_DEPENDENT,
  INPUT,
  LOOP,
  NOT_LOCAL,
  NO_MASK,
  NO_NUMBER,
  OTHER_MASK,
  REDUCTION,
  RESHAPES,
  WHOLE_NUMBERS,
} from "./unreadable.js";
import { areOpposite, truthOf } from "./arithmetic.js";
import { TRUE, asNumber, tensor, type ElementType, type Tensor, type Value } from "./values.js";

/** An argument of a call that has been evaluated. */
export interface Passed {
  readonly value: Value;
  readonly name?: string;
  readonly place: Span;
}

/** Arguments in their order, and by their names. */
export const passedAt = (place: Span, values: readonly Value[]): readonly Passed[] =>
  values.map((value) => ({ value, place }));

export const passedByName = (place: Span, values: ReadonlyMap<string, Value>): readonly Passed[] =>
  [...values].map(([name, value]) => ({ name, value, place }));

/** Arguments that say nothing about values as far as they are read. */
const IGNORED: ReadonlySet<string> = new Set(
  "dtype dtype_hint preferred_dtype device layout requires_grad memory_format name training out inplace non_blocking copy pin_memory".split(
    " ",
  ),
);

const isTensor = ({ kind }: Value): boolean => kind === "tensor";

/** Names that libraries have for the first argument of a function of one tensor. */
const FIRST: ReadonlySet<string> = new Set("x a input value tensor features logits".split(" "));

/** Along these a tensor's elements are mixed. */
const ALONG: ReadonlySet<string> = new Set("dim dims axis keepdim keepdims".split(" "));

export interface Calls {
  /** The result of a row for the arguments; that of `write` where it is in place. */
  readonly apply: (row: Row, args: readonly Passed[], place: Span, written: string, inPlace?: boolean) => Value;
  readonly write: (target: Value, content: Expr, place: Span) => Value;
  /** The result of an operation on values: a tensor where any of them is one. */
  readonly compute: (operands: readonly Value[], place: Span, build: () => Expr, name?: string) => Value;
  /** The same elements as another type, in memory of its own. */
  readonly retyped: (self: Tensor, types: readonly Value[], place: Span) => Tensor;
  /** Tensors can be changed in place. */
  readonly isMutable: () => boolean;
  readonly element: (self: Tensor, index: Value, place: Span) => Value;
  readonly assignElement: (self: Tensor, index: Value, value: Value, place: Span) => void;
}

export function createCalls(
  refuse: Refuse,
  journal: Journal<Value>,
  isMutable: () => boolean,
  /** Something that jumps is asked for: from here on it is read where it does not. */
  jump: (operand: Expr, place: Span) => void,
  isInLoop: () => boolean,
): Calls {
  const attempt = <Result>(
    place: Span,
    placeOf: (parameter: string) => Span | undefined,
    build: () => Result,
  ): Result => {
    try {
      return build();
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return refuse((error.parameter && placeOf(error.parameter)) || place, error.reason);
    }
  };

  const typed = ({ content, type }: Elements, single: boolean, mask: Expr | undefined): Tensor =>
    tensor(content, {
      single,
      ...(mask !== undefined && { mask }),
      // Writing in place to a tensor of whole numbers would lose the digits behind the point.
      ...(type !== undefined && !isCondition(content) && { type, guard: WHOLE_NUMBERS }),
    });
  const valueFrom = (
    elements: Elements,
    operands: readonly Value[],
    place: Span,
    makes: boolean,
    name: string,
  ): Value => {
    const { content } = elements;
    const tensors = operands.filter((operand) => operand.kind === "tensor");
    if (tensors.length === 0 && !makes)
      return isCondition(content)
        ? { kind: "condition", expr: content }
        : { kind: "number", expr: content, isFloat: isFloatResult(operands, name) };
    return typed(
      elements,
      tensors.every(({ memory }) => memory.single),
      commonMask(tensors, place),
    );
  };

  const commonMask = (tensors: readonly Tensor[], place: Span): Expr | undefined => {
    const whole = tensors.filter(({ memory }) => !memory.single);
    const masks = new Set(whole.map(({ memory }) => memory.mask));
    if (masks.size > 1) refuse(place, whole.some(isMoved) ? RESHAPES : OTHER_MASK);
    return [...masks][0];
  };

  const compute: Calls["compute"] = (operands, place, build, name = "") => {
    const elements = attempt(
      place,
      () => undefined,
      () => elementsOf(build(), operands, name),
    );
    return valueFrom(elements, operands, place, false, name);
  };

  /** The result of an operation, with the type that its operands give it. */
  const elementsOf = (
    content: Expr,
    operands: readonly Value[],
    name: string,
    isOfTensors = operands.some(isTensor),
  ): Elements => {
    if (isCondition(content) || !isOfTensors) return { content };
    const type = promoted(operands, name);
    if (type === BOOL) return cast({ content }, BOOL);
    return inRange(type === undefined ? { content } : { content, type });
  };

  const retyped: Calls["retyped"] = ({ memory }, types, place) => {
    const { content, type } = memory;
    const elements = attempt(
      place,
      () => undefined,
      () => cast(type === undefined ? { content } : { content, type }, targetOf(types)),
    );
    return typed(elements, memory.single, memory.mask);
  };

  const write = (target: Value, content: Expr, place: Span, isElement = false): Value => {
    if (target.kind !== "tensor" || !isMutable()) return refuse(place, NOT_LOCAL);
    // Each pass of a loop would change all elements.
    if (isInLoop() && !isElement) refuse(place, LOOP);
    const { memory } = target;
    if (memory.guard !== undefined && memory.guard !== INPUT) refuse(place, memory.guard);
    memory.changed ??= place;
    const truths = isCondition(memory.content);
    const written = truths
      ? attempt(
          place,
          () => undefined,
          () => truthOf(content),
        )
      : isCondition(content)
        ? select(content, 1, 0)
        : content;
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
        arg.name === undefined
          ? row.parameters[position++]
          : (row.parameters.find(({ name }) => name === arg.name) ??
            (FIRST.has(arg.name) && position === 0 ? row.parameters[0] : undefined));
      if (parameter === undefined) {
        if (row.makes !== undefined && arg.name === undefined) continue;
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

  const apply: Calls["apply"] = (called, args, place, written, inPlace = false) => {
    const positional = args.filter(({ name }) => name === undefined).length;
    const row = called.old !== undefined && positional === called.old.parameters.length ? called.old : called;
    const bound = bind(row, args, place, written);
    const values = new Map([...bound].map(([name, { value }]) => [name, value]));
    const keyword = (name: string): Value | undefined => args.find((arg) => arg.name === name)?.value;
    const elements = attempt(
      place,
      (name) => bound.get(name)?.place,
      () => {
        const jumps = row.isJump?.(given(values).number("input")) === true;
        if (jumps) jump(given(values).number("input"), place);
        const content = row.build(given(values));
        if (row.makes !== undefined) return made(row.makes, content, values, keyword("dtype"));
        // A default says nothing about types.
        const passed = [...bound.values()].filter((each) => args.includes(each)).map(({ value }) => value);
        const deciding = row.typed?.map((name) => values.get(name)!) ?? passed;
        return elementsOf(content, deciding, row.name, passed.some(isTensor));
      },
    );
    const { content } = elements;
    const result = valueFrom(elements, [...values.values()], place, row.makes !== undefined, row.name);
    const out = keyword("out");
    const first = bound.get(row.parameters[0]!.name)!.value;
    if (out !== undefined && out.kind !== "none") return write(out, content, place);
    const isTold = keyword("inplace");
    if (isTold !== undefined && isTold.kind !== "truth") refuse(place, DATA_DEPENDENT);
    return inPlace || isTold === TRUE ? write(first, content, place) : result;
  };

  /** The elements of a new tensor: of the type that is given, else that of what it is like, else that of what it is made of. */
  const made = (
    { like, source }: NonNullable<Row["makes"]>,
    content: Expr,
    values: ReadonlyMap<string, Value>,
    dtype: Value | undefined,
  ): Elements => {
    const from = source === undefined ? undefined : values.get(source);
    const type = from && typeOfValue(from);
    const written = type === BOOL ? cast({ content }, BOOL) : type === undefined ? { content } : { content, type };
    const given = dtype ?? values.get("dtype");
    if (given !== undefined && given.kind !== "none") return cast(written, targetOf([given]));
    return like === undefined ? inRange(written) : cast(written, targetOf([values.get(like)!]));
  };

  const typeOfValue = (value: Value): ElementType | undefined => {
    if (value.kind === "tensor") return typeOf(value.memory);
    if (value.kind === "truth" || value.kind === "condition") return BOOL;
    return value.kind === "number" && value.isFloat !== true ? INT64 : undefined;
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
    retyped,
    isMutable,
    element: (self, index, place) => {
      if (isWhole(index)) return self;
      if (index.kind === "index") return self.memory.mask === undefined ? elementOf(self) : refuse(place, NO_MASK);
      const mask = maskOf(index);
      if (mask === undefined || self.memory.mask !== undefined) return refuse(place, NO_MASK);
      return tensor(self.memory.content, {
        mask,
        ...(self.memory.type !== undefined && { type: self.memory.type, guard: WHOLE_NUMBERS }),
      });
    },
    assignElement: (self, index, value, place) => {
      const mask = maskOf(index);
      if (index.kind === "index") {
        if (self.memory.mask !== undefined || (value.kind === "tensor" && value.memory.mask !== undefined))
          refuse(place, NO_MASK);
        write(self, asNumber(value) ?? refuse(place, NO_NUMBER), place, true);
        return;
      }
      if (self.memory.mask !== undefined || (mask === undefined && !isWhole(index))) refuse(place, NO_MASK);
      const given = value.kind === "tensor" && !value.memory.single ? value.memory.mask : mask;
      if (given !== mask) refuse(place, OTHER_MASK);
      const written = asNumber(value) ?? refuse(place, NO_NUMBER);
      const old = asNumber(self)!;
      // New memory has nothing in it any more once both parts are written.
      const isRest = mask !== undefined && old.op === "select" && areOpposite(mask, old.args[0]!);
      const content = mask === undefined ? written : select(mask, written, isRest ? old.args[1]! : old);
      write(self, content, place);
    },
  };
}
