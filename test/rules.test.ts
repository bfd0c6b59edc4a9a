/** Every rule is sampled on both sides in its tier; a wrong rule is caught by the same check. */
import { beforeAll, describe, expect, it } from "vitest";
import * as b from "../src/ir/build.js";
import { evaluate } from "../src/ir/evaluate.js";
import { substitute, variableOf, variables, type Expr } from "../src/ir/expr.js";
import { isCondition } from "../src/ir/ops.js";
import { createFacts } from "../src/symbolic/facts.js";
import { LEAN_RULES } from "../src/symbolic/lean-forms.js";
import { wildcard } from "../src/symbolic/match.js";
import { createOracle, type Oracle } from "../src/symbolic/oracle.js";
import { applyRule, rule, type Rule } from "../src/symbolic/rule.js";
import { SIMPLIFICATIONS } from "../src/symbolic/rules.js";
import { SHADER_RULES, SHORT_FLOAT_RULES, STABLE_RULES } from "../src/symbolic/stable-rules.js";

/** What wildcards stand for: numbers that exercise signs, sizes and kinks, and expressions of x with known signs. */
const ARGUMENTS: readonly Expr[] = [
  b.x,
  b.mul(b.x, b.x),
  b.exp(b.x),
  b.neg(b.exp(b.x)),
  b.abs(b.x),
  b.sub(b.tanh(b.x), 2),
  b.add(b.mul(b.x, b.x), 0.5),
];
const CONDITIONS: readonly Expr[] = [b.lt(b.x, 1), b.le(0, b.x), b.not(b.lt(b.x, -0.5))];
const CONSTANTS: readonly Expr[] = [b.constant(2), b.constant(-3), b.fraction(1, 3), b.constant(0), b.constant(1)];
const INPUTS = [-30, -3.25, -1, -0.5, -1e-7, 0, 1e-7, 0.5, 1, 2, 3.25, 30];

/** Wildcards in the places of conditions: their rule's `select`, `and`, `or` and `not` take them as such. */
function wantsCondition(pattern: Expr, wanted: Expr): boolean {
  const stack = [pattern];
  while (stack.length > 0) {
    const top = stack.pop()!;
    const logical = ["and", "or", "not"].includes(top.op);
    if (top.args.some((arg, i) => arg === wanted && (logical || (top.op === "select" && i === 0)))) return true;
    stack.push(...top.args);
  }
  return false;
}

/** Instances of a rule's left side, with the wildcards bound to everything in turn. */
function* instances(row: Rule): Generator<Expr> {
  const wildcards = variables(row.from).filter((expr) => variableOf(expr).role === "wildcard");
  const choices = wildcards.map((expr) => {
    if (wantsCondition(row.from, expr)) return CONDITIONS;
    return /^[cd]/.test(variableOf(expr).name) ? CONSTANTS : ARGUMENTS;
  });
  // A fixed walk through the combinations, with another stride for each wildcard.
  for (let i = 0; i < 150; i++) {
    const bindings = new Map(
      wildcards.map((expr, j) => [
        expr,
        choices[j]![(i * (j + 1) + Math.floor(i / 7) * (j + 2)) % choices[j]!.length]!,
      ]),
    );
    yield substitute(row.from, bindings);
  }
}

const TOLERANCE = 2 ** -90;

/** The inputs at which a rule changes what it should keep. */
function violations(row: Rule, oracle: Oracle): string[] {
  const facts = createFacts();
  const found: string[] = [];
  let applied = 0;
  for (const left of instances(row)) {
    const right = applyRule(row, left, facts, (expr) => expr);
    if (right === undefined) continue;
    applied += 1;
    // A condition is compared as the number that it selects.
    const [u, v] = isCondition(left) ? [b.select(left, 1, 2), b.select(right, 1, 2)] : [left, right];
    const points = INPUTS.map((x) => ({ x }));
    const [before, after] = oracle.evaluate([u, v], points);
    points.forEach(({ x }, i) => {
      const [p, q] = [before!.high[i]!, after!.high[i]!];
      if (Number.isNaN(p) || Number.isNaN(q)) return;
      const difference = Math.abs(p - q + (before!.low[i]! - after!.low[i]!));
      const same = p === q || difference <= TOLERANCE * Math.max(Math.abs(p), Math.abs(q));
      if (!same) found.push(`${row.name} at x = ${x}: ${p} became ${q}`);
    });
    if (row.tier === "exact")
      for (const x of [...INPUTS, -0, NaN, Infinity, -Infinity, 1e308]) {
        const [p, q] = [evaluate(u, { x }), evaluate(v, { x })];
        if (!Object.is(p, q)) found.push(`${row.name} is not exact at x = ${x}: ${p} became ${q}`);
      }
  }
  if (applied === 0) found.push(`${row.name} was never applied`);
  return found;
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});

describe.each([
  ["simplification", SIMPLIFICATIONS],
  ["stable rule", STABLE_RULES],
  ["rule for short floats", SHORT_FLOAT_RULES],
  ["rule for shaders", SHADER_RULES],
  ["rule for tensors", LEAN_RULES],
] as const)("%s", (_, rules) => {
  it.each(rules.map((row) => [row.name, row] as const))("%s keeps the value", (_name, row) => {
    expect(violations(row, oracle)).toEqual([]);
  });
});

describe("a wrong rule", () => {
  const [u, v] = [wildcard("u"), wildcard("v")];
  it.each([
    ["a sign", rule("wrong-sign", "real", b.sub(b.exp(u), 1), b.neg(b.expm1(u)))],
    ["a factor", rule("wrong-factor", "real", b.add(b.tanh(u), 1), b.sigmoid(b.mul(2, u)))],
    ["a branch", rule("wrong-branch", "real", b.max(u, v), b.select(b.lt(u, v), u, v))],
    ["a tier", rule("wrong-tier", "exact", b.add(u, 0), u)],
    ["a missing guard", rule("wrong-guard", "real", b.sqrt(b.mul(u, u)), u)],
  ])("is caught: %s", (_, row) => {
    expect(violations(row, oracle)).not.toEqual([]);
  });

  it("is refused at once when it would invent a value or match everything", () => {
    expect(() => rule("unbound", "real", b.exp(u), v)).toThrow(/does not bind v/);
    expect(() => rule("everything", "real", u, b.exp(u))).toThrow(/matches everything/);
  });
});
