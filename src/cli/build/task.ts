/** One definition for one target: what a worker does. */
import { findLayer, findUnit, graphs } from "../../catalogue.js";
import { proveGradients, type GradientProofs } from "../../pipeline/layer-proofs.js";
import { compileGraph, graphFor, type GraphCompilation } from "../../pipeline/layer.js";
import { surrogateOf, type Definition, type Surrogate } from "../../ir/definition.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import { IDENTITY, withActivation, withUnit } from "../../layers/layers.js";
import {
  compile,
  createOracle,
  createProver,
  type Artifact,
  type Compilation,
  type Oracle,
} from "../../pipeline/activation.js";
import { Diagnostic } from "../../diagnostic.js";
import { diagnosticFields, internalError, reworded } from "../shell/failure.js";
import { graphFields, type GraphFields } from "./plan-fields.js";
import type { Task } from "./plan.js";
import { definitionCalled, rejectBareWord } from "../shell/subject.js";
import type { ActivationSubject, Subject } from "./subjects.js";

/** The record of an elementwise activation and a target in accuracy.json and proofs.json. */
export type ActivationRecord = Pick<Compilation, "saves" | "accuracy" | "rules" | "proofs">;

/**
 * The record of a graph and a target: its plan in plans.json, what was measured of the activations in it, and in proofs.json
 * its gradients, once, as they are the same for every target.
 */
export interface GraphRecord extends Pick<GraphCompilation, "accuracy"> {
  readonly plan: GraphFields;
  readonly proofs?: GradientProofs;
}

/** The target beside whose files the gradients of graphs are proved. */
const PROVED_WITH = "js";

export type CompilationRecord = ActivationRecord | GraphRecord;

export interface Compiled {
  readonly artifacts: readonly Artifact[];
  readonly record: CompilationRecord;
}

/** The answer of a thread, as plain data: classes do not survive the way between threads. */
export type Answer = { readonly compiled: Compiled } | { readonly mistake: ReturnType<typeof diagnosticFields> };

const oracle = createOracle();

/**
 * The compiled files and their record, or the reason why there are none; a mistake names the definition that it is in.
 */
export async function answerTask(task: Task): Promise<Answer> {
  try {
    return { compiled: await compileTask(task, await oracle) };
  } catch (error) {
    return { mistake: diagnosticFields(inSubject(task.subject, error)) };
  }
}

async function compileTask(task: Task, oracle: Oracle): Promise<Compiled> {
  const { subject } = task;
  if (subject.kind !== "activation") return compileGraphTask(await toGraph(subject), task, oracle);
  const definition = await toDefinition(subject);
  const graph = graphFor(definition, task);
  if (graph !== undefined) return compileGraphTask(graph, task, oracle);
  const { artifacts, saves, accuracy, rules, proofs } = await compile(definition, task, oracle);
  return { artifacts, record: { saves, accuracy, rules, proofs } };
}

async function compileGraphTask(graph: GraphDefinition, task: Task, oracle: Oracle): Promise<Compiled> {
  const compilation = await compileGraph(graph, task, oracle);
  const { artifacts, accuracy } = compilation;
  const proofs = task.target === PROVED_WITH ? proveGradients(graph, createProver(oracle)) : undefined;
  return { artifacts, record: { plan: graphFields(compilation), accuracy, ...(proofs !== undefined && { proofs }) } };
}

async function toGraph(subject: Exclude<Subject, { kind: "activation" }>): Promise<GraphDefinition> {
  if (subject.kind === "graph") return graphs.find(({ id }) => id === subject.id)!;
  const [layer, own] = [findLayer(subject.layer)!, subject.activation ?? { id: IDENTITY }];
  const unit = own.config === undefined && definitionCalled(own.id) === undefined ? findUnit(own.id) : undefined;
  const graph = unit && withUnit(layer, unit);
  return { ...(graph ?? withActivation(layer, await toDefinition(own))), id: subject.id };
}

async function toDefinition({ id, config }: ActivationSubject): Promise<Definition> {
  if (config === undefined) return definitionCalled(id)!;
  const { definitionFromFormula } = await import("../../frontends/definition.js");
  const { gradient, ...entry } = config;
  return definitionFromFormula(gradient === undefined ? entry : { ...entry, gradient: surrogateCalled(gradient) });
}

/** The surrogate of this name, else its formula. */
function surrogateCalled(text: string): Surrogate | string {
  const known = definitionCalled(text);
  if (known !== undefined) return surrogateOf(known);
  rejectBareWord(text);
  return text;
}

function inSubject({ kind, id }: Subject, error: unknown): Diagnostic {
  const mistake = error instanceof Diagnostic ? error : internalError(error);
  return reworded(mistake, `in the ${kind} ${id}: ${mistake.message}`);
}
