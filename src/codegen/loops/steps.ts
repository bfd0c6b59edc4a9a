/** Steps of a kernel as loops: reductions of rows, and stores of elements. */
import { single } from "../../ir/build.js";
import { topological, variables, variableOf, type Expr } from "../../ir/expr.js";
import { isNatural, position, plus, times, type Integer } from "../../ir/graph/integer.js";
import { isThreshold, type ReductionName, type ThresholdName } from "../../ir/graph/reductions.js";
import type { Axis } from "../../ir/graph/tensor.js";
import {
  blockEnd,
  blockStart,
  type Buffer,
  type ElementOf,
  type Fold,
  type Guard,
  type Kernel,
  type Matrix,
  type PlainStep,
} from "../../ir/kernel.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  load,
  local,
  store,
  type Local,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { LoopOperationName } from "../../ir/loops/operations.js";
import { elementOf } from "../../ir/loops/types.js";
import { singular } from "../names.js";
import { KernelBlocks } from "./dimensions.js";
import { lines, withBounds } from "./expressions.js";
import type { FunctionNames, Integers } from "./integers.js";
import { ZERO } from "./places.js";
import { NEUTRAL } from "./strides.js";

type FoldStep = Extract<PlainStep, { readonly kind: "fold" }>;
type StoreStep = Extract<PlainStep, { readonly kind: "store" }>;

/** The reductions for which one look at each element is enough. */
const ONE_PASS: { readonly [K in ReductionName]?: LoopOperationName } = { sum: "add", max: "max" };

const number = (value: number): Value => constantOf("f64", value);

/** Whether an output that may be left out has to be asked for where it is written. */
export type IsAsked = (output: Buffer) => boolean;

/** The common ground of a kernel's steps: where they are, and the tiles that stand in locals. */
export class KernelLoops extends KernelBlocks {
  private readonly registers = new Map<Buffer, Local>();
  private readonly declared = new Set<Local>();

  constructor(
    kernel: Kernel,
    private readonly names: FunctionNames,
    readonly integers: Integers,
  ) {
    super(kernel);
    for (const tile of kernel.tiles)
      if (tile.axes.length === 0) this.registers.set(tile, local("f64", names.fresh(tile.name)));
  }

  /** A tile of one element as a local; undefined for what stands in an array. */
  register = (buffer: Buffer): Local | undefined => this.registers.get(buffer);

  /** A local with a value: made where nothing has made it yet. */
  set(to: Local, value: Value): Statement {
    const isNew = !this.declared.has(to);
    this.declared.add(to);
    return isNew ? letBe(to, value) : assign(to, value);
  }

  /** Locals that steps are the first to write, made before a condition. */
  declare(buffers: readonly Buffer[]): Statement[] {
    return buffers.flatMap((buffer) => {
      const found = this.registers.get(buffer);
      return found === undefined || this.declared.has(found) ? [] : [this.set(found, number(0))];
    });
  }

  /** Loops along axes, the first outermost. */
  along(axes: readonly Axis[], body: () => readonly Statement[]): readonly Statement[] {
    const [axis, ...others] = axes;
    if (axis === undefined) return body();
    // Those of blocks of one place run around the kernel.
    if (this.integers.isBound(position(axis))) return this.along(others, body);
    const { integers } = this;
    const isInBlock = integers.isBound(blockStart(axis));
    const [from, to] = isInBlock ? [blockStart(axis), blockEnd(axis)] : [ZERO, axis.size];
    const index = local("i32", this.names.fresh(singular(axis.name) ?? `${axis.name}Index`));
    const [first, end] = [integers.value(from), integers.value(to)];
    const inside = integers.within([[position(axis), index]], () => this.along(others, body));
    return [{ kind: "for", index, from: first, to: end, step: 1, body: inside }];
  }

  fold(step: FoldStep, isAsked: IsAsked): readonly Statement[] {
    const shared = step.folds.filter(({ how }) => ONE_PASS[how] !== undefined);
    const others = step.folds.filter(({ how }) => ONE_PASS[how] === undefined);
    return [
      ...(shared.length === 0 ? [] : this.onePass(step, shared, isAsked)),
      ...others.flatMap((fold) => this.threshold(step, fold, isAsked)),
    ];
  }

  private onePass({ axes, over }: FoldStep, folds: readonly Fold[], isAsked: IsAsked): readonly Statement[] {
    return this.along(axes, () => {
      const sums = folds.map(({ how, to, accumulate, value }) => {
        const register = accumulate ? undefined : this.register(to.buffer);
        // The largest of float32 numbers is one of them.
        const isSingle = how === "max" && this.isSingle(value);
        const own = isSingle || register === undefined ? this.names.fresh(how) : register.name;
        return { op: ONE_PASS[how]!, register, isSingle, total: local(isSingle ? "f32" : "f64", own) };
      });
      return [
        ...sums.map(({ op, total, register }) =>
          total.name === register?.name
            ? this.set(register, number(NEUTRAL[op]!))
            : letBe(total, constantOf(total.type, NEUTRAL[op]!)),
        ),
        ...this.along(over, () => {
          const values = folds.map(({ value }, i) => (sums[i]!.isSingle ? single(value) : value));
          const { statements, results } = this.values(values);
          return [...statements, ...sums.map(({ op, total }, i) => assign(total, apply(op, total, results[i]!)))];
        }),
        ...folds.flatMap(({ to, accumulate }, i) => {
          const { register, total, isSingle } = sums[i]!;
          if (register?.name === total.name) return [];
          return this.put(to, isSingle ? apply("widen", total) : total, accumulate, isAsked);
        }),
      ];
    });
  }

  /** As in the meaning of the reduction: values are computed again in every pass. */
  private threshold({ axes, over }: FoldStep, fold: Fold, isAsked: IsAsked): readonly Statement[] {
    if (!isThreshold(fold.how)) throw new RangeError(`loops have no ${fold.how}`);
    const { sums, add, next: after } = THRESHOLDS[fold.how];
    return this.along(axes, () => {
      const made = (stem: string): Local => local("f64", this.names.fresh(stem));
      const [largest, threshold, next] = [made("largest"), made("threshold"), made("next")];
      const [first, second] = [made(sums[0]), made(sums[1])];
      const grows = local("bool", this.names.fresh("grows"));
      const pass = (each: (value: Value) => readonly Statement[]): readonly Statement[] =>
        this.along(over, () => {
          const { statements, results } = this.values([fold.value]);
          const value = made("element");
          return [...statements, letBe(value, results[0]!), ...each(value)];
        });
      return [
        letBe(largest, number(-Infinity)),
        ...pass((value) => [assign(largest, apply("max", largest, value))]),
        letBe(threshold, apply("sub", largest, number(1))),
        letBe(next, apply("select", apply("eq", apply("sub", largest, largest), number(0)), threshold, number(NaN))),
        letBe(grows, apply("eq", next, next)),
        {
          kind: "while",
          condition: grows,
          body: [
            assign(threshold, next),
            letBe(first, number(0)),
            letBe(second, number(0)),
            ...pass((value) => {
              const above = (term: Value): Value => apply("select", apply("lt", threshold, value), term, number(0));
              const [a, b] = add(value, threshold, largest);
              return [assign(first, apply("add", first, above(a))), assign(second, apply("add", second, above(b)))];
            }),
            assign(next, after(first, second, threshold, largest)),
            assign(grows, apply("lt", threshold, next)),
          ],
        },
        ...this.put(fold.to, next, fold.accumulate, isAsked),
      ];
    });
  }

  store({ axes, stores }: StoreStep, isAsked: IsAsked): readonly Statement[] {
    return this.along(axes, () => {
      const { statements, results } = this.values(stores.map(({ value }) => value));
      return [
        ...statements,
        ...stores.flatMap(({ to, accumulate }, i) => this.put(to, results[i]!, accumulate, isAsked)),
      ];
    });
  }

  /** A value written where it belongs, or added to what is there. */
  put(to: ElementOf, value: Value, accumulate: boolean, isAsked: IsAsked): Statement[] {
    const { buffer } = to;
    const register = this.register(buffer);
    const sum = accumulate ? apply("add", this.element(to), value) : value;
    if (register !== undefined) return [this.set(register, sum)];
    const array = this.names.array(buffer);
    const isWide = elementOf(sum.type) === "f64";
    const stored = store(array.name, this.place(to), array.element === "f32" && isWide ? apply("narrow", sum) : sum);
    const wanted = isAsked(buffer) ? [isTrue(this.names.number({ kind: "wanted", output: buffer }))] : [];
    return onlyIf([...wanted, ...this.inside(to)], [stored]);
  }

  /** Statements that compute expressions of elements, and their values. */
  private values(roots: readonly Expr[]): { statements: readonly Statement[]; results: readonly Value[] } {
    const bound = new Map<string, Value>();
    const loads: Statement[] = [];
    const given = roots.map(withBounds);
    for (const place of new Set(given.flatMap((root) => variables(root)))) {
      const { name } = variableOf(place);
      const access = this.kernel.accesses.get(place);
      if (access === undefined) bound.set(name, this.names.number({ kind: "parameter", name }));
      else if (access.kind === "integer") bound.set(name, apply("fromWhole", this.integers.value(access.value)));
      else if (access.kind === "random") throw new RangeError("loops draw no numbers");
      else {
        const { element } = access;
        const wide = this.element(element);
        // A number that is only wanted in float32 stays as it is.
        const value = wide.kind === "apply" && wide.op === "widen" && isOnlySingle(place, given) ? wide.args[0]! : wide;
        const to = value.kind === "local" ? value : local(value.type, this.names.fresh(`${element.buffer.name}Value`));
        const conditions = this.inside(element);
        if (conditions.length > 0)
          loads.push(letBe(to, constantOf(value.type, 0)), ...onlyIf(conditions, [assign(to, value)]));
        else if (value !== to) loads.push(letBe(to, value));
        bound.set(name, to);
      }
    }
    const { statements, results } = lines(given, { bound, fresh: this.names.fresh, computed: "f64" });
    return { statements: [...loads, ...statements], results };
  }

  /** Whether it is a float32 number as it stands in an array. */
  private isSingle(value: Expr): boolean {
    const access = this.kernel.accesses.get(value);
    return access?.kind === "load" && this.names.array(access.element.buffer).element === "f32";
  }

  /** An element as a number to compute with. */
  private element(of: ElementOf): Value {
    const register = this.register(of.buffer);
    if (register !== undefined) return register;
    const { name, element } = this.names.array(of.buffer);
    const value = load(element === "i32" ? "i32" : element === "f64" ? "f64" : "f32", name, this.place(of));
    return element === "f64" ? value : apply(element === "i32" ? "fromWhole" : "widen", value);
  }

  /** Conditions for an element to be inside of its tensor. */
  private inside({ guards }: ElementOf): Value[] {
    return guards
      .filter((guard) => !isInside(guard))
      .flatMap(({ place, size }) => {
        const at = this.integers.value(place);
        const below = apply("lt", at, this.integers.value(size));
        return isNatural(place) ? [below] : [apply("le", constantOf("i32", 0), at), below];
      });
  }

  place({ buffer, at }: Matrix): Value {
    const terms = at.map((place, i) => times(this.local(buffer, i, place), buffer.strides[i]!));
    return this.integers.value(terms.reduce<Integer>((sum, term) => plus(sum, term), ZERO));
  }
}

/** Whether a place stands in expressions as a float32 number alone. */
const isOnlySingle = (place: Expr, roots: readonly Expr[]): boolean =>
  !roots.includes(place) && topological(roots).every(({ op, args }) => op === "single" || !args.includes(place));

/** Statements where all conditions hold. */
function onlyIf(conditions: readonly Value[], then: readonly Statement[]): Statement[] {
  const [first, ...others] = conditions;
  if (first === undefined) return [...then];
  return [{ kind: "if", condition: others.reduce((all, one) => apply("and", all, one), first), then, otherwise: [] }];
}

/** Whether a place is known to be inside. */
const isInside = ({ place, size }: Guard): boolean =>
  (place.kind === "mod" && place.args[1] === size) ||
  (place.kind === "constant" && size.kind === "constant" && place.value >= 0 && place.value < size.value);

export const isTrue = (flag: Value): Value => apply("not", apply("eq", flag, constantOf("i32", 0)));

/** The sums of a pass over the elements above the threshold t, m the largest, and the threshold after it. */
interface Threshold {
  readonly sums: readonly [string, string];
  readonly add: (value: Value, t: Value, m: Value) => readonly [Value, Value];
  readonly next: (first: Value, second: Value, t: Value, m: Value) => Value;
}

const lessOne = (sum: Value): Value => apply("sub", sum, number(1));

const THRESHOLDS: { readonly [K in ThresholdName]: Threshold } = {
  // Michelot 1986: it only grows, and each pass drops at least one element.
  threshold: {
    sums: ["sum", "count"],
    add: (value, _, m) => [apply("sub", value, m), number(1)],
    next: (sum, count, _, m) => apply("add", m, apply("div", lessOne(sum), count)),
  },
  // Newton's method from below: it only grows.
  squareThreshold: {
    sums: ["squares", "sum"],
    add: (value, t) => [apply("mul", apply("sub", value, t), apply("sub", value, t)), apply("sub", value, t)],
    next: (squares, sum, t) => apply("add", t, apply("div", lessOne(squares), apply("mul", number(2), sum))),
  },
};
