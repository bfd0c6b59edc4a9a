/** Certificates of proofs, and the checker that shares no code with the prover. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { constant, div, exp, log, max, mul, neg, parameter, pow, select, lt, sqrt, x } from "../src/ir/build.js";
import type { Expr } from "../src/ir/expr.js";
import { createOracle } from "../src/pipeline/activation.js";
import { createProver, type Prover } from "../src/symbolic/prove/prove.js";
import { CHECKER, TAMPERINGS, certified, check, inOneCell } from "./helpers/certificates.js";

const python = process.env["NONLIN_PYTHON"];
let prover: Prover;
beforeAll(async () => {
  prover = createProver(await createOracle());
});

const SOME = ["relu", "elu", "softsign", "gelu_erf", "softshrink", "squareplus", "snake"];

describe.skipIf(python === undefined)("the checker", () => {
  const of = (id: string) =>
    certified(
      catalogue.find((definition) => definition.id === id)!,
      prover,
    );

  it("accepts what is proved", () => {
    const proofs = SOME.flatMap(of);
    const { rejected, summary } = check(python!, proofs);
    expect([...rejected]).toEqual([]);
    expect(summary).toBe(`${proofs.length} claims checked, 0 rejected, 0 without a proof`);
  });

  it("rejects what was changed", () => {
    const proofs = Object.entries(TAMPERINGS).flatMap(([name, change]) => {
      const changed = of("softshrink").flatMap(({ says, record }) => {
        const tampered = change(record);
        return tampered === undefined ? [] : [{ says: `${name}: ${says}`, record: tampered }];
      });
      expect([name, changed.length]).not.toEqual([name, 0]);
      return changed;
    });
    expect([...check(python!, proofs).rejected]).toEqual(proofs.map(({ says }) => says));
  });

  const a = parameter("a");
  /** A formula, what is claimed of it as if it were proved, and whether that is right. */
  const CLAIMS: Readonly<Record<string, readonly [formula: Expr, claim: Expr, right: boolean]>> = {
    "a logarithm, where it has a value": [log(x), div(1, x), true],
    "a claim that has no value at 0": [x, div(x, x), false],
    "a claim that has values for x > 0 alone": [mul(2, x), select(lt(0, x), 2, div(mul(2, x), mul(log(x), 0))), false],
    "a root of what may be negative": [sqrt(x), div(1, mul(2, sqrt(x))), false],
    "a root of a square as if it were smooth": [sqrt(mul(x, x)), div(x, sqrt(mul(x, x))), false],
    "a power of what may be negative": [pow(x, a), mul(a, exp(mul(pow(x, a), log(x)))), false],
    "a formula without values": [log(neg(mul(x, x))), constant(3), false],
    "a kink inside a cell": [max(x, 0), select(lt(0, x), 1, 0), false],
  };

  it("decides claims that were never proved, in one cell", () => {
    const proofs = Object.entries(CLAIMS).map(([says, [formula, claim]]) => ({
      says,
      record: inOneCell(formula, claim),
    }));
    const { rejected } = check(python!, proofs);
    for (const [says, [, , right]] of Object.entries(CLAIMS))
      expect([says, rejected.has(says)]).toEqual([says, !right]);
  });

  it("is short, and of one file", () => {
    const text = readFileSync(CHECKER, "utf8");
    expect(text.split("\n").length).toBeLessThanOrEqual(400);
    expect([...text.matchAll(/^(?:from|import) (\w+)/gm)].map(([, name]) => name)).toEqual([
      "json",
      "sys",
      "fractions",
      "math",
      "sympy",
    ]);
  });
});
