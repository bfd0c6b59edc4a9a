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
  /** The half that it is of a pass over more elements, all of whose locals are in float32. */
  readonly half?: { readonly which: "low" | "high"; readonly of: Pass };
}

export const inLanes = (loop: LoopFunction, schedule: Schedule): LoopFunction => ({
  ...loop,
  body: new Vectors(loop, schedule).all(loop.body),
});

const isFloat = (type: Type): boolean => elementOf(type) === "f64" || elementOf(type) === "f32";

/** Elements of a vector: of float64 where a loop computes mostly such numbers, and of float32 where it does not. */
const [DOUBLES, SINGLES] = [2, 4];
const hasDoubles = (body: readonly Statement[]): boolean =>
  allStatements(body)
    .flatMap((one) => [
      ...valuesOf(one)
        .flatMap(allValues)
        .map(({ type }) => type),
      ...("type" in one ? [one.type] : []),
    ])
    .some((type) => elementOf(type) === "f64");

const isMostlyDouble = (body: readonly Statement[]): boolean => {
  const computed = operationsIn(body).filter(({ op }) => op !== "widen" && op !== "narrow");
  const [doubles, singles] = ["f64", "f32"].map(
    (each) => computed.filter(({ type }) => elementOf(type) === each).length,
  );
  return hasDoubles(body) && doubles! >= singles!;
};

const isInnermost = ({ body }: For): boolean =>
  allStatements(body).every(({ kind }) => kind !== "for" && kind !== "while");

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
    const left = local("i32", this.fresh("left"));
    const sums = allStatements(body)
      .map(accumulationOf)
      .filter((one) => one !== undefined);
    const own = new Set(allStatements(body).flatMap((one) => (one.kind === "let" ? [one.local.name] : [])));
    const isOne = new Set(conditions.map(valueText));
    const partial = Array.from(
      { length: vectors },
      () => new Map(sums.map((sum) => [sum.local.name, this.fresh(`${sum.local.name}.lanes`)])),
    );
    const passes = partial.map((names, k): Pass => ({
      index,
      lanes,
      count: lanes,
      offset: k * lanes,
      isOne,
      rename: (name) => names.get(name) ?? (k > 0 && own.has(name) ? `${name}.${k + 1}` : name),
    }));
    const partOf = (sum: Accumulation, k: number): Local =>
      vectorOf(local(sum.local.type, partial[k]!.get(sum.local.name)!), lanes);
    for (const sum of sums) partial.forEach((_, k) => this.types.set(partOf(sum, k).name, partOf(sum, k).type));
    const span = sumOf(from, apply("bitAnd", isZero(from) ? to : apply("sub", to, from), whole(-lanes * vectors)));
    const condition = conditions
      .map((stride) => apply("eq", stride, whole(1)))
      .reduce<Value | undefined>((all, one) => (all === undefined ? one : apply("and", all, one)), undefined);
    return [
      letBe(left, condition === undefined ? span : apply("select", condition, span, from)),
      ...sums.flatMap((sum) =>
        partial.map((_, k) => letBe(partOf(sum, k), constantOf(partOf(sum, k).type, NEUTRAL[sum.op]!))),
      ),
      {
        ...loop,
        to: left,
        step: lanes * vectors,
        body: passes.flatMap((pass) => this.inHalves(body, pass)),
      },
      ...sums.flatMap((sum) => {
        const [part, ...others] = partial.map((_, k) => partOf(sum, k)) as [Local, ...Local[]];
        return [...others.map((other) => assign(part, apply(sum.op, part, other))), ...this.together(sum, part)];
      }),
      rest(left),
    ];
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
      const halves = (["low", "high"] as const).map((half, i) => {
        const rename = (name: string): string => `${pass.rename(name)}.${half}`;
        return this.statement(statement, {
          ...pass,
          lanes: DOUBLES,
          count: DOUBLES,
          offset: pass.offset + i * DOUBLES,
          half: { which: half, of: pass },
          rename,
        });
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
const asTruth = (condition: Value): Value => (lanesOf(condition.type) === 1 ? condition : apply("any", condition));

const operationsIn = (body: readonly Statement[]): Extract<Value, { kind: "apply" }>[] =>
  allStatements(body)
    .flatMap(valuesOf)
    .flatMap(allValues)
    .filter((value) => value.kind === "apply")
    .filter(({ type }) => elementOf(type) !== "i32");
