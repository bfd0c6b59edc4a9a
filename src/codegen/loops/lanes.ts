/**
 * Loops in vector lanes: innermost loops take several elements at a time, as far as these are side by side, and the elements
 * that are left each in a vector of its own. All other numbers are the same in every lane. So every element is computed in
 * the same way, wherever it is.
 */
import {
  allStatements,
  allValues,
  apply,
  assign,
  constantOf,
  letBe,
  local,
  splat,
  store,
  valuesOf,
  whole,
  withBodies,
  withOperands,
  withValues,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { valueText } from "../../ir/loops/print.js";
import { elementOf, lanesOf, typeOf, type Type } from "../../ir/loops/types.js";
import { freshNames, type Fresh } from "./expressions.js";
import { namesIn } from "./hoist.js";
import { DOUBLES, SINGLES, hasDoubles, isFloat, isInnermost, isMostlyDouble, operationsIn } from "./computed.js";
import { NEUTRAL, accumulationOf, contiguousIf, strideOf, type Accumulation, type For } from "./strides.js";

/** How loops are spread over a machine. */
export interface Schedule {
  /** Vectors of a pass that has at most `operations` for each; one in a longer pass. */
  readonly unroll: number;
  readonly operations: number;
}

/** One pass of a loop: how many elements each vector holds, and where they are from the loop's index on. */
interface Pass {
  readonly index: Local | undefined;
  /** Lanes of its vectors, and how many of them are filled from places side by side. */
  readonly lanes: number;
  readonly count: number;
  readonly offset: number;
  /** The strides that are known to be 1 in it, as text. */
  readonly isOne: ReadonlySet<string>;
  readonly rename: (name: string) => string;
  /** Numbers from before the loop in all of its lanes. */
  readonly spread?: ReadonlyMap<string, Local>;
  /** The half that it is of a pass over more elements, all of whose locals are in float32. */
  readonly half?: { readonly which: "low" | "high"; readonly of: Pass };
}

export const inLanes = (loop: LoopFunction, schedule: Schedule): LoopFunction => ({
  ...loop,
  body: new Vectors(loop, schedule).all(loop.body),
});

class Vectors {
  private readonly fresh: Fresh;
  private readonly numbers: ReadonlySet<string>;
  private readonly types = new Map<string, Type>();
  /** Numbers that are the same in every lane. */
  private readonly uniform: Pass;

  constructor(
    loop: LoopFunction,
    private readonly schedule: Schedule,
  ) {
    this.fresh = freshNames(namesIn(loop));
    this.numbers = new Set(loop.numbers.map(({ name }) => name));
    this.uniform = { index: undefined, lanes: DOUBLES, count: 1, offset: 0, isOne: new Set(), rename: (name) => name };
  }

  all(statements: readonly Statement[]): Statement[] {
    return statements.flatMap((statement) => {
      if (statement.kind === "for" && isInnermost(statement)) return this.spread(statement);
      return statement.kind === "for" || statement.kind === "while"
        ? [withBodies(this.statement(statement, this.uniform), () => this.all(statement.body))]
        : statement.kind === "if"
          ? [withBodies(this.statement(statement, this.uniform), (body) => this.all(body))]
          : [this.statement(statement, this.uniform)];
    });
  }

  /** A loop over vectors, and one over what is left. */
  private spread(loop: For): Statement[] {
    const { index, from, to, body } = loop;
    const conditions = contiguousIf(loop);
    const rest = (first: Value): For => ({
      ...loop,
      from: first,
      body: body.map((statement) => this.statement(statement, { ...this.uniform, index })),
    });
    if (conditions === undefined) return [rest(from)];
    const { unroll, operations } = this.schedule;
    // Where float64 is only on the way of a few elements, or of a few numbers, as many are taken as there are in float32.
    const usual = body.map((one) => (one.kind === "if" ? { ...one, then: [], otherwise: [] } : one));
    const lanes = isMostlyDouble(usual) ? DOUBLES : SINGLES;
    const vectors = operationsIn(body).length <= operations ? unroll : 1;
    // Vectors that are too few for a pass of several take one of their own each.
    const counts = vectors > 1 ? [vectors, 1] : [1];
    const ends = counts.map(() => local("i32", this.fresh("left")));
    const sums = allStatements(body)
      .map(accumulationOf)
      .filter((one) => one !== undefined);
    const own = new Set(allStatements(body).flatMap((one) => (one.kind === "let" ? [one.local.name] : [])));
    const isOne = new Set(conditions.map(valueText));
    const partial = Array.from(
      { length: vectors },
      () => new Map(sums.map((sum) => [sum.local.name, this.fresh(`${sum.local.name}.lanes`)])),
    );
    const given = this.givenTo(body, lanes);
    const passes = partial.map((names, k): Pass => ({
      index,
      lanes,
      count: lanes,
      offset: k * lanes,
      isOne,
      spread: given,
      rename: (name) => names.get(name) ?? (k > 0 && own.has(name) ? `${name}.${k + 1}` : name),
    }));
    /** Where a pass has more lanes than a vector of sums, each half adds up its own. */
    const partsOf = ({ local: { name, type } }: Accumulation): Local[] =>
      partial.flatMap((names) => {
        const part = names.get(name)!;
        if (elementOf(type) !== "f64" || lanes === DOUBLES) return [vectorOf(local(type, part), lanes)];
        return ["low", "high"].map((half) => vectorOf(local(type, `${part}.${half}`), DOUBLES));
      });
    for (const part of sums.flatMap(partsOf)) this.types.set(part.name, part.type);
    const spanOf = (count: number): Value =>
      sumOf(from, apply("bitAnd", isZero(from) ? to : apply("sub", to, from), whole(-lanes * count)));
    const condition = conditions
      .map((stride) => apply("eq", stride, whole(1)))
      .reduce<Value | undefined>((all, one) => (all === undefined ? one : apply("and", all, one)), undefined);
    return [
      ...[...given].map(([name, to]) => letBe(to, splat(apply("first", local(this.types.get(name)!, name)), lanes))),
      ...ends.map((end, i) => {
        const span = spanOf(counts[i]!);
        return letBe(end, condition === undefined ? span : apply("select", condition, span, from));
      }),
      ...sums.flatMap((sum) => partsOf(sum).map((part) => letBe(part, constantOf(part.type, NEUTRAL[sum.op]!)))),
      ...counts.map((count, i): For => ({
        ...loop,
        from: ends[i - 1] ?? from,
        to: ends[i]!,
        step: lanes * count,
        body: passes.slice(0, count).flatMap((pass) => this.inHalves(body, pass)),
      })),
      ...sums.flatMap((sum) => {
        const [part, ...others] = partsOf(sum) as [Local, ...Local[]];
        return [...others.map((other) => assign(part, apply(sum.op, part, other))), ...this.together(sum, part)];
      }),
      rest(ends.at(-1)!),
    ];
  }

  /** Locals for the float32 numbers in fewer lanes that statements are given, but for what they accumulate. */
  private givenTo(body: readonly Statement[], lanes: number): ReadonlyMap<string, Local> {
    const all = allStatements(body);
    const changed = new Set(
      all.flatMap((one) => (one.kind === "let" || one.kind === "assign" ? [one.local.name] : [])),
    );
    const read = all.flatMap(valuesOf).flatMap(allValues);
    const names = read.flatMap((value) => (value.kind === "local" && value.type === "f32" ? [value.name] : []));
    const isNarrow = (name: string): boolean => !changed.has(name) && lanesOf(this.types.get(name) ?? "v4f32") < lanes;
    const given = [...new Set(names)].filter(isNarrow);
    return new Map(given.map((name) => [name, local(typeOf("f32", lanes), this.fresh(`${name}.spread`))]));
  }

  /** An accumulator together with what the lanes of a vector have accumulated. */
  private together({ local: to, op }: Accumulation, lanes: Local): Statement[] {
    const all = vectorOf(to, DOUBLES);
    const added = (two: Value): Statement => {
      const [first, last] = [apply("first", two), apply("last", two)].map((one) => splat(one, lanesOf(all.type)));
      return assign(all, apply(op, apply(op, all, first!), last!));
    };
    if (lanesOf(lanes.type) === 2) return [added(lanes)];
    const halves = apply(op, apply("low", lanes), apply("high", lanes));
    const two = local(halves.type, this.fresh(`${to.name}.halves`));
    return [letBe(two, halves), added(two)];
  }

  private statement(statement: Statement, pass: Pass): Statement {
    const within = (value: Value): Value => this.value(value, pass);
    switch (statement.kind) {
      case "let":
      case "assign": {
        const value = within(statement.value);
        const to = local(value.type, pass.rename(statement.local.name));
        this.types.set(to.name, value.type);
        return statement.kind === "let" ? letBe(to, value) : assign(to, value);
      }
      case "store":
        return store(statement.array, this.place(statement.index, pass), within(statement.value), pass.count);
      case "if": {
        const chosen = { ...statement, condition: asTruth(within(statement.condition)) };
        return pass === this.uniform ? chosen : withBodies(chosen, (body) => this.inHalves(body, pass));
      }
      case "while":
        return { ...statement, condition: asTruth(within(statement.condition)) };
      case "return":
        return { ...statement, values: statement.values.map((value) => apply("first", within(value))) };
      case "run": {
        const given = withValues(statement, within);
        return given.kind === "run" ? { ...given, of: inLanes(given.of, this.schedule) } : given;
      }
      case "for":
        return withValues(statement, within);
    }
  }

  /** Statements in a pass over four elements: those in float64 for one half after the other. */
  private inHalves(statements: readonly Statement[], pass: Pass): Statement[] {
    return statements.flatMap((statement) => {
      const isWhole = pass.lanes === DOUBLES || statement.kind === "if" || !hasDoubles([statement]);
      if (isWhole) return [this.statement(statement, pass)];
      const halves = (["low", "high"] as const).map((which, i) => {
        const rename = (name: string): string => `${pass.rename(name)}.${which}`;
        const [count, offset] = [Math.min(pass.count, DOUBLES), pass.offset + i * DOUBLES];
        return this.statement(statement, { ...pass, lanes: DOUBLES, count, offset, half: { which, of: pass }, rename });
      });
      if (statement.kind !== "let" || elementOf(statement.local.type) !== "f32") return halves;
      const [low, high] = halves.map((one) => (one.kind === "let" ? one.local : undefined)) as [Local, Local];
      const joined = apply("joined", low, high);
      const to = local(joined.type, pass.rename(statement.local.name));
      this.types.set(to.name, to.type);
      return [...halves, letBe(to, joined)];
    });
  }

  /** A place in a pass: further on for the second vector and those after it. */
  private place(index: Value, pass: Pass): Value {
    const at = sideBySide(index, pass);
    return pass.offset > 0 && moves(index, pass) ? apply("add", at, whole(pass.offset)) : at;
  }

  private value(value: Value, pass: Pass): Value {
    const { lanes } = pass;
    const within = (of: Value): Value => this.value(of, pass);
    switch (value.kind) {
      case "constant":
        return isFloat(value.type) ? constantOf(typeOf(elementOf(value.type), lanes), value.value) : value;
      case "local": {
        if (!isFloat(value.type) && elementOf(value.type) !== "bool") return value;
        if (this.numbers.has(value.name)) return splat(value, lanes);
        const spread = pass.spread?.get(value.name);
        if (spread !== undefined && lanesOf(spread.type) === lanes) return spread;
        const isOfBoth = pass.half !== undefined && !this.types.has(pass.rename(value.name));
        const name = (isOfBoth ? pass.half.of : pass).rename(value.name);
        const known = local(this.types.get(name) ?? value.type, name);
        if (isOfBoth && lanesOf(known.type) > lanes) return apply(pass.half.which, known);
        return isFloat(known.type) && lanesOf(known.type) < lanes ? splat(apply("first", known), lanes) : known;
      }
      case "load": {
        if (!isFloat(value.type)) return value;
        const count = moves(value.index, pass) ? pass.count : 1;
        return {
          ...value,
          type: typeOf(elementOf(value.type), lanes),
          index: this.place(value.index, pass),
          count,
        };
      }
      case "call":
        return { ...value, type: typeOf(elementOf(value.type), lanes), args: value.args.map(within) };
      case "apply": {
        if (value.op === "fromWhole") return this.fromWhole(value.args[0]!, pass);
        if (value.op === "toWhole") return apply(value.op, apply("first", within(value.args[0]!)));
        return value.args.every(({ type }) => elementOf(type) === "i32")
          ? withOperands(value, within)
          : apply(value.op, ...value.args.map(within));
      }
      default:
        throw new RangeError("it is in lanes already");
    }
  }

  private fromWhole(of: Value, pass: Pass): Value {
    const first = splat(apply("fromWhole", this.place(of, pass)), pass.lanes);
    const isCounted = pass.count > 1 && moves(of, pass);
    return isCounted ? apply("add", first, { kind: "numbered", type: first.type }) : first;
  }
}

const isZero = (value: Value): boolean => value.kind === "constant" && value.value === 0;
const sumOf = (a: Value, b: Value): Value => (isZero(a) ? b : apply("add", a, b));

/** A place where the strides that have to be 1 are. */
function sideBySide(place: Value, pass: Pass): Value {
  if (pass.isOne.size === 0) return place;
  if (place.kind === "apply" && place.op === "mul") {
    const [a, b] = place.args as [Value, Value];
    if (isIndex(a, pass) && pass.isOne.has(valueText(b))) return a;
    if (isIndex(b, pass) && pass.isOne.has(valueText(a))) return b;
  }
  return withOperands(place, (operand) => sideBySide(operand, pass));
}

const isIndex = (value: Value, { index }: Pass): boolean => value.kind === "local" && value.name === index?.name;

/** Whether it is another place for every element of a pass. */
function moves(place: Value, { index }: Pass): boolean {
  const stride = index === undefined ? undefined : strideOf(place, index);
  return stride !== undefined && !isZero(stride);
}

/** A number or truth in all lanes. */
const vectorOf = ({ name, type }: Local, lanes: number): Local =>
  local(isFloat(type) ? typeOf(elementOf(type), lanes) : type, name);

/** A condition that is the same in every lane. */
function asTruth(condition: Value): Value {
  if (lanesOf(condition.type) === 1) return condition;
  // Two truths may be of float32, whose bits are not those of two numbers of float64.
  const isDenied = condition.kind === "apply" && condition.op === "not" && lanesOf(condition.type) === SINGLES;
  return isDenied ? apply("not", apply("all", condition.args[0]!)) : apply("any", condition);
}
