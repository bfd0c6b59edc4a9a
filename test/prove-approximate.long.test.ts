/** Certificates of nearness: given to every approximating step of the catalogue, refused to wrong ones, and true. */
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { createOracle, differentiate, type Oracle } from "../src/pipeline/activation.js";
import * as b from "../src/ir/build.js";
import { defaults, type Definition } from "../src/ir/definition.js";
import { rebuild, substitute, type Expr } from "../src/ir/expr.js";
import { rationalFromNumber, type Rational } from "../src/ir/rational.js";
import { constants, type Constants } from "../src/symbolic/measure.js";
import type { Point } from "../src/symbolic/oracle.js";
import { nearness, type Certificate, type Nearness } from "../src/symbolic/prove/estimates/approximate.js";
import { DOUBLES } from "../src/symbolic/prove/estimates/bounds.js";
import { tailForms } from "../src/symbolic/tail.js";
import { taylorForms } from "../src/symbolic/taylor.js";
import { createWorkbench } from "../src/symbolic/workbench.js";

const { x } = b;
const LARGEST_FLOAT32 = 2 ** 128 - 2 ** 104;

let oracle: Oracle;
let values: Constants;
beforeAll(async () => {
  oracle = await createOracle();
  values = constants(oracle);
});

interface Approximation {
  readonly name: string;
  readonly before: Expr;
  readonly after: Expr;
  readonly largest: number;
}

/** What the search does approximately, looking for less error than it has to. */
function approximations(definition: Definition): Approximation[] {
  const { value, derivative, secondDerivative } = differentiate(definition);
  const exprs = [value, derivative, secondDerivative];
  return (["float64", "float32"] as const).flatMap((precision) => {
    const sides = precision === "float64" ? exprs : exprs.slice(0, 2);
    const bench = createWorkbench(definition, sides, { computed: "float64", stored: precision }, oracle, values);
    const largest = precision === "float64" ? Number.MAX_VALUE : LARGEST_FLOAT32;
    return sides.flatMap((expr, which) => {
      let before = expr;
      return bench.search(which, precision === "float64" ? 2 : 0.6).steps.flatMap((step) => {
        const taken = { name: `${precision} ${which} ${step.name}`, before, after: step.expr, largest };
        before = step.expr;
        return step.exact ? [] : [taken];
      });
    });
  });
}

/** Inputs of every magnitude, and many where exponentials underflow. */
const INPUTS = [
  ...Array.from({ length: 42 }, (_, i) => 2 ** (50 * i - 1070 + (i % 7) / 7)),
  ...Array.from({ length: 36 }, (_, i) => 0.37 + 21.3 * i),
  ...[
    0.49999,
    0.5,
    0.50001,
    0.8749,
    0.875,
    0.8751,
    8,
    59.999,
    60,
    60.001,
    600.01,
    2 ** 40,
    2 ** 300,
    2 ** 300 * 1.0001,
  ],
].flatMap((magnitude) => [magnitude, -magnitude]);

const pointsFor = (sets: readonly Point[], largest: number): Point[] =>
  sets.flatMap((set) => INPUTS.filter((value) => Math.abs(value) <= largest).map((value) => ({ ...set, x: value })));

/** How many of the points have a difference, and those where it is larger than the certificate says. */
function check(before: Expr, after: Expr, { relative = 0, absolute = 0 }: Nearness, points: readonly Point[]) {
  const [right, gap] = oracle.evaluate([before, b.sub(after, before)], points);
  const differing = points.map((point, i) => ({
    point,
    size: Math.abs(right!.high[i]!),
    gap: Math.abs(gap!.high[i]!),
  }));
  const violations = differing.filter((at) => at.gap > Math.max(relative * at.size, absolute));
  return { differing: differing.filter((at) => at.gap > 0).length, violations };
}

const nearnessOf = (certificate: Certificate): Nearness => {
  if (!certificate.certified) throw new Error(`${certificate.where}: ${certificate.reason}`);
  return certificate.nearness;
};

/** Steps that a search takes and that stay uncertified, so that a form is built instead. */
const OPEN: ReadonlySet<string> = new Set(["bsilu float64 1 exponential-tail", "bsilu float64 2 exponential-tail"]);

describe("the steps of the catalogue", () => {
  let steps = 0;

  it.each(catalogue.map((definition) => [definition.id, definition] as const))(
    "%s: each is certified, and as near as its certificate says",
    (_, definition) => {
      const sets = [defaults(definition), ...definition.samples];
      for (const { name, before, after, largest } of approximations(definition)) {
        const certificate = nearness(before, after, x, { ...DOUBLES, largest });
        if (OPEN.has(`${definition.id} ${name}`)) {
          expect(certificate.certified).toBe(false);
          continue;
        }
        expect([name, certificate]).toEqual([name, expect.objectContaining({ certified: true })]);
        const near = nearnessOf(certificate);
        const { differing, violations } = check(before, after, near, pointsFor(sets, largest));
        expect([name, violations]).toEqual([name, []]);
        if (near.where === "no input") expect([name, differing]).toEqual([name, 0]);
        expect(near.relative ?? 0).toBeLessThanOrEqual(2 ** -50);
        expect(near.absolute ?? 0).toBeLessThanOrEqual(2 ** -1060);
        steps += 1;
      }
    },
  );

  it("are many", () => expect(steps).toBeGreaterThan(30));
});

const beta = b.parameter("beta", [2 ** -20, 2 ** 20]);
const silu = b.mul(x, b.sigmoid(b.mul(beta, x)));
const tanhshrink = b.sub(x, b.tanh(x));
const tail = (cut: number, factor: Expr): Expr => {
  const root = b.exp(b.mul(0.5, b.mul(beta, x)));
  return b.select(b.lt(b.mul(beta, x), cut), b.mul(b.mul(b.mul(factor, x), root), root), silu);
};

describe("a tail", () => {
  it("is off by its exponential at the cut", () => {
    const near = nearnessOf(nearness(silu, tail(-60, b.constant(1)), x));
    expect(near.where).toMatch(/^x < .*beta/);
    expect(near.relative).toBeGreaterThanOrEqual(Math.exp(-60));
    expect(near.relative).toBeLessThan(Math.exp(-60) * 1.001);
  });

  it.each([
    ["a coefficient that is wrong in its 12th digit", tail(-60, b.decimal("1.00000000001"))],
    ["a cut at -10", tail(-10, b.constant(1))],
    ["the wrong sign", tail(-60, b.constant(-1))],
    ["another function", tail(-60, x)],
  ])("with %s is not certified", (_, wrong) => {
    const certificate = nearness(silu, wrong, x);
    expect(certificate).toMatchObject({ certified: false, reason: expect.stringContaining("beta") as string });
  });

  it("of a logarithm is certified by an expansion of it", () => {
    const softplus = b.log1p(b.exp(x));
    const [form] = tailForms(softplus);
    const near = nearnessOf(nearness(softplus, form!, x));
    expect(near.relative).toBeLessThan(Math.exp(-60) * 1.001);
    expect(check(softplus, form!, near, pointsFor([{}], 700)).violations).toEqual([]);
  });

  it("is not certified where a parameter without limits can take the exponent anywhere", () => {
    const free = b.parameter("free");
    const replace = (expr: Expr): Expr => substitute(expr, new Map([[beta, free]]));
    const held = b.max(x, b.constant(-(2 ** 40)));
    expect(nearness(replace(silu), substitute(replace(silu), new Map([[x, held]])), x).certified).toBe(false);
  });
});

describe("a held input", () => {
  const hold = (expr: Expr, most: Expr): Expr => substitute(expr, new Map([[x, b.max(b.min(x, most), b.neg(most))]]));
  const softsign = b.div(x, b.add(1, b.abs(x)));

  it("beyond 2^300 changes softsign by a relative 2^-300, beyond 2^40 by too much", () => {
    const near = nearnessOf(nearness(softsign, hold(softsign, b.fraction(2n ** 300n)), x));
    expect(near.where).toBe("x < -2^300; x > 2^300");
    expect(near.relative).toBeLessThan(2 ** -299);
    expect(near.relative).toBeGreaterThanOrEqual(2 ** -300 * 0.999);
    expect(nearness(softsign, hold(softsign, b.fraction(2n ** 40n)), x).certified).toBe(false);
  });

  it.each([
    ["softsign", softsign],
    ["tanh", b.tanh(x)],
    ["silu", silu],
    ["a line", b.mul(3, x)],
  ])("of %s beyond 2^3 is not certified", (_, expr) => {
    expect(nearness(expr, hold(expr, b.constant(8)), x).certified).toBe(false);
  });

  it("changes nothing at inputs that are smaller anyway", () => {
    const line = b.mul(3, x);
    const held = hold(line, b.fraction(2n ** 300n));
    expect(nearness(line, held, x).certified).toBe(false);
    expect(nearness(line, held, x, { ...DOUBLES, largest: LARGEST_FLOAT32 })).toEqual({
      certified: true,
      nearness: { where: "no input", relative: 0 },
    });
  });
});

describe("a series", () => {
  /** One coefficient after the other replaced. */
  const changed = (expr: Expr, change: (value: Rational, index: number) => Expr): Expr => {
    let index = 0;
    return rebuild([expr], (rebuilt) => {
      if (rebuilt.op !== "rational") return rebuilt;
      const value = rebuilt.payload as Rational;
      return value.denominator % 3n === 0n ? change(value, index++) : rebuilt;
    }).get(expr)!;
  };
  const scaled = ({ numerator, denominator }: Rational, by: number): Expr => {
    const factor = rationalFromNumber(by);
    return b.fraction(numerator * factor.numerator, denominator * factor.denominator);
  };

  const analytic: readonly (readonly [string, Expr])[] = [
    ["x - tanh(x)", tanhshrink],
    ["x - sin(x)", b.sub(x, b.sin(x))],
    ["cosh(x) - 1", b.sub(b.cosh(x), 1)],
    ["x - x·exp(x)", b.sub(x, b.mul(x, b.exp(x)))],
    ["x·(sigmoid(x) - 1/2)", b.mul(x, b.sub(b.sigmoid(x), b.fraction(1, 2)))],
    ["x - x/(1 + x²/16)", b.sub(x, b.div(x, b.add(1, b.div(b.mul(x, x), 16))))],
  ];
  it.each(analytic)("of %s is certified, and as near as it says", (_, expr) => {
    const forms = taylorForms(expr, x);
    expect(forms.length).toBeGreaterThan(0);
    for (const form of forms) {
      const near = nearnessOf(nearness(expr, form, x));
      expect(near.relative).toBeGreaterThan(2 ** -80);
      expect(check(expr, form, near, pointsFor([{}], 1)).violations).toEqual([]);
    }
  });

  const series = taylorForms(tanhshrink, x)[0]!;
  it.each([0, 1, 2, 3])("with coefficient %d changed in its 9th digit is not certified", (which) => {
    const wrong = changed(series, (value, i) => (i === which ? scaled(value, 1 + 2 ** -30) : b.fromRational(value)));
    expect(wrong).not.toBe(series);
    expect(nearness(tanhshrink, wrong, x).certified).toBe(false);
  });

  it("that lacks a term is not certified", () => {
    const wrong = changed(series, (value, i) => (i === 2 ? b.constant(0) : b.fromRational(value)));
    expect(nearness(tanhshrink, wrong, x).certified).toBe(false);
  });

  it("used too far out is not certified", () => {
    const [condition, near, far] = series.args as [Expr, Expr, Expr];
    const wider = substitute(condition, new Map([[b.fraction(1, 2), b.fraction(3, 2)]]));
    expect(wider).not.toBe(condition);
    expect(nearness(tanhshrink, b.select(wider, near, far), x).certified).toBe(false);
  });
});

describe("what is no approximation", () => {
  it("is equal everywhere, or has a value where the other has none", () => {
    expect(nearness(b.mul(x, 2), b.add(x, x), x)).toEqual({
      certified: true,
      nearness: { where: "no input", relative: 0 },
    });
    const root = nearness(x, b.mul(b.sqrt(x), b.sqrt(x)), x);
    expect(root).toMatchObject({ certified: false, where: "x < 0" });
    const sum = b.add(b.mul(x, b.exp(x)), b.fraction(1, 9));
    expect(nearness(x, b.mul(x, b.div(sum, sum)), x).certified).toBe(false);
    expect(nearness(x, b.select(b.eq(x, 1), 2, x), x)).toMatchObject({ certified: false, where: "x = 1" });
  });

  it("ends when there is much to do", () => {
    let deep: Expr = x;
    for (let i = 0; i < 300; i++) deep = b.mul(b.tanh(b.add(deep, x)), b.sigmoid(deep));
    expect(nearness(deep, b.add(deep, b.decimal("1e-9")), x).certified).toBe(false);
  });
});
