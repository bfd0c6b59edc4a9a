/**
 * The stable, lowered and proved forms of an activation and its derivatives that compilers of activations and graphs
 * need.
 */
import { atDefaults, chosenByDefaults, provedTogether } from "./at-defaults.js";
import { createFinder, trust, type Finished, type Sought } from "./best-form.js";
import { GOAL_FLOAT32, leanForm } from "./lean-form.js";
import { nearForm } from "./near.js";
import { checkConstants, expansionFor, type Lowered } from "../codegen/expansion.js";
import type { AccuracyReport, ChainProof, FunctionName, LoopName, Platform } from "../codegen/target.js";
import { LOST, gravest, judge } from "../codegen/grade.js";
import { KEEPS_NAN } from "../codegen/lower.js";
import { goodInSingle, type SingleLoop } from "../codegen/singles.js";
import { Diagnostic } from "../diagnostic.js";
import { x, y } from "../ir/build.js";
import { differentiated, type Definition } from "../ir/definition.js";
import { topological, type Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { parameterGradients, type ParameterGradient } from "./parameter-gradients.js";
import { derivative } from "../symbolic/derivative.js";
import { ARITHMETICS, type ArithmeticName } from "../symbolic/arithmetic.js";
import { constants, type Worst } from "../symbolic/measure.js";
import type { Oracle } from "../symbolic/oracle.js";
import { DOUBLES_OF_SINGLES } from "../symbolic/prove/estimates/bounds.js";
import type { ProofReport } from "../symbolic/prove/chain.js";
import { createProver, type Prover } from "../symbolic/prove/prove.js";
import { MEASURED } from "../symbolic/prove/refute.js";
import { provedOutput } from "../symbolic/proved-output.js";
import { withSmoothJoins } from "../symbolic/joins.js";
import { normalForm } from "../symbolic/simplify.js";
import type { Floats } from "../symbolic/score.js";
import type { Step } from "../symbolic/stabilise.js";
import { sharedWorkbench } from "../symbolic/shared-workbench.js";
import { measuredOutputForms, type OutputForm, type Workbench } from "../symbolic/workbench.js";

/** Called with the name of each step and the expressions after it. */
export type Trace = (step: string, expressions: Readonly<Record<string, Expr>>) => void;

/** ULP at which the search has nothing left to look for: a few roundings, more where more operations are needed. */
const GOALS: Readonly<Record<FunctionName, Sought["goals"]>> = {
  // Nothing rounds errors of a shader away afterwards, and dense sweeps find up to twice what few inputs show.
  value: { float64: 2, float32: 2, shader: 1.5 },
  derivative: { float64: 3.5, float32: 3.5, shader: 2 },
  secondDerivative: { float64: 8, float32: 8, shader: 4 },
};
/** The error bound of loops in ULP of float32, which a derivative in the output has to meet, too. */
export const LOOP_BOUND = 1;
/** How far from right, relatively or absolutely, a form may be that is written as it stands in the formula. */
const ROUGH = 2 ** -6;
/** The unit of errors in terms of a sum: those below 2^-34 are none, where float32 rounds a sum of about 1 by 2^-25. */
const TERM = 2 ** -46;
/** Operations that loops in float32 have besides, to compute in float64 on the way. */
export const BETWEEN_FLOATS: ReadonlySet<OperationName> = new Set<OperationName>(["double", "single"]);
/** How often each function is the formula differentiated. */
const ORDERS: Readonly<Record<FunctionName, number>> = { value: 0, derivative: 1, secondDerivative: 2 };
/** The functions that loops compute. */
const LOOPS = { forward: "value", backward: "derivative" } as const satisfies Readonly<Record<LoopName, FunctionName>>;
const FUNCTIONS = Object.keys(ORDERS) as readonly FunctionName[];

/**
 * The definition's formula and its first two derivatives, or those of its surrogate, in normal form; hears the name of every rule on the way. Where
 * pieces join smoothly a prover is needed: without one the derivative is there what the comparisons select.
 */
export function differentiate(
  definition: Definition,
  prover?: Prover,
  onRule: (of: FunctionName, rule: string) => void = () => undefined,
): Readonly<Record<FunctionName, Expr>> {
  const normal = (of: FunctionName, expr: Expr): Expr => normalForm(expr, { onRule: (rule) => onRule(of, rule) });
  const value = normal("value", definition.formula);
  const [formula, base] =
    definition.gradient === undefined
      ? [definition.formula, value]
      : [definition.gradient.formula, normal("derivative", definition.gradient.formula)];
  const slope = (of: FunctionName, expr: Expr): Expr => {
    const selected = normal(of, derivative(expr, x));
    return prover === undefined ? selected : withSmoothJoins(formula, selected, ORDERS[of], x, prover);
  };
  const first = slope("derivative", base);
  return { value, derivative: first, secondDerivative: slope("secondDerivative", first) };
}

const hasDoubles = (expr: Expr): boolean => topological([expr]).some(({ op }) => op === "double");

/** The forms of an activation that a target emits from: of the target they know only its operations. */
export interface ActivationForms {
  /** The formula and its derivatives in normal form. */
  readonly exact: Readonly<Record<FunctionName, Expr>>;
  readonly stable: Readonly<Record<FunctionName, { readonly expr: Expr; readonly steps: readonly Step[] }>>;
  readonly functions: Readonly<Record<FunctionName, Expr>>;
  /** The formula in normal form, lowered; absent where floats give nothing near it, or nothing near its derivative. */
  readonly composition: Expr | undefined;
  readonly forward: Expr;
  /** The derivative in the input. */
  readonly backward: Expr;
  /** The derivative in the output, if a form is proved; the best of them. */
  readonly output:
    { readonly form: OutputForm; readonly proof: ChainProof; readonly inSingle: Worst | undefined } | undefined;
  /** Loops in the input that float32 computes as well; for targets that ask for it. */
  readonly inSingle: Readonly<Record<LoopName, SingleLoop | undefined>>;
  readonly byParameter: ReadonlyMap<string, ParameterGradient>;
  readonly accuracy: AccuracyReport;
  readonly proofs: ProofReport;
  readonly applied: Readonly<Record<FunctionName, ReadonlySet<string>>>;
  readonly expand: Lowered;
  readonly prover: Prover;
}

/** Differentiates, stabilises, lowers and proves: everything that layers need of an activation, too. */
export function formsOf(
  definition: Definition,
  target: Platform,
  oracle: Oracle,
  wantsOutput: boolean,
  trace: Trace = () => undefined,
): ActivationForms {
  for (const name of [definition.id, ...definition.parameters.map((parameter) => parameter.name)]) checkName(name);
  const { precision, literals } = ARITHMETICS[target.computed];
  const values = constants(oracle, literals);
  const prover = createProver(oracle, undefined, MEASURED);
  const applied = { value: new Set<string>(), derivative: new Set<string>(), secondDerivative: new Set<string>() };
  const exact = differentiate(definition, prover, (of, rule) => applied[of].add(rule));
  trace("differentiate and normalise", exact);
  checkConstants(exact.value, target, values);

  const exprs = FUNCTIONS.map((name) => exact[name]);
  const { computed } = target;
  const plain = sharedWorkbench(definition, exprs, { computed, stored: precision }, oracle, values);
  /** Float64 for results in float32: loops have no second derivative. */
  const inDoubles = (order: number): Workbench => {
    const wanted = exprs.slice(0, Math.max(2, order + 1));
    return sharedWorkbench(definition, wanted, { computed: "float64", stored: "float32" }, oracle, values);
  };
  const { lowered, written, expand, inLoops: asLoop } = expansionFor(target, values);
  const withNaN = KEEPS_NAN[target.findsNaN];
  const finder = createFinder({ lowered, written, withNaN }, prover, oracle);
  const { chain, best } = finder;
  const sought = mapValues(ORDERS, (order, name): Sought => ({
    origin: { formula: order === 0 ? definition.formula : differentiated(definition), order },
    start: exact[name],
    which: order,
    goals: GOALS[name],
  }));
  const leanest = (name: FunctionName, found: Finished): Finished => {
    if (target.operations.double === undefined) return found;
    const wide = sharedWorkbench(definition, exprs, { computed: "float64", stored: "float64" }, oracle, values);
    return leanForm(found, sought[name], computed, finder, { plain, inDoubles, wide });
  };
  const forms = mapValues(ORDERS, (_, name) => leanest(name, best(sought[name], plain, computed)));
  const stable = mapValues(forms, ({ form }) => form);
  trace(
    "stabilise",
    mapValues(stable, ({ expr }) => expr),
  );
  const general = mapValues(forms, ({ expr }) => expr);
  const proofs: Record<string, ChainProof> = mapValues(forms, ({ proof }) => proof);
  const usual = target.operations.double !== undefined && FUNCTIONS.some((of) => hasDoubles(general[of]));
  const alone = usual ? atDefaults(definition) : undefined;
  const atTheirs = alone && formsOf(alone, target, oracle, false);
  const functions = mapValues(general, (expr, of) => {
    // It is for speed: numbers beside the defaults are not better off.
    const isWrong = (): boolean => judge(gravest(plain, expr, ORDERS[of], precision), precision).grade === "wrong";
    if (atTheirs === undefined || isWrong()) return expr;
    const chosen = chosenByDefaults(definition, expr, atTheirs.functions[of]);
    if (chosen !== expr) proofs[of] = provedTogether(proofs[of]!, atTheirs.proofs[of]!);
    return chosen;
  });
  trace("lower", functions);

  // Where scalars are computed in float32 as well, they are what loops compute.
  const inLoops: Floats = { computed: precision === "float32" ? computed : "float64", stored: "float32" };
  const single = precision === "float32" ? plain : inDoubles(1);
  const loop = (name: FunctionName, as: LoopName): Expr => {
    if (single === plain) {
      proofs[as] = proofs[name]!;
      return general[name];
    }
    const form = single.search(ORDERS[name], GOAL_FLOAT32);
    const fast = withNaN(expand(true)(form.expr), [x]);
    // A loop whose float32 form misses the bound is computed as the scalar functions are, where they are better.
    const careful = asLoop(general[name]);
    const proof = chain(sought[name], form.steps, DOUBLES_OF_SINGLES);
    const errors = [fast, careful].map((candidate) => single.error(candidate, ORDERS[name]));
    const misses = errors.map((error) => (error <= LOOP_BOUND ? 0 : error));
    const mostLost = LOST.float32.half;
    const isMoreTrusted = trust(proof, errors[0]!, mostLost) >= trust(proofs[name]!, errors[1]!, mostLost);
    // Where parts of the form itself break may be elsewhere than where those of the function do.
    const isWrong = (candidate: Expr): boolean =>
      judge(gravest(single, candidate, ORDERS[name], "float32"), "float32").grade === "wrong";
    const isNoWorse = misses[0] === 0 || misses[0]! <= misses[1]!;
    const isFast = isMoreTrusted && isNoWorse && !(isWrong(fast) && !isWrong(careful));
    proofs[as] = isFast ? proof : proofs[name]!;
    return isFast ? fast : careful;
  };
  const forward = loop(LOOPS.forward, "forward");
  const backward = loop(LOOPS.backward, "backward");
  const inOutput = (form: Expr): Expr => withNaN(expand(true)(form), [y]);
  const outputFormsIn = (floats: ArithmeticName): readonly OutputForm[] =>
    wantsOutput && definition.gradient === undefined
      ? measuredOutputForms(definition, exact, functions.derivative, forward, LOOP_BOUND, floats, inOutput, values)
      : [];
  const outputForms = outputFormsIn(computed);
  const byParameter = parameterGradients(definition, exact.value, {
    finder,
    benchOf: (slopes) => sharedWorkbench(definition, slopes, { ...inLoops, leastUnit: TERM }, oracle, values),
    floats: inLoops.computed,
    goals: GOALS.derivative,
    written: expand(true),
  });
  const measuredBy: [string, Worst][] = [];
  for (const [name, { proof, accuracy: measured }] of byParameter) {
    proofs[`by ${name}`] = proof;
    if (measured !== undefined) measuredBy.push([`by ${name}`, measured]);
  }
  const accuracy: AccuracyReport = {
    ...mapValues(ORDERS, (order, of) => gravest(plain, functions[of], order, precision)),
    forward: gravest(single, forward, ORDERS.value, "float32"),
    backward: gravest(single, backward, ORDERS.derivative, "float32"),
    ...Object.fromEntries(measuredBy),
  };
  const proved = provedOutput(definition, outputForms, prover);
  const narrow = sharedWorkbench(definition, exprs, { computed: "float32", stored: "float32" }, oracle, values);
  const inSingle = (as: LoopName, expr: Expr, measured: () => Worst): Worst | undefined =>
    target.hasSingles === true ? goodInSingle(as, expr, measured) : undefined;
  const ofOutput = ({ form, expr }: OutputForm): Worst | undefined =>
    inSingle("backward", expr, () => outputFormsIn("float32").find((other) => other.form === form)!.worst);
  const careful = { forward, backward };
  const singleLoop = (of: FunctionName, as: LoopName): SingleLoop | undefined => {
    const loop = careful[as];
    const worst = inSingle(as, loop, () => gravest(narrow, loop, ORDERS[of], "float32"));
    if (worst !== undefined) return { expr: loop, worst };
    // Sums of gradients are of every element's own derivative, so they come from the loop for all inputs.
    const isSummed = as === "backward" && definition.parameters.some(({ learnable }) => learnable);
    if (target.nearBounds === undefined || isSummed) return undefined;
    const form = single.search(ORDERS[of], GOAL_FLOAT32);
    const near = nearForm(definition, as, target.nearBounds[as], form.expr, loop, (plainForm, lowerings) =>
      written(lowered(true, BETWEEN_FLOATS, lowerings)(plainForm)),
    );
    if (near === undefined) return undefined;
    const measured = gravest(narrow, near.expr, ORDERS[of], "float32");
    if (measured.ulp > target.nearBounds[as]) return undefined;
    return { expr: near.expr, worst: near.worst.ulp > measured.ulp ? near.worst : measured };
  };
  const composition = withNaN(expand(false)(exact.value), [x]);
  // Frameworks differentiate it step by step.
  const isRough = [composition, derivative(composition, x)].every((form, order) => plain.isWithin(form, order, ROUGH));
  return {
    exact,
    stable,
    functions,
    composition: isRough && definition.gradient === undefined ? composition : undefined,
    forward,
    backward,
    output: proved && { ...proved, inSingle: ofOutput(proved.form) },
    inSingle: mapValues(LOOPS, singleLoop),
    byParameter,
    accuracy,
    proofs,
    applied,
    expand,
    prover,
  };
}

/** A form that is wrong at some input must not be emitted, whatever its measured accuracy. */
export function checkProofs(definition: Definition, proofs: ProofReport): void {
  for (const [name, { verdict, witness }] of Object.entries(proofs))
    if (verdict === "refuted")
      throw new Diagnostic(
        `the ${name} of ${definition.id} is refuted at x = ${witness?.x ?? "?"}: nothing is emitted`,
        {
          hint: "this is a defect of nonlin; please report it with the formula",
        },
      );
}

/** Names reach emitted code and paths: only plain identifiers may. */
export function checkName(name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name))
    throw new Diagnostic(`"${name.slice(0, 80)}" is not a name`, {
      hint: "use letters, digits and _, beginning with a letter",
    });
}

export function mapValues<K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  f: (value: A, key: K) => B,
): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, f(value, key as K)])) as Record<K, B>;
}
