/**
 * Values far out that interval arithmetic on the expression itself does not have, 0 and infinity meeting in it: there it has
 * those of another form, in which only vanishing exponentials are left.
 */
import { columnEvaluator } from "../ir/evaluate.js";
import { topological, variableOf, type Expr } from "../ir/expr.js";
import { isCondition } from "../ir/ops.js";
import { sideForms } from "./construct/forms.js";
import type { Oracle, Point, Reference } from "./oracle.js";

/** Inputs from which on there is a far side, and those at which a form is compared with the expression before it is believed. */
const NEAREST = 8;
const WITNESSES = [8, 11, 14, 17, 19.5, 40, 300, 3000];
const FEWEST = 3;
/** Forms are by what conditions are between the first two of these, so that they have to be that on to the last. */
const CONDITIONS_AT = [60, 300, ...Array.from({ length: 60 }, (_, i) => 300 * 10 ** (i * 0.6))];

/** The values of each expression at each point, far out too. */
export const valuesFarOut = (
  oracle: Oracle,
  exprs: readonly Expr[],
  input: Expr,
  points: readonly Point[],
): Reference[] =>
  oracle
    .evaluate(exprs, points)
    .map((reference, which) => withFarValues(exprs[which]!, input, points, reference, oracle));

/** The reference with what forms for the sides of the line know where it knows nothing. */
export function withFarValues(
  expr: Expr,
  input: Expr,
  points: readonly Point[],
  reference: Reference,
  oracle: Oracle,
): Reference {
  const name = variableOf(input).name;
  const groups = new Map<string, number[]>();
  points.forEach((point, i) => {
    const { [name]: at, ...parameters } = point;
    if (!Number.isNaN(reference.high[i]!) || !(Math.abs(at!) >= NEAREST)) return;
    const key = `${Math.sign(at!)} ${JSON.stringify(parameters)}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  if (groups.size === 0) return reference;
  const [high, low] = [reference.high.slice(), reference.low.slice()];
  for (const unknown of groups.values()) {
    const asked = unknown.map((i) => points[i]!);
    const found = farValues(expr, input, asked, oracle);
    unknown.forEach((i, which) => {
      high[i] = found?.high[which] ?? NaN;
      low[i] = found?.low[which] ?? 0;
    });
  }
  return { high, low };
}

/** The values at points of one side that differ in their input alone, where a form is found that agrees with the expression. */
function farValues(expr: Expr, input: Expr, points: readonly Point[], oracle: Oracle): Reference | undefined {
  const name = variableOf(input).name;
  const parameters = points[0]!;
  const sign = Math.sign(parameters[name]!);
  const witnesses = WITNESSES.map((at) => ({ ...parameters, [name]: sign * at }));
  const [known] = oracle.evaluate([expr], witnesses);
  const isKnown = witnesses.map((_, i) => !Number.isNaN(known!.high[i]!));
  if (isKnown.filter(Boolean).length < FEWEST || !isSettled(expr, parameters, name, sign)) return undefined;
  for (const form of sideForms(expr, input, parameters)) {
    if (form.sign !== sign || !form.name.startsWith("far")) continue;
    const [values] = oracle.evaluate([form.expr], [...witnesses, ...points]);
    const compared = witnesses.flatMap((_, i) => (isKnown[i] && !Number.isNaN(values!.high[i]!) ? [i] : []));
    const agrees = compared.length >= FEWEST && compared.every((i) => values!.high[i] === known!.high[i]);
    const found = { high: values!.high.slice(witnesses.length), low: values!.low.slice(witnesses.length) };
    if (agrees && found.high.some((value) => !Number.isNaN(value))) return found;
  }
  return undefined;
}

/** Whether every condition is the same far out. */
function isSettled(expr: Expr, parameters: Point, name: string, sign: number): boolean {
  const inputs = Float64Array.from(CONDITIONS_AT, (at) => sign * at);
  const at = columnEvaluator(inputs.length, (of) =>
    of === name ? inputs : new Float64Array(inputs.length).fill(parameters[of] ?? NaN),
  );
  const decided = topological([expr]).filter((node) => isCondition(node) || node.op === "min" || node.op === "max");
  return decided.every((node) => {
    const values = isCondition(node) ? at(node) : at(node).map((value, i) => Number(value === at(node.args[0]!)[i]));
    return values.every((value) => value === values[0]);
  });
}
