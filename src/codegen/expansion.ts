/** How expressions become what a target writes: in its operations, with constants as literals that its floats can hold. */
import { Diagnostic } from "../diagnostic.js";
import type { Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { formulaText } from "../ir/print.js";
import { ARITHMETICS, type Precision } from "../symbolic/arithmetic.js";
import { createFacts } from "../symbolic/facts.js";
import type { Constants } from "../symbolic/measure.js";
import { folded, lower } from "./lower.js";
import type { Lowerings } from "../math/float32.js";
import type { Platform } from "./target.js";

/** Characters of a constant in a message. */
const SHORT = 60;

/** `more` are lowerings for loops that take the place of the target's. */
export type Lowered = (
  loops: boolean,
  alsoNative?: ReadonlySet<OperationName>,
  more?: Lowerings,
) => (expr: Expr) => Expr;

export interface Expansion {
  /** Expressions in the operations of a target, with exact constants. */
  readonly lowered: Lowered;
  /** Constants as the literals that are written. */
  readonly written: (expr: Expr) => Expr;
  /** Both. */
  readonly expand: Lowered;
  /** Expressions of scalar functions, as loops write them. */
  readonly inLoops: (scalar: Expr) => Expr;
}

/** How expressions are brought into what a target writes. */
export function expansionFor(target: Platform, { nearest }: Constants): Expansion {
  const lowered: Lowered =
    (loops, alsoNative = new Set(), more = {}) =>
    (expr) =>
      lower(expr, {
        native: (op) => alsoNative.has(op) || target.operations[op as keyof typeof target.operations] !== undefined,
        ...(loops && { overrides: { ...target.loopLowerings, ...more } }),
      });
  const written = (expr: Expr): Expr => folded(expr, nearest);
  const { loopHelpers, operations } = target;
  const native = (op: OperationName): boolean => op in operations;
  return {
    lowered,
    written,
    expand: (loops, alsoNative) => (expr) => written(lowered(loops, alsoNative)(expr)),
    inLoops: (scalar) =>
      loopHelpers === undefined ? scalar : written(lower(scalar, { native, overrides: loopHelpers })),
  };
}

/** A constant as the floats of a target have it: 0 where they flush it. */
function inFloats(value: number, { computed }: Platform): number {
  const { precision, smallest } = ARITHMETICS[computed];
  const held = precision === "float32" ? Math.fround(value) : value;
  return Math.abs(held) < smallest ? 0 : held;
}

/** Complains about constants of a formula that are too large for floats, or become 0 though they are not. */
export function checkConstants(expr: Expr, target: Platform, { nearest }: Constants): void {
  const facts = createFacts();
  folded(expr, (closed) => {
    const value = nearest(closed);
    const held = inFloats(value, target);
    if (!Number.isFinite(held) || (held === 0 && facts(closed).nonzero)) throw outOfRange(closed, target);
    return value;
  });
}

const RANGES: Readonly<Record<Precision, string>> = {
  float64: "between 5e-324 and 1.7e308",
  float32: "between 1.2e-38 and 3.4e38",
};

function outOfRange(closed: Expr, { name, computed }: Platform): Diagnostic {
  const { precision } = ARITHMETICS[computed];
  return new Diagnostic(
    `the constant ${formulaText(closed, SHORT)} is outside what ${name} can hold in a ${precision}`,
    {
      hint: `scale the formula so that its constants stay ${RANGES[precision]} in magnitude`,
    },
  );
}
