/** One definition for one target: what a worker does. */
import type { Definition } from "../ir/definition.js";
import { definitionCalled } from "./subject.js";
import { compile, type Oracle, type Artifact, type Compilation } from "../compile.js";
import { Diagnostic } from "../diagnostic.js";
import { reworded } from "./failure.js";
import type { Subject, Task } from "./plan.js";

/** What accuracy.json and proofs.json say of a definition and a target. */
export type CompilationRecord = Pick<Compilation, "saves" | "accuracy" | "rules" | "proofs">;

export interface Compiled {
  readonly artifacts: readonly Artifact[];
  readonly record: CompilationRecord;
}

/** Compiles; a mistake in a configuration's formula says which activation it is in. */
export async function compileTask({ subject, target, save }: Task, oracle: Oracle): Promise<Compiled> {
  try {
    const definition = await toDefinition(subject);
    const { artifacts, saves, accuracy, rules, proofs } = await compile(definition, { target, save }, oracle);
    return { artifacts, record: { saves, accuracy, rules, proofs } };
  } catch (error) {
    throw inActivation(subject.id, error);
  }
}

async function toDefinition({ id, config }: Subject): Promise<Definition> {
  if (config === undefined) return definitionCalled(id)!;
  const { definitionFromFormula } = await import("../frontends/definition.js");
  return definitionFromFormula(config);
}

function inActivation(id: string, error: unknown): unknown {
  if (error instanceof Diagnostic) return reworded(error, `in the activation ${id}: ${error.message}`);
  return error instanceof Error ? new Error(`${id}: ${error.message}`, { cause: error }) : error;
}
