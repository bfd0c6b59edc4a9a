/** The public surface of nonlin. */
export {
  activation,
  defaults,
  type ActivationEntry,
  type Definition,
  type Parameter,
  type ParameterValues,
} from "./ir/definition.js";
export { catalogue, findDefinition, findGraph, graphs, layers } from "./catalogue.js";
export { defineConfig, type Config } from "./cli/build/config.js";
export {
  compile,
  createOracle,
  createProver,
  differentiate,
  targetIndex,
  type Artifact,
  type Compilation,
  type CompileOptions,
  type Goal,
  type Proof,
  type ProofReport,
  type Prover,
} from "./pipeline/activation.js";
export { reportOf, type PlanReport } from "./codegen/graph/report.js";
export { compileGraph, type GraphCompilation, type GraphCompileOptions } from "./pipeline/layer.js";
export { describe, type Description } from "./pipeline/describe.js";
export { Diagnostic } from "./diagnostic.js";
export { definitionFromFormula, type FormulaDefinition } from "./frontends/definition.js";
export { parseFormula, type FormulaOptions } from "./frontends/formula.js";
export * as build from "./ir/build.js";
export * as graphBuild from "./ir/graph/build.js";
export { graph, type GraphDefinition, type GraphEntry } from "./ir/graph/definition.js";
export { evaluateGraph, type GraphInputs } from "./ir/graph/evaluate.js";
export type { Axis, Tensor } from "./ir/graph/tensor.js";
export { evaluate } from "./ir/evaluate.js";
export type { Expr } from "./ir/expr.js";
export { formulaText } from "./ir/print.js";
export { withActivation, type Layer } from "./layers/layers.js";
export { derivative } from "./symbolic/derivative.js";
export { gradients, type Seed } from "./symbolic/vjp.js";
export { normalForm, simplify } from "./symbolic/simplify.js";
