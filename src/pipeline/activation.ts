/** The pipeline: from a definition to the files of a target, step by step. */
import { catalogue } from "../catalogue.js";
import { Diagnostic } from "../diagnostic.js";
import { KEEPS_NAN } from "../codegen/lower.js";
import { isNearest } from "../codegen/singles.js";
import { differencesOf } from "../codegen/read-back.js";
import type {
  AccuracyReport,
  ActivationPlan,
  Artifact,
  Computations,
  FunctionName,
  Platform,
  Saved,
  Target,
} from "../codegen/target.js";
import { LOOP_BOUND, checkProofs, formsOf, mapValues, type ActivationForms, type Trace } from "./forms.js";
import { y } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import type { OperationName } from "../ir/ops.js";
import { formulaText } from "../ir/print.js";
import { readers, targets, type ReadBack, type TargetName } from "../registry.js";
import { derivative } from "../symbolic/derivative.js";
import { createOracle, type Oracle } from "../symbolic/oracle.js";
import type { ProofReport } from "../symbolic/prove/chain.js";
import { cost, normalForm } from "../symbolic/simplify.js";
import type { OutputForm } from "../symbolic/workbench.js";

export { checkProofs, differentiate } from "./forms.js";
export type { Accuracy, AccuracyReport, Artifact, FunctionName, Saved } from "../codegen/target.js";
export { createOracle, type Oracle } from "../symbolic/oracle.js";
export { createProver, type Goal, type Proof, type Prover } from "../symbolic/prove/prove.js";
export type { ProofReport } from "../symbolic/prove/chain.js";
export { kinkInputs } from "../symbolic/workbench.js";

export type Saving = "auto" | Saved;

export interface CompileOptions {
  readonly target: TargetName;
  /** The version of the target's framework; the newest when absent. */
  readonly version?: string;
  /** The one style to write, for a target with several. */
  readonly style?: string;
  /** The tensor to save for backward; "auto" lets the measured accuracy decide. */
  readonly save?: Saving;
  readonly trace?: Trace;
}

export interface Compilation {
  readonly id: string;
  readonly artifacts: readonly Artifact[];
  readonly accuracy: AccuracyReport;
  readonly saves: Saved;
  /** That each emitted form is what the definition says, or where it is not. */
  readonly proofs: ProofReport;
  /** The names of the rules that led to the emitted form, per function. */
  readonly rules: Readonly<Record<FunctionName, readonly string[]>>;
  /** The emitted forms as text. */
  readonly forms: Readonly<Record<FunctionName, string>>;
}

/** Longer forms are shown with their shared parts named. */
const SHORT = 160;

/** The target, for the version of its framework that is asked for. */
export function targetFor({ target: name, version }: Pick<CompileOptions, "target" | "version">): Target {
  const target: Target = targets[name];
  if (version === undefined) return target;
  if (target.version === undefined)
    throw new Diagnostic(`${name} has no versions`, { hint: "leave out --framework-version" });
  const { known, at, without = {} } = target.version;
  if (Object.hasOwn(without, version))
    throw new Diagnostic(`${name} has no version "${version}": ${without[version]!}`, {
      hint: `one of ${known.join(", ")}`,
    });
  if (!known.includes(version))
    throw new Diagnostic(`${name} has no version "${version.slice(0, 40)}"`, { hint: `one of ${known.join(", ")}` });
  return at(version);
}

/** Compiles one definition for one target. Loads MPFR unless it is handed an oracle. */
export async function compile(definition: Definition, options: CompileOptions, oracle?: Oracle): Promise<Compilation> {
  return compileFor(definition, targetFor(options), options, oracle ?? (await createOracle()));
}

/** The plan of the code that is emitted for an activation, and the forms that led to it. */
export function planActivation(
  definition: Definition,
  target: Platform,
  oracle: Oracle,
  save: Saving = "auto",
  trace: Trace = () => undefined,
): { readonly plan: ActivationPlan; readonly forms: ActivationForms } {
  for (const { name } of definition.parameters)
    if (target.givenBeside?.includes(name) === true)
      throw new Diagnostic(
        `"${name}" is what callers of ${target.name} give beside the parameters of ${definition.id}`,
        {
          hint: "give the parameter another name",
        },
      );
  const mayKeepOutput = target.keeps === "either" && save !== "input";
  const forms = formsOf(definition, target, oracle, mayKeepOutput, trace);
  const { exact, functions, output, expand } = forms;
  const useOutput = output !== undefined && (save === "output" || keeps(output.form, forms.backward));
  const backward = useOutput ? output.form.expr : forms.backward;
  trace("loops", { forward: forms.forward, backward });

  const proofs: ProofReport = useOutput ? { ...forms.proofs, backward: output.proof } : forms.proofs;
  const { forward } = forms.inSingle;
  const inSingle = useOutput
    ? {
        // A derivative in the output wants the nearest one.
        forward: isNearest(forward?.worst) ? forward : undefined,
        backward: output.inSingle && { expr: backward, worst: output.inSingle },
      }
    : forms.inSingle;
  const byForm: AccuracyReport = useOutput ? { ...forms.accuracy, backward: output.form.worst } : forms.accuracy;
  const accuracy: AccuracyReport = {
    ...byForm,
    ...mapValues(inSingle, (single, of) => single?.worst ?? byForm[of]),
  };
  const saves: Saved = useOutput ? "output" : "input";
  checkProofs(definition, proofs);
  const withNaN = KEEPS_NAN[target.findsNaN];
  const byOutput = ({ form }: OutputForm): Expr => withNaN(expand(true)(normalForm(derivative(form, y))), [y]);
  const plan: ActivationPlan = {
    definition,
    standard: standardOf(definition)?.id,
    functions,
    loops: { forward: inSingle.forward?.expr ?? forms.forward, backward: inSingle.backward?.expr ?? backward },
    computed: mapValues(inSingle, (single) => (single === undefined ? "float64" : "float32")),
    saves,
    composition: forms.composition,
    backwardDerivative: useOutput ? byOutput(output.form) : functions.secondDerivative,
    parameterDerivatives: Object.fromEntries(
      definition.parameters
        .filter((parameter) => parameter.learnable)
        .map(({ name }) => [name, forms.byParameter.get(name)!.written]),
    ),
    texts: mapValues(exact, (expr) => formulaText(expr)),
    accuracy,
    proofs,
  };
  return { plan, forms };
}

/** Definitions of the catalogue, and the forms that they have in layers. */
const STANDARD = catalogue.flatMap((definition) => [definition, ...(definition.inLayers ? [definition.inLayers] : [])]);

/** The catalogue's definition of this function, with parameters of the same kinds: anyone may name a formula "relu". */
function standardOf({ id, formula, parameters, gradient }: Definition): Definition | undefined {
  if (gradient !== undefined) return undefined;
  const same = STANDARD.filter(
    (known) =>
      known.formula === formula &&
      parameters.every(({ name, learnable }) =>
        known.parameters.some((each) => each.name === name && each.learnable === learnable),
      ),
  );
  return same.find((known) => known.id === id) ?? same[0];
}

const NOTHING: Computations = new Map();

/** The files of a target as they read. What is no code at all is an error of ours, not of a user's text. */
async function readBack(
  target: TargetName,
  artifacts: readonly Artifact[],
  { id, parameters }: Definition,
): Promise<readonly ReadBack[]> {
  try {
    return (await readers[target]?.(artifacts, parameters)) ?? [];
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    throw new Error(`the code written for ${id} cannot be read back: ${error.message}`, { cause: error });
  }
}

async function compileFor(
  definition: Definition,
  target: Target,
  { target: name, style, save, trace }: CompileOptions,
  oracle: Oracle,
): Promise<Compilation> {
  const { plan, forms } = planActivation(definition, target, oracle, save, trace);
  const { expand, stable } = forms;
  const { accuracy, saves, proofs } = plan;
  const planFor = (platform: Platform): ActivationPlan => planActivation(definition, platform, oracle, saves).plan;
  const artifacts = await target.emit(plan, expand(false), { planFor, ...(style !== undefined && { style }) });
  const planned = target.computations?.(plan, expand(false)) ?? NOTHING;
  for (const { path, computed } of await readBack(name, artifacts, definition)) {
    const misread = differencesOf(planned, computed, forms.prover);
    if (misread.length > 0)
      throw new Error(`the code written for ${misread.join(", ")} in ${path} is not what was planned`);
  }
  const rules = mapValues(stable, (form, name) => [...forms.applied[name], ...form.steps.map((step) => step.name)]);
  const readable = new Set<OperationName>(["max", "min", "abs", "sign"]);
  const texts = mapValues(stable, ({ expr }) => formulaText(expand(false, readable)(expr), SHORT));
  return { id: definition.id, artifacts, accuracy, saves, proofs, rules, forms: texts };
}

/** The output is kept where its form is as accurate as promised and no slower than the one in the input. */
const keeps = ({ worst, expr }: OutputForm, fromInput: Expr): boolean =>
  worst.ulp <= LOOP_BOUND && cost(expr) <= cost(fromInput) + 1;

/** The files of a target beside those of each definition, such as an index of all modules. */
export const targetIndex = (target: TargetName, ids: readonly string[]): Promise<readonly Artifact[]> =>
  targets[target].index(ids);
