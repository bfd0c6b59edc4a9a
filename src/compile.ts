/** The pipeline: from a definition to the files of a target, step by step. */
import { defaults, type Definition } from "./activations/definition.js";
import { keepNaN, lower } from "./codegen/lower.js";
import type { AccuracyReport, Artifact, FunctionName, Saved, Target } from "./codegen/target.js";
import { x, y } from "./ir/build.js";
import { evaluate } from "./ir/evaluate.js";
import type { Expr } from "./ir/expr.js";
import { formulaText } from "./ir/print.js";
import { targets, type TargetName } from "./registry.js";
import { derivative } from "./symbolic/derivative.js";
import { constants, createMeasure, type Constants, type Measure, type Worst } from "./symbolic/measure.js";
import { createOracle, type Oracle, type Point, type Reference } from "./symbolic/oracle.js";
import { outputForms } from "./symbolic/output-form.js";
import { sampleInputs, samplePoints } from "./symbolic/points.js";
import { simplify } from "./symbolic/simplify.js";
import { cost, stabilise, type Stable } from "./symbolic/stabilise.js";

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
}

/** ULP of float64 beneath which the search stops, and ULP of float32 for the loops. */
const GOAL = 1.5;
const GOAL_FLOAT32 = 0.6;
/** What the loops promise: the largest error in float32, and so what an output form has to keep. */
const LOOP_BOUND = 1;
const INPUTS = 160;

const FUNCTIONS: readonly FunctionName[] = ["value", "derivative", "secondDerivative"];

/** The definition's formula and its first two derivatives in normal form. */
export function differentiate(
  definition: Definition,
  onRule?: (name: string) => void,
): Readonly<Record<FunctionName, Expr>> {
  const options = onRule === undefined ? {} : { onRule };
  const value = simplify(definition.formula, options);
  const first = simplify(derivative(value, x), options);
  return { value, derivative: first, secondDerivative: simplify(derivative(first, x), options) };
}

/** The parameter sets at which a definition is measured: the defaults and its samples. */
const parameterSets = (definition: Definition): Point[] => [defaults(definition), ...definition.samples];

/** The kinks' inputs at all measured parameters. */
export const kinkInputs = (definition: Definition, sets: readonly Point[]): number[] =>
  [...new Set(sets.flatMap((set) => definition.kinks.map((kink) => evaluate(kink, set))))].filter(Number.isFinite);

interface Workbench {
  readonly measure: Measure;
  readonly references: readonly Reference[];
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
  return { measure: createMeasure(points, precision, values), references: oracle.evaluate(exprs, points) };
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
  const { trace = () => undefined, save = "auto" } = options;
  const values = constants(oracle);
  const exact = differentiate(definition);
  trace("differentiate and simplify", exact);

  const exprs = FUNCTIONS.map((name) => exact[name]);
  const double = workbench(definition, exprs, "float64", oracle, values);
  const stable = Object.fromEntries(
    FUNCTIONS.map((name, i) => [name, search(exprs[i]!, double, i, GOAL, values)]),
  ) as Record<FunctionName, Stable>;
  trace(
    "stabilise",
    mapValues(stable, ({ expr }) => expr),
  );

  const expand = (loops: boolean) => (expr: Expr) =>
    lower([expr], {
      native: (op) => target.operations[op as keyof typeof target.operations] !== undefined,
      ...(loops && { overrides: target.loopLowerings }),
      fold: values.nearest,
    })[0]!;
  const functions = mapValues(stable, ({ expr }) => keepNaN(expand(false)(expr), [x]));
  trace("lower", functions);

  const single = workbench(definition, exprs.slice(0, 2), "float32", oracle, values);
  const loop = (expr: Expr, which: number): Expr => {
    const form = search(expr, single, which, GOAL_FLOAT32, values).expr;
    const fast = keepNaN(expand(true)(form), [x]);
    const worst = (candidate: Expr): number => ulpOf(single, candidate, which, expr);
    if (worst(fast) <= LOOP_BOUND) return fast;
    // What only float32 accuracy cannot bear is computed as the scalar functions are.
    const careful = functions[FUNCTIONS[which]!];
    return worst(careful) < worst(fast) ? careful : fast;
  };
  const forward = loop(exact.value, 0);
  const fromInput = loop(exact.derivative, 1);
  const output = fromOutput(exact, forward, single, expand(true), values);
  const useOutput = save === "output" ? output !== undefined : save === "auto" && keeps(output, fromInput);
  const backward = useOutput ? output!.expr : fromInput;
  trace("loops", { forward, backward });

  const worst = (bench: Workbench, expr: Expr, i: number): Worst =>
    bench.measure.worst(bench.measure.column(expr), bench.references[i]!, exprs[i]!);
  const accuracy: AccuracyReport = {
    value: worst(double, functions.value, 0),
    derivative: worst(double, functions.derivative, 1),
    secondDerivative: worst(double, functions.secondDerivative, 2),
    forward: worst(single, forward, 0),
    backward: useOutput ? output!.worst : worst(single, fromInput, 1),
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
        learnable.map(({ name, symbol }) => [name, expand(true)(simplify(derivative(exact.value, symbol)))]),
      ),
      texts: mapValues(exact, (expr) => formulaText(expr)),
      accuracy,
    },
    expand(false),
  );
  return { id: definition.id, artifacts, accuracy, saves, rules: mapValues(stable, ({ rules }) => rules) };
}

const search = (
  expr: Expr,
  { measure, references }: Workbench,
  which: number,
  goal: number,
  values: Constants,
): Stable =>
  stabilise(expr, {
    input: x,
    judge: measure.judge(references[which]!),
    points: measure.points.length,
    remainder: values.remainder,
    goal,
  });

const ulpOf = ({ measure, references }: Workbench, expr: Expr, which: number, exact: Expr): number =>
  measure.worst(measure.column(expr), references[which]!, exact).ulp;

interface OutputForm {
  readonly expr: Expr;
  readonly worst: Worst;
}

/** The best form of the derivative in y, measured at the y that `forward` stores. */
function fromOutput(
  exact: Readonly<Record<FunctionName, Expr>>,
  forward: Expr,
  { measure, references }: Workbench,
  expand: (expr: Expr) => Expr,
  values: Constants,
): OutputForm | undefined {
  const stored = measure.column(forward).map(Math.fround);
  const bench = createMeasure(measure.points, "float32", values, { y: stored });
  const forms = outputForms(exact.value, exact.derivative, x).map((form): OutputForm => {
    const expr = keepNaN(expand(form), [y]);
    return { expr, worst: bench.worst(bench.column(expr), references[1]!, exact.derivative) };
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
