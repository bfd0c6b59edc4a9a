/** The operation table, row by row: meaning, intervals, derivatives and lowerings against the high-precision reference. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { variable } from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import { node, type Expr } from "../src/ir/expr.js";
import { interval } from "../src/ir/interval.js";
import { OPERATIONS, OPERATION_NAMES, type OperationName } from "../src/ir/ops.js";
import { createFacts } from "../src/symbolic/facts.js";
import { createOracle, type Oracle } from "../src/symbolic/oracle.js";
import { spacing } from "../src/symbolic/score.js";
import { floats } from "./random.js";

const NAMES = ["a", "b", "c"];
const places = (op: OperationName): Expr[] =>
  NAMES.slice(0, OPERATIONS[op].arity).map((name) => variable("parameter", name));
const CONDITIONAL = new Set<OperationName>(["and", "or", "not", "select"]);
/** Operations whose real value is 0: their float value is the point, tested on its own. */
const EXACT_ZERO = new Set<OperationName>(["productError", "sumError"]);

/** Operations whose float meaning is for what is not negative. */
const ONE_SIDED = new Set<OperationName>(["erfcx", "ierfcx", "i2erfcx"]);

/** Operations that mean something at some numbers alone. */
const OTHERS: { readonly [K in OperationName]?: (a: number) => boolean } = {
  round: () => false,
  exp2Steps: Number.isInteger,
  // A larger number is infinite to float32 anyway.
  expm1Single: (a) => a < 709,
};

const inputs = [-700, -30, -5.5, -1, -0.7, -1e-9, 0, 1e-300, 1e-9, 0.3, 0.9, 1, 1.5, 2.75, 6, 26.5, 300, 1e10];
const tuples = (arity: number): number[][] =>
  arity === 0 ? [[]] : tuples(arity - 1).flatMap((rest) => inputs.map((value) => [...rest, value]));
const bind = (values: readonly number[]): Record<string, number> =>
  Object.fromEntries(values.map((value, i) => [NAMES[i]!, value]));

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

/** ULP that the platform's functions and our own kernels keep. */
const ULP: { readonly [K in OperationName]?: number } = {
  erf: 4,
  erfc: 6,
  erfcx: 4,
  ierfcx: 5,
  i2erfcx: 8,
  sphericalBessel1: 4,
  // Of the digits of a float32.
  expSingle: 2 ** 23,
  expm1Single: 2 ** 23,
  sphericalBessel2: 6,
  pow: 4,
  tanh: 3,
  sinh: 3,
  sigmoid: 3,
};

const numeric = OPERATION_NAMES.filter(
  (op) => OPERATIONS[op].arity > 0 && !CONDITIONAL.has(op) && !EXACT_ZERO.has(op) && !["lt", "le", "eq"].includes(op),
);

describe.each(numeric)("%s", (op) => {
  const row = OPERATIONS[op];
  const points = tuples(row.arity)
    .filter(([a]) => !ONE_SIDED.has(op) || a! >= 0)
    .filter(([a]) => OTHERS[op]?.(a!) ?? true)
    .map(bind);

  it("means the real function that it is named after", () => {
    const [reference] = oracle.evaluate([node(op, ...places(op))], points);
    points.forEach((point, i) => {
      const wanted = reference!.high[i]!;
      if (Number.isNaN(wanted)) return;
      const got = row.evaluate(...Object.values(point));
      if (!Number.isFinite(wanted)) expect(got).toBe(wanted);
      else
        expect(Math.abs(got - wanted) / spacing(wanted), `${op}(${Object.values(point)})`).toBeLessThanOrEqual(
          ULP[op] ?? 2,
        );
    });
  });

  it("has an interval that contains its values", () => {
    for (const point of points) {
      const values = Object.values(point);
      const got = row.evaluate(...values);
      const range = row.interval(...values.map((value) => interval(value - 0.25, value + 0.25)));
      if (Number.isNaN(got)) expect(range.defined).toBe(false);
      else {
        expect(range.low, `${op}(${values})`).toBeLessThanOrEqual(got);
        expect(range.high, `${op}(${values})`).toBeGreaterThanOrEqual(got);
      }
    }
  });

  if (row.derivative !== undefined && op !== "round")
    it("has the derivative of its values", () => {
      const args = places(op);
      const partials = row.derivative!(node(op, ...args), ...args);
      for (const point of points) {
        const values = Object.values(point);
        if (values.some((value) => Math.abs(value) > 30 || Math.abs(value) < 0.2)) continue;
        if (values.length === 2 && Math.abs(values[0]! - values[1]!) < 0.1) continue;
        partials.forEach((partial, i) => {
          const step = 1e-5;
          const moved = (by: number): number =>
            row.evaluate(...values.map((value, j) => (i === j ? value + by : value)));
          const slope = (moved(step) - moved(-step)) / (2 * step);
          if (!Number.isFinite(slope)) return;
          const got = partial === null ? 0 : evaluate(partial, point);
          expect(Math.abs(got - slope), `${op}(${values})`).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(slope)));
        });
      }
    });

  if (row.lowering !== undefined)
    it("is what its lowering computes", () => {
      const lowered = row.lowering!(...places(op));
      for (const point of points) {
        const wanted = row.evaluate(...Object.values(point));
        const got = evaluate(lowered, point);
        if (Number.isNaN(wanted)) continue;
        if (!Number.isFinite(wanted)) expect(got).toBe(wanted);
        else expect(Math.abs(got - wanted) / spacing(wanted), `${op}(${Object.values(point)})`).toBeLessThanOrEqual(2);
      }
    });
});

describe("what floats lose", () => {
  it.each([
    ["productError", (a: bigint, c: bigint): bigint => a * c],
    ["sumError", (a: bigint, c: bigint): bigint => a + c],
  ] as const)("%s is exact", (op, exact) => {
    const integer = fc.maxSafeInteger();
    fc.assert(
      fc.property(integer, integer, (a, c) => {
        const rounded = op === "productError" ? a * c : a + c;
        const lost = exact(BigInt(a), BigInt(c)) - BigInt(rounded);
        expect(OPERATIONS[op].evaluate(a, c) === Number(lost)).toBe(true);
      }),
      { seed: 7 },
    );
  });

  it("splits numbers up to the largest without overflow", () => {
    expect(OPERATIONS.productError.evaluate(Number.MAX_VALUE, 1) === 0).toBe(true);
    expect(OPERATIONS.productError.evaluate(2 ** 1000 * 1.1, 1 + 2 ** -52)).toBe(
      2 ** 900 * OPERATIONS.productError.evaluate(2 ** 100 * 1.1, 1 + 2 ** -52),
    );
  });
});

describe("conditions", () => {
  it("know nothing of NaN", () => {
    for (const op of ["lt", "le", "eq"] as const) expect(OPERATIONS[op].evaluate(NaN, 1)).toBeNaN();
    expect(OPERATIONS.select.evaluate(NaN, 1, 2)).toBeNaN();
  });

  it("are decided by intervals only when every value agrees", () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(number, number, number, number, (p, q, r, s) => {
        const [a, c] = [variable("parameter", "a"), variable("parameter", "c")];
        const [first, second] = [interval(Math.min(p, q), Math.max(p, q)), interval(Math.min(r, s), Math.max(r, s))];
        const facts = createFacts(
          new Map([
            [a, first],
            [c, second],
          ]),
        );
        for (const op of ["lt", "le", "eq"] as const) {
          const known = facts(node(op, a, c));
          for (const u of [p, q])
            for (const v of [r, s]) {
              const value = OPERATIONS[op].evaluate(u, v);
              expect(known.low <= value && value <= known.high).toBe(true);
            }
        }
      }),
      { seed: 8 },
    );
  });
});

describe("laws", () => {
  const held = OPERATION_NAMES.flatMap((op) => (OPERATIONS[op].laws ?? []).map((law) => [op, law] as const));

  it.each(held)("%s is %s", (op, law) => {
    const { evaluate: compute } = OPERATIONS[op];
    const number = fc.double({ min: -30, max: 30, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, c) => {
        if (law === "commutative") expect(compute(a, c)).toBe(compute(c, a));
        // Outside a domain both are NaN.
        if (law === "odd" && !Number.isNaN(compute(a))) expect(compute(-a) === -compute(a)).toBe(true);
        if (law === "vanishing") {
          const interval = { low: Math.min(a, c), high: Math.max(a, c), nonzero: false, defined: true };
          expect(OPERATIONS[op].interval(interval, interval)).toMatchObject({ low: 0, high: 0 });
        }
        if (law === "even") expect(compute(-a)).toBe(compute(a));
        const [low, high] = [compute(Math.min(a, c)), compute(Math.max(a, c))];
        // Rounding may make neighbours equal, and a step down by the last place.
        if (law === "increasing" && !Number.isNaN(low) && !Number.isNaN(high))
          expect(low).toBeLessThanOrEqual(high + spacing(high));
      }),
      { seed: 10 },
    );
  });
});

describe("every operation", () => {
  it("gives NaN for NaN", () => {
    for (const op of numeric) {
      const { arity, evaluate: compute } = OPERATIONS[op];
      for (let i = 0; i < arity; i++) {
        const values = Array.from({ length: arity }, (_, j) => (i === j ? NaN : 0.5));
        if (op === "pow" && i === 0) continue;
        expect(compute(...values), op).toBeNaN();
      }
    }
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATION_NAMES), floats, floats, floats, (op, a, c, d) => {
        expect(typeof OPERATIONS[op].evaluate(...[a, c, d].slice(0, OPERATIONS[op].arity))).toBe("number");
      }),
      { seed: 9, numRuns: 2000 },
    );
  });
});
