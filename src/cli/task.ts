/** One definition for one target: what a worker does. */
import { findLayer, findUnit, graphs } from "../catalogue.js";
import { compileGraph, type GraphCompilation } from "../compile-graph.js";
import type { Definition } from "../ir/definition.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import { IDENTITY, withActivation, withUnit } from "../layers/layers.js";
import { compile, createOracle, type Artifact, type Compilation, type Oracle } from "../compile.js";
import { Diagnostic } from "../diagnostic.js";
import { diagnosticFields, internalError, reworded } from "./failure.js";
import { graphFields, type GraphFields } from "./plan-fields.js";
import type { Task } from "./plan.js";
import { definitionCalled } from "./subject.js";
import type { ActivationSubject, Subject } from "./subjects.js";

/** The record of an elementwise activation and a target in accuracy.json and proofs.json. */
export type ActivationRecord = Pick<Compilation, "saves" | "accuracy" | "rules" | "proofs">;

/** The record of a graph and a target: its plan in plans.json, and what was measured of the activations in it. */
export interface GraphRecord extends Pick<GraphCompilation, "accuracy"> {
  readonly plan: GraphFields;
}

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

async function compileTask({ subject, target, save }: Task, oracle: Oracle): Promise<Compiled> {
  if (subject.kind !== "activation") {
    const compilation = await compileGraph(await toGraph(subject), { target, save }, oracle);
    const { artifacts, accuracy } = compilation;
    return { artifacts, record: { plan: graphFields(compilation), accuracy } };
  }
  const definition = await toDefinition(subject);
  const { artifacts, saves, accuracy, rules, proofs } = await compile(definition, { target, save }, oracle);
  return { artifacts, record: { saves, accuracy, rules, proofs } };
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
  const { definitionFromFormula } = await import("../frontends/definition.js");
  return definitionFromFormula(config);
}

function inSubject({ kind, id }: Subject, error: unknown): Diagnostic {
  const mistake = error instanceof Diagnostic ? error : internalError(error);
  return reworded(mistake, `in the ${kind} ${id}: ${mistake.message}`);
}
