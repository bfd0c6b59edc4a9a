/** The pipeline of graphs: from a row-wise activation or a layer to the files of a target, step by step. */
import { expansionFor } from "../codegen/expansion.js";
import { comesFromProduct, decideSaved } from "../codegen/graph/saved.js";
import { inStorageOrder } from "../codegen/graph/blocks.js";
import { deferNormalisation, shiftOf } from "../codegen/graph/defer.js";
import { planFunction } from "../codegen/graph/function.js";
import { lowerGraph, type IsAtMost } from "../codegen/graph/lower.js";
import type { MachineName } from "../codegen/graph/machine.js";
import { keepNaN } from "../codegen/lower.js";
import { graphsOf, type AccuracyReport, type Artifact, type GraphPlan, type Target } from "../codegen/target.js";
import { planActivation, targetFor, type CompileOptions, type Saving } from "./activation.js";
import { isSpread, spread } from "../activations/spread.js";
import { checkActivations, checkNames } from "./check-graph.js";
import { BETWEEN_FLOATS, checkProofs, formsOf, type ActivationForms } from "./forms.js";
import { activationFunctions, writtenByParameter, writtenForms } from "./written-forms.js";
import { neg, x, y } from "../ir/build.js";
import type { Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import { axis, input, map } from "../ir/graph/build.js";
import { differentiableInputs, graphInputs, type GraphDefinition, type Output } from "../ir/graph/definition.js";
import { rebuildTensors } from "../ir/graph/rebuild.js";
import { inputsOf, tensorsBelow, type Input, type Tensor } from "../ir/graph/tensor.js";
import type { GraphFunction } from "../ir/kernel.js";
import { withPowersOfDifferences } from "../math/singles.js";
import type { TargetName } from "../registry.js";
import { ARITHMETICS, type Arithmetic } from "../symbolic/arithmetic.js";
import { derivative } from "../symbolic/derivative.js";
import { constants } from "../symbolic/measure.js";
import { createOracle, type Oracle } from "../symbolic/oracle.js";
import { normalForm } from "../symbolic/simplify.js";
import { gradients } from "../symbolic/vjp.js";
import type { OutputForm } from "../symbolic/workbench.js";

export interface GraphCompileOptions {
  readonly target: TargetName;
  readonly version?: string;
  /**
   * The tensor to save for backward of an activation behind a product; "auto" takes the output where that is accurate.
   */
  readonly save?: Saving;
}

export interface GraphCompilation {
  readonly id: string;
  readonly artifacts: readonly Artifact[];
  /** The measured errors of the functions of the activations in it. */
  readonly accuracy: readonly Partial<AccuracyReport>[];
  /** The plan, for targets that write kernels. */
  readonly plan?: GraphPlan;
  /** The functions and layers of the framework that the graph is made of, for targets that write tensors. */
  readonly uses?: readonly string[];
}

/** In a layer the output is kept where the derivative in it is within this many ULP: keeping more costs a pass over memory. */
const LAYER_BOUND = 2;

/** The graph that kernels are written of where an activation's learned numbers are tensors. */
export const graphFor = (definition: Definition, { target, version }: CompileOptions): GraphDefinition | undefined =>
  isSpread(definition) && targetFor({ target, ...(version !== undefined && { version }) }).graphs?.of !== "tensors"
    ? spread(definition)
    : undefined;

/** Compiles one graph for one target. Loads MPFR unless it is handed an oracle. */
export async function compileGraph(
  definition: GraphDefinition,
  options: GraphCompileOptions,
  oracle?: Oracle,
): Promise<GraphCompilation> {
  const target = targetFor(options);
  const mpfr = oracle ?? (await createOracle());
  const { id } = definition;
  const { expand } = expansionFor(target, constants(mpfr));
  checkNames(definition);
  checkActivations(definition, target);
  const graphs = graphsOf(target, definition);
  if (graphs.of === "kernels") {
    const { save = "auto" } = options;
    const forms = activationForms(definition, target, save, mpfr);
    const plan = planKernels(definition, forms, target, save, mpfr);
    const accuracy = forms.map(({ forms: { accuracy, output } }) => ({
      forward: accuracy.forward,
      backward: takesOutput(output?.form, save) ? output!.form.worst : accuracy.backward,
    }));
    return { id, plan, accuracy, artifacts: await graphs.emit(plan, expand(false)) };
  }
  const activations = definition.activations.map((one) => planActivation(one, target, mpfr, options.save).plan);
  const accuracy = activations.map((plan) => plan.accuracy);
  return { id, accuracy, ...(await graphs.emit(definition, activations, expand(false))) };
}

type Forms = readonly { readonly activation: Definition; readonly forms: ActivationForms }[];

const activationForms = (definition: GraphDefinition, target: Target, save: Saving, oracle: Oracle): Forms =>
  definition.activations.map((activation) => {
    const forms = formsOf(activation, target, oracle, save !== "input");
    checkProofs(activation, forms.proofs);
    return { activation, forms };
  });

/** The kernels of a graph for a target that writes kernels. */
export function planGraph(definition: GraphDefinition, target: Target, save: Saving, oracle: Oracle): GraphPlan {
  checkNames(definition);
  checkActivations(definition, target);
  return planKernels(definition, activationForms(definition, target, save, oracle), target, save, oracle);
}

/** Differentiates, decides what is saved, lowers and fuses. */
function planKernels(
  definition: GraphDefinition,
  forms: Forms,
  target: Target,
  save: Saving,
  oracle: Oracle,
): GraphPlan {
  const graphs = graphsOf(target, definition);
  if (graphs.of !== "kernels") throw new Error(`${target.name} is written in tensors, not kernels`);
  const { machine } = graphs;
  const arithmetic: Arithmetic = ARITHMETICS[target.computed];
  const isModelled = arithmetic.approximate !== undefined;
  const { lowered, shift } = lowering(forms, target, oracle, machine);
  const { outputs } = definition;
  const inputs = differentiableInputs(definition);
  const seeds = outputs
    .filter(({ type }) => type === "float32")
    .map((output) => ({ of: output.tensor, gradient: input(`d${output.name}`, output.axes, layoutOf(output)) }));
  const exact = gradients(seeds, inputs);
  const inOutputs = withOutputForms(outputs, exact, forms, save);
  const stored = [...outputs, ...graphInputs(definition)].flatMap(({ axes }) => axes.map((axis) => axis.name));
  const saved = decideSaved(outputs, inOutputs, definition.internals, stored);

  const kept = saved.kept.map(({ name, tensor }): Output => ({
    name,
    tensor,
    axes: inStorageOrder(tensor.axes, stored),
    strides: undefined,
    type: "float32",
    documentation: "Kept for backward.",
  }));
  const gradientOutputs = inputs.map((of, i): Output => ({
    name: `d${of.name}`,
    tensor: saved.gradients[i]!,
    axes: of.axes,
    strides: of.strides,
    type: "float32",
    documentation: `The gradient of ${of.name}.`,
  }));
  const loweredGradients = lowered(gradientOutputs, false);
  const needed = inputsOf(loweredGradients.map(({ tensor }) => tensor));
  const incoming = seeds.map(({ gradient }) => gradient as Input);
  const absent = new Set(inputs.filter((of) => of.absent !== undefined).map(({ name }) => `d${name}`));
  const given = graphInputs(definition);
  const others = needed.filter((tensor) => !incoming.includes(tensor));
  const functions: GraphFunction[] = [
    planFunction({
      name: "forward",
      documentation: definition.formula,
      outputs: lowered([...outputs, ...kept]),
      optional: new Set(kept.map(({ name }) => name)),
      shift,
      machine,
      inputs: inputsOf(outputs.map(({ tensor }) => tensor)),
    }),
    planFunction({
      name: "backward",
      documentation: `The gradients of ${inputs.map(({ name }) => name).join(", ")}.`,
      outputs: loweredGradients,
      optional: absent,
      shift,
      machine,
      inputs: [...incoming, ...byOrder(others, given)],
    }),
    ...definition.extras.map(({ name, outputs: extra, documentation }) =>
      planFunction({ name, documentation, outputs: lowered(extra), optional: new Set(), shift, machine }),
    ),
  ];
  return {
    definition,
    functions,
    saves: byOrder(others, given).map(({ name }) => name),
    activations: forms.flatMap(({ activation, forms: found }) => activationFunctions(activation, found, isModelled)),
    draws: tensorsBelow(
      [...outputs, ...definition.extras.flatMap((extra) => extra.outputs)].map(({ tensor }) => tensor),
    ).some(({ kind }) => kind === "random"),
  };
}

const layoutOf = ({
  strides,
}: {
  readonly strides: Output["strides"];
}): { strides?: NonNullable<Output["strides"]> } => (strides === undefined ? {} : { strides });

/** Inputs of the definition in its own order, then what is kept. */
const byOrder = (inputs: readonly Input[], given: readonly Input[]): Input[] => {
  const place = (of: Input): number => {
    const at = given.findIndex(({ name }) => name === of.name);
    return at < 0 ? given.length : at;
  };
  return [...inputs].sort((a, b) => place(a) - place(b) || a.id - b.id);
};

/** How graphs are brought into the operations of a target: activations by their stable forms. */
function lowering(forms: Forms, target: Target, oracle: Oracle, machine: MachineName) {
  const { expand } = expansionFor(target, constants(oracle));
  const known = new Map(
    forms.flatMap(({ activation, forms: found }) =>
      [...writtenByParameter(activation, found), ...writtenForms(activation, found)].map(
        ({ key, value }) => [key, value] as const,
      ),
    ),
  );
  const lowerValue = (value: Expr, places: readonly Expr[], isAtMost: IsAtMost = () => false): Expr => {
    const form = known.get(value);
    if (form !== undefined) return form;
    const written = target.hasSingles
      ? expand(true, BETWEEN_FLOATS)(withPowersOfDifferences(value, isAtMost))
      : expand(true)(value);
    return places.length === 0 ? written : keepNaN(written, places);
  };
  const lowered = (outputs: readonly Output[], defers = true): Output[] => {
    const roots = outputs.map(({ tensor }) => tensor);
    const tensors = lowerGraph(defers ? deferNormalisation(roots) : roots, lowerValue, machine);
    return outputs.map((output, i) => ({ ...output, tensor: tensors[i]! }));
  };
  const shift = shiftOf(input("the element", [axis("the row")]), input("the largest", []));
  return { lowered, shift: { ...shift, value: lowerValue(shift.value, [shift.element, shift.top]) } };
}

const takesOutput = (form: OutputForm | undefined, save: Saving): form is OutputForm =>
  form !== undefined && (save !== "auto" || form.worst.ulp <= LAYER_BOUND);

/** Derivatives of activations behind products in terms of the output, which is there anyway. */
function withOutputForms(
  outputs: readonly Output[],
  roots: readonly Tensor[],
  forms: Forms,
  save: Saving,
): readonly Tensor[] {
  const written = new Set(outputs.map(({ tensor }) => tensor));
  const replaced = new Map<Tensor, Tensor>();
  for (const { activation, forms: found } of forms) {
    const form = found.output?.form;
    if (!takesOutput(form, save)) continue;
    const slope = normalForm(derivative(activation.formula, x));
    const key = slope.op === "neg" ? slope.args[0]! : slope;
    for (const output of written) {
      if (output.kind !== "map" || output.value !== activation.formula || !comesFromProduct(output)) continue;
      const bindings = new Map(output.places.map((place, i) => [place, output.operands[i]!]));
      const value = slope.op === "neg" ? neg(form.form) : form.form;
      replaced.set(map(key, bindings), map(value, new Map([...bindings, [y, output]])));
    }
  }
  if (replaced.size === 0) return roots;
  const rebuilt = rebuildTensors(roots, (tensor, original) => replaced.get(original) ?? tensor);
  return roots.map((root) => rebuilt.get(root)!);
}
