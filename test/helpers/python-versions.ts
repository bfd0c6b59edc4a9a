/** Everything that is emitted for versions of the frameworks: plans are made once, as versions differ in what is written. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { catalogue, graphs } from "../../src/catalogue.js";
import type { Artifact, Target } from "../../src/codegen/target.js";
import { createOracle, planActivation, targetFor } from "../../src/pipeline/activation.js";
import { expansionFor } from "../../src/codegen/expansion.js";
import type { Definition } from "../../src/ir/definition.js";
import type { TargetName } from "../../src/registry.js";
import { constants } from "../../src/symbolic/measure.js";

export const VERSIONS = {
  pytorch: ["1.7", "1.13", "2.0", "2.3", "2.4", "2.13"],
  keras2: ["2.4"],
  keras3: ["3.1", "3.6", "3.9", "3.15"],
} satisfies Partial<Record<TargetName, readonly string[]>>;

export interface Emitted {
  readonly target: Target;
  readonly version: string;
  readonly artifacts: readonly Artifact[];
}

export async function emitVersions(name: keyof typeof VERSIONS): Promise<readonly Emitted[]> {
  const oracle = await createOracle();
  const newest = targetFor({ target: name });
  const { expand } = expansionFor(newest, constants(oracle));
  const known = new Map<Definition, ReturnType<typeof planActivation>["plan"]>();
  const planOf = (definition: Definition) => {
    const found = known.get(definition) ?? planActivation(definition, newest, oracle).plan;
    known.set(definition, found);
    return found;
  };
  const emitted: Emitted[] = [];
  for (const version of VERSIONS[name]) {
    const target = targetFor({ target: name, version });
    const { graphs: written } = target;
    if (written?.of !== "tensors") throw new Error(`${name} writes kernels`);
    const artifacts: Artifact[] = [...(await target.index([...catalogue, ...graphs].map(({ id }) => id)))];
    for (const definition of catalogue)
      for (const style of ["explicit", "native"]) {
        const plan = planOf(definition);
        artifacts.push(...(await target.emit(plan, expand(false), { style, planFor: () => plan })));
      }
    for (const graph of graphs)
      artifacts.push(...(await written.emit(graph, graph.activations.map(planOf), expand(false))).artifacts);
    emitted.push({ target, version, artifacts });
  }
  return emitted;
}

export function writeArtifacts(folder: string, artifacts: readonly Artifact[]): void {
  for (const { path, text } of artifacts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
