/** Steps of a kernel as loops: reductions of rows, and stores of elements. */
import { single } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import { rowMajorNumber } from "../../ir/graph/integer.js";
import { isThreshold, type ReductionName, type ThresholdName } from "../../ir/graph/reductions.js";
import type { Buffer, ElementOf, Fold, PlainStep } from "../../ir/kernel.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  local,
  store,
  type Local,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import type { LoopOperationName } from "../../ir/loops/operations.js";
import { elementOf, type Element } from "../../ir/loops/types.js";
import { isTrue, number, onlyIf } from "./elements.js";
import { NEUTRAL } from "./strides.js";
import { KernelValues } from "./values.js";

type FoldStep = Extract<PlainStep, { readonly kind: "fold" }>;
type StoreStep = Extract<PlainStep, { readonly kind: "store" }>;

/** The reductions for which one look at each element is enough. */
const ONE_PASS: { readonly [K in ReductionName]?: LoopOperationName } = { sum: "add", max: "max" };

/** How numbers of float64 become those of arrays. */
const STORED: { readonly [E in Element]?: LoopOperationName } = { f32: "narrow", i32: "toWhole" };

/** Whether an output that may be left out has to be asked for where it is written. */
export type IsAsked = (output: Buffer) => boolean;

export class KernelLoops extends KernelValues {
  fold(step: FoldStep, isAsked: IsAsked): readonly Statement[] {
    const shared = step.folds.filter(({ how }) => ONE_PASS[how] !== undefined);
    const others = step.folds.filter(({ how }) => ONE_PASS[how] === undefined);
    return [
      ...(shared.length === 0 ? [] : this.onePass(step, shared, isAsked)),
      ...others.flatMap((fold) =>
        fold.how === "argmax" ? this.placeOfLargest(step, fold, isAsked) : this.threshold(step, fold, isAsked),
      ),
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

  /** The number of the largest element along the rows; the first NaN is it, and nothing is larger than that. */
  private placeOfLargest({ axes, over }: FoldStep, fold: Fold, isAsked: IsAsked): readonly Statement[] {
    return this.along(axes, () => {
      const [largest, at] = ["largest", "place"].map((stem) => local("f64", this.names.fresh(stem))) as [Local, Local];
      const isLarger = local("bool", this.names.fresh("isLarger"));
      return [
        letBe(largest, number(-Infinity)),
        letBe(at, number(0)),
        ...this.along(over, () => {
          const { statements, results } = this.values([fold.value]);
          const element = local("f64", this.names.fresh("element"));
          const isNumber = apply("eq", largest, largest);
          const here = apply("fromWhole", this.integers.value(rowMajorNumber(over)));
          return [
            ...statements,
            letBe(element, results[0]!),
            letBe(isLarger, apply("and", apply("not", apply("le", element, largest)), isNumber)),
            assign(largest, apply("select", isLarger, element, largest)),
            assign(at, apply("select", isLarger, here, at)),
          ];
        }),
        ...this.put(fold.to, at, fold.accumulate, isAsked),
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
    const rounds = elementOf(sum.type) === array.element ? undefined : STORED[array.element];
    const stored = store(array.name, this.place(to), rounds === undefined ? sum : apply(rounds, sum));
    const wanted = isAsked(buffer) ? [isTrue(this.names.number({ kind: "wanted", output: buffer }))] : [];
    return onlyIf([...wanted, ...this.inside(to)], [stored]);
  }

  /** Whether it is a float32 number as it stands in an array. */
  private isSingle(value: Expr): boolean {
    const access = this.kernel.accesses.get(value);
    return access?.kind === "load" && this.names.array(access.element.buffer).element === "f32";
  }
}

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
