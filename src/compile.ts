/** The pipeline: from a definition to the files of a target, step by step. */
import { defaults, type Definition } from "./ir/definition.js";
import { keepNaN, lower } from "./codegen/lower.js";
import type { AccuracyReport, Artifact, FunctionName, Saved, Target } from "./codegen/target.js";
import { Diagnostic } from "./diagnostic.js";
import { x, y } from "./ir/build.js";
import { evaluate } from "./ir/evaluate.js";
import type { Expr } from "./ir/expr.js";
import type { OperationName } from "./ir/ops.js";
import { formulaText } from "./ir/print.js";
import { targets, type TargetName } from "./registry.js";
import { derivative } from "./symbolic/derivative.js";
import { constants, createMeasure, type Constants, type Measure, type Ruler, type Worst } from "./symbolic/measure.js";
import { createOracle, type Oracle, type Point, type Reference } from "./symbolic/oracle.js";
import { outputForms } from "./symbolic/output-form.js";
import { sampleInputs, samplePoints } from "./symbolic/points.js";
import { cost, normalForm } from "./symbolic/simplify.js";
import { stabilise, type Stable } from "./symbolic/stabilise.js";

export type { Accuracy, AccuracyReport, Artifact, FunctionName, Saved } from "./codegen/target.js";
export { createOracle, type Oracle } from "./symbolic/oracle.js";

export type Saving = "auto" | Saved;

export interface CompileOptions {
  readonly target: TargetName;
  /** What backward keeps; "auto" lets the measured accuracy decide. */
  readonly save?: Saving;
  /** Called with the name of each step and the expressions after it. */
  readonly trace?: (step: string, expressions: Readonly<Record<string, Expr>>) => void;
}

export interface Compilation {
  readonly id: string;
  readonly artifacts: readonly Artifact[];
  readonly accuracy: AccuracyReport;
  readonly saves: Saved;
  /** The names of the rules that led to the emitted form, per function. */
  readonly rules: Readonly<Record<FunctionName, readonly string[]>>;
  /** The emitted forms as text. */
  readonly forms: Readonly<Record<FunctionName, string>>;
}

/** ULP at which the search has nothing left to look for: a few roundings, more where more operations are needed. */
const GOALS: Readonly<Record<FunctionName, number>> = { value: 2, derivative: 3.5, secondDerivative: 8 };
const GOAL_FLOAT32 = 0.6;
/** What the loops promise: the largest error in float32, and so what an output form has to keep. */
const LOOP_BOUND = 1;
const INPUTS = 160;
const MANY_INPUTS = 1500;
/** Longer forms are shown with their shared parts named. */
const SHORT = 160;

const FUNCTIONS: readonly FunctionName[] = ["value", "derivative", "secondDerivative"];

/** The definition's formula and its first two derivatives in normal form; hears the name of every rule on the way. */
export function differentiate(
  definition: Definition,
  onRule: (of: FunctionName, rule: string) => void = () => undefined,
): Readonly<Record<FunctionName, Expr>> {
  const normal = (of: FunctionName, expr: Expr): Expr => normalForm(expr, { onRule: (rule) => onRule(of, rule) });
  const value = normal("value", definition.formula);
  const first = normal("derivative", derivative(value, x));
  return { value, derivative: first, secondDerivative: normal("secondDerivative", derivative(first, x)) };
}

/** The parameter sets at which a definition is measured: the defaults and its samples. */
const parameterSets = (definition: Definition): Point[] => [defaults(definition), ...definition.samples];

/** The kinks' inputs at all measured parameters. */
export const kinkInputs = (definition: Definition, sets: readonly Point[]): number[] =>
  [...new Set(sets.flatMap((set) => definition.kinks.map((kink) => evaluate(kink, set))))].filter(Number.isFinite);

interface Workbench {
  readonly measure: Measure;
  readonly references: readonly Reference[];
  /** One per function. */
  readonly rulers: readonly Ruler[];
}

function workbench(
  definition: Definition,
  exprs: readonly Expr[],
  precision: "float64" | "float32",
  oracle: Oracle,
  values: Constants,
): Workbench {
  const sets = parameterSets(definition);
  const inputs = sampleInputs(kinkInputs(definition, sets), precision, Math.ceil(INPUTS / (sets.length > 1 ? 2 : 1)));
  const points = samplePoints(inputs, sets);
  const references = oracle.evaluate(exprs, points);
  const measure = createMeasure(points, precision, values);
  return { measure, references, rulers: exprs.map((expr, i) => measure.yardstick(expr, references[i]!)) };
}

/** Compiles one definition for one target. Loads MPFR unless it is handed an oracle. */
export async function compile(definition: Definition, options: CompileOptions, oracle?: Oracle): Promise<Compilation> {
  return compileFor(definition, targets[options.target], options, oracle ?? (await createOracle()));
}

async function compileFor(
  definition: Definition,
  target: Target,
  options: CompileOptions,
  oracle: Oracle,
): Promise<Compilation> {
  checkNames(definition);
  const { trace = () => undefined, save = "auto" } = options;
  const values = constants(oracle);
  const applied = { value: new Set<string>(), derivative: new Set<string>(), secondDerivative: new Set<string>() };
  const exact = differentiate(definition, (of, rule) => applied[of].add(rule));
  trace("differentiate and normalise", exact);

  const exprs = FUNCTIONS.map((name) => exact[name]);
  const double = workbench(definition, exprs, "float64", oracle, values);
  const stable = Object.fromEntries(
    FUNCTIONS.map((name, i) => [name, search(exprs[i]!, double, i, GOALS[name], values)]),
  ) as Record<FunctionName, Stable>;
  trace(
    "stabilise",
    mapValues(stable, ({ expr }) => expr),
  );

  const expand =
    (loops: boolean, alsoNative: ReadonlySet<OperationName> = new Set()) =>
    (expr: Expr) =>
      lower([expr], {
        native: (op) => alsoNative.has(op) || target.operations[op as keyof typeof target.operations] !== undefined,
        ...(loops && { overrides: target.loopLowerings }),
        fold: values.nearest,
      })[0]!;
  const functions = mapValues(stable, ({ expr }) => keepNaN(expand(false)(expr), [x]));
  trace("lower", functions);

  const single = workbench(definition, exprs.slice(0, 2), "float32", oracle, values);
  const loop = (expr: Expr, which: number): Expr => {
    const form = search(expr, single, which, GOAL_FLOAT32, values).expr;
    const fast = keepNaN(expand(true)(form), [x]);
    const worst = (candidate: Expr): number => worstOf(single, candidate, which).ulp;
    if (worst(fast) <= LOOP_BOUND) return fast;
    // What only float32 accuracy cannot bear is computed as the scalar functions are.
    const careful = functions[FUNCTIONS[which]!];
    return worst(careful) < worst(fast) ? careful : fast;
  };
  const forward = loop(exact.value, 0);
  const fromInput = loop(exact.derivative, 1);
  const output = fromOutput(definition, exact, functions.derivative, forward, expand(true), values);
  const useOutput = save === "output" ? output !== undefined : save === "auto" && keeps(output, fromInput);
  const backward = useOutput ? output!.expr : fromInput;
  trace("loops", { forward, backward });

  const accuracy: AccuracyReport = {
    value: worstOf(double, functions.value, 0),
    derivative: worstOf(double, functions.derivative, 1),
    secondDerivative: worstOf(double, functions.secondDerivative, 2),
    forward: worstOf(single, forward, 0),
    backward: useOutput ? output!.worst : worstOf(single, fromInput, 1),
  };
  const saves: Saved = useOutput ? "output" : "input";
  const learnable = definition.parameters.filter((parameter) => parameter.learnable);
  const artifacts = await target.emit(
    {
      definition,
      functions,
      loops: { forward, backward },
      saves,
      parameterDerivatives: Object.fromEntries(
        learnable.map(({ name, symbol }) => [name, expand(true)(normalForm(derivative(exact.value, symbol)))]),
      ),
      texts: mapValues(exact, (expr) => formulaText(expr)),
      accuracy,
    },
    expand(false),
  );
  const rules = mapValues(stable, (form, name) => [...applied[name], ...form.rules]);
  const readable = new Set<OperationName>(["max", "min", "abs", "sign"]);
  const forms = mapValues(stable, ({ expr }) => formulaText(expand(false, readable)(expr), SHORT));
  return { id: definition.id, artifacts, accuracy, saves, rules, forms };
}

/** Names reach emitted code and paths: only plain identifiers may. */
function checkNames({ id, parameters }: Definition): void {
  for (const name of [id, ...parameters.map((parameter) => parameter.name)])
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name))
      throw new Diagnostic(`"${name.slice(0, 80)}" is not a name`, {
        hint: "use letters, digits and _, beginning with a letter",
      });
}

const search = (expr: Expr, { measure, rulers }: Workbench, which: number, goal: number, values: Constants): Stable =>
  stabilise(expr, {
    input: x,
    judge: rulers[which]!.judge,
    points: measure.points.length,
    remainder: values.remainder,
    goal,
  });

const worstOf = ({ measure, rulers }: Workbench, expr: Expr, which: number): Worst =>
  rulers[which]!.worst(measure.column(expr));

interface OutputForm {
  readonly expr: Expr;
  readonly worst: Worst;
}

/**
 * The best form of the derivative in y, measured at the y that `forward` stores: at many inputs, against the float64
 * derivative, because a rounded y may stand for inputs on both sides of a kink.
 */
function fromOutput(
  definition: Definition,
  exact: Readonly<Record<FunctionName, Expr>>,
  derivativeInDouble: Expr,
  forward: Expr,
  expand: (expr: Expr) => Expr,
  values: Constants,
): OutputForm | undefined {
  const candidates = outputForms(exact.value, exact.derivative, x);
  if (candidates.length === 0) return undefined;
  const sets = parameterSets(definition);
  const points = samplePoints(sampleInputs(kinkInputs(definition, sets), "float32", MANY_INPUTS), sets);
  const inX = createMeasure(points, "float32", values);
  const stored = inX.column(forward).map(Math.fround);
  const reference: Reference = { high: inX.column(derivativeInDouble), low: new Float64Array(points.length) };
  const ruler = inX.yardstick(exact.derivative, reference);
  const inY = createMeasure(points, "float32", values, { y: stored });
  const forms = candidates.map((form): OutputForm => {
    const expr = keepNaN(expand(form), [y]);
    return { expr, worst: ruler.worst(inY.column(expr)) };
  });
  return forms.sort((a, b) => rank(a) - rank(b) || cost(a.expr) - cost(b.expr))[0];
}

/** Forms within the bound are alike, beyond it less error is better. */
const rank = ({ worst }: OutputForm): number => (worst.ulp <= LOOP_BOUND ? 0 : worst.ulp);

/** The output is kept where its form is as accurate as promised and no slower than the one in the input. */
const keeps = (output: OutputForm | undefined, fromInput: Expr): boolean =>
  output !== undefined && output.worst.ulp <= LOOP_BOUND && cost(output.expr) <= cost(fromInput) + 1;

function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, f: (value: A, key: K) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, f(value, key as K)])) as Record<K, B>;
}

/** The files of a target beside those of each definition, such as an index of all modules. */
export const targetIndex = (target: TargetName, ids: readonly string[]): Promise<readonly Artifact[]> =>
  targets[target].index(ids);
