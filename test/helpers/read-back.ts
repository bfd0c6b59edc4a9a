/** Modules of one definition as texts, with what they have to compute and how they read. */
import type { Artifact, Computations, Target } from "../../src/codegen/target.js";
import type { Definition } from "../../src/ir/definition.js";
import { planActivation, type Oracle } from "../../src/pipeline/activation.js";
import { readers, targets, type ReadBack, type TargetName } from "../../src/registry.js";

/** The targets whose texts are read back. */
export const READ = Object.keys(readers) as readonly TargetName[];

export interface Written {
  readonly planned: Computations;
  readonly artifacts: readonly Artifact[];
  readonly read: (artifacts: readonly Artifact[]) => Promise<readonly ReadBack[]>;
}

export async function written(definition: Definition, name: TargetName, oracle: Oracle): Promise<Written> {
  const target: Target = targets[name];
  const { plan, forms } = planActivation(definition, target, oracle);
  const expand = forms.expand(false);
  const planFor: Parameters<Target["emit"]>[2]["planFor"] = (platform) =>
    planActivation(definition, platform, oracle, plan.saves).plan;
  return {
    planned: target.computations!(plan, expand),
    artifacts: await target.emit(plan, expand, { planFor }),
    read: (artifacts) => readers[name]!(artifacts, definition.parameters),
  };
}

/** The functions that do not read as the very expressions that were planned, by file and name; `files`: how many were read. */
export async function others({ planned, artifacts, read }: Written): Promise<{ files: number; found: string[] }> {
  const files = await read(artifacts);
  const found = files.flatMap(({ path, computed }) =>
    [...planned].flatMap(([name, ways]) => {
      const back = computed(name) ?? [];
      return back.length === ways.length && ways.every((way, i) => way === back[i]) ? [] : [`${path}: ${name}`];
    }),
  );
  return { files: files.length, found };
}
