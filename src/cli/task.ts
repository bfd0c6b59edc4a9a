/** One definition for one target: what a worker does. */
import { findLayer, graphs } from "../catalogue.js";
import { compileGraph } from "../compile-graph.js";
import type { Definition } from "../ir/definition.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import { IDENTITY, withActivation } from "../layers/layers.js";
import { compile, type Oracle, type Artifact, type Compilation } from "../compile.js";
import { Diagnostic } from "../diagnostic.js";
import { reworded } from "./failure.js";
import { graphFields, type GraphFields } from "./plan-fields.js";
import type { Task } from "./plan.js";
import { definitionCalled } from "./subject.js";
import type { ActivationSubject, Subject } from "./subjects.js";

/** What accuracy.json and proofs.json say of an elementwise activation and a target. */
export type ActivationRecord = Pick<Compilation, "saves" | "accuracy" | "rules" | "proofs">;

/** What plans.json says of a graph and a target. */
export interface GraphRecord {
  readonly plan: GraphFields;
}

export type CompilationRecord = ActivationRecord | GraphRecord;

export interface Compiled {
  readonly artifacts: readonly Artifact[];
  readonly record: CompilationRecord;
}

/** Compiles; a mistake in a configuration's formula says which activation it is in. */
export async function compileTask({ subject, target, save }: Task, oracle: Oracle): Promise<Compiled> {
  try {
    if (subject.kind !== "activation") {
      const compilation = await compileGraph(await toGraph(subject), { target, save }, oracle);
      return { artifacts: compilation.artifacts, record: { plan: graphFields(compilation) } };
    }
    const definition = await toDefinition(subject);
    const { artifacts, saves, accuracy, rules, proofs } = await compile(definition, { target, save }, oracle);
    return { artifacts, record: { saves, accuracy, rules, proofs } };
  } catch (error) {
    throw inSubject(subject, error);
  }
}

async function toGraph(subject: Exclude<Subject, { kind: "activation" }>): Promise<GraphDefinition> {
  if (subject.kind === "graph") return graphs.find(({ id }) => id === subject.id)!;
  const activation = await toDefinition(subject.activation ?? { id: IDENTITY });
  return { ...withActivation(findLayer(subject.layer)!, activation), id: subject.id };
}

async function toDefinition({ id, config }: ActivationSubject): Promise<Definition> {
  if (config === undefined) return definitionCalled(id)!;
  const { definitionFromFormula } = await import("../frontends/definition.js");
  return definitionFromFormula(config);
}

function inSubject({ kind, id }: Subject, error: unknown): unknown {
  if (error instanceof Diagnostic) return reworded(error, `in the ${kind} ${id}: ${error.message}`);
  return error instanceof Error ? new Error(`${id}: ${error.message}`, { cause: error }) : error;
}
