/** Random expressions and float64 inputs for fast-check: seeded by it, shrunk by it. */
import fc from "fast-check";
import * as b from "../src/ir/build.js";
import { node, type Expr } from "../src/ir/expr.js";
import { OPERATIONS, OPERATION_NAMES, isCondition, type OperationName } from "../src/ir/ops.js";

/** Operations on numbers that are part of formulas; what only the compiler writes is left out. */
const COMPILER_ONLY = new Set<OperationName>([
  "productError",
  "sumError",
  "round",
  "exp2Steps",
  "expSingle",
  "expm1Single",
  "erfcx",
  "ierfcx",
  "i2erfcx",
]);
const CONDITIONS = new Set<OperationName>(["lt", "le", "eq", "and", "or", "not"]);

const numeric = OPERATION_NAMES.filter(
  (op) => OPERATIONS[op].arity > 0 && op !== "select" && op !== "pow" && !CONDITIONS.has(op) && !COMPILER_ONLY.has(op),
);

const leaf = fc.oneof(
  { weight: 3, arbitrary: fc.constant(b.x) },
  { weight: 1, arbitrary: fc.integer({ min: -4, max: 4 }).map((value) => b.constant(value)) },
  { weight: 1, arbitrary: fc.constantFrom(b.fraction(1, 2), b.fraction(1, 3), b.pi) },
);

/** Expressions of the input, up to a few operations deep. */
export const expressions: fc.Arbitrary<Expr> = fc.letrec<{ expr: Expr }>((tie) => ({
  expr: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    leaf,
    fc
      .tuple(fc.constantFrom(...numeric), tie("expr"), tie("expr"))
      .map(([op, u, v]) => (OPERATIONS[op].arity === 1 ? node(op, u) : node(op, u, v))),
    fc.tuple(tie("expr"), tie("expr"), tie("expr"), tie("expr")).map(([u, v, p, q]) => b.select(b.lt(u, v), p, q)),
  ),
})).expr;

/** Bit patterns, ordinary numbers and special values alike. */
export const floats: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE),
);

export const ordinary: fc.Arbitrary<number> = fc.double({ min: -20, max: 20, noNaN: true });

export const isNumeric = (expr: Expr): boolean => !isCondition(expr);
