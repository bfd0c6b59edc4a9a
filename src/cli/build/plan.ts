/** The work of a build: which definitions, for which targets, to which folder. */
import { resolve } from "node:path";
import type { Target } from "../../codegen/target.js";
import { Diagnostic } from "../../diagnostic.js";
import type { Saving } from "../../pipeline/activation.js";
import { targets, type TargetName } from "../../registry.js";
import type { Config } from "./config.js";
import { readTarget } from "../shell/options.js";
import { allSubjects, chooseSubjects, type Subject } from "./subjects.js";

export interface Task {
  readonly subject: Subject;
  readonly target: TargetName;
  readonly save: Saving;
}

export interface Plan {
  readonly out: string;
  readonly tasks: readonly Task[];
  /** Every id of the configuration, in order, whether or not this build is asked for it. */
  readonly ids: readonly string[];
  readonly targets: readonly TargetName[];
  /** Asked for a part: the rest of the folder stays as it is. */
  readonly partial: boolean;
}

/** Layers and row-wise activations are for targets that write graphs. */
const canHave = (name: TargetName, subject: Subject): boolean =>
  isElementwise(subject) || (targets[name] as Target).graphs !== undefined;

/** An activation whose learned numbers are tensors is a graph. */
const isElementwise = (subject: Subject): boolean =>
  subject.kind === "activation" &&
  Object.values(subject.config?.parameters ?? {}).every(({ learnable }) => typeof learnable !== "string");

export interface Wishes {
  readonly out: string | undefined;
  readonly targets: readonly string[] | undefined;
  readonly only: readonly string[] | undefined;
  readonly save: Saving | undefined;
}

/** Brings the configuration and the command line together; the latter wins. */
export function planBuild(config: Config, configFolder: string, workingFolder: string, wishes: Wishes): Plan {
  const subjects = chooseSubjects(allSubjects(config), config.only);
  const chosen = chooseSubjects(subjects, wishes.only);
  const allTargets = (config.targets ?? Object.keys(targets)).map(readTarget);
  const chosenTargets = wishes.targets?.map(readTarget) ?? allTargets;
  const save = wishes.save ?? config.save ?? "auto";
  const out =
    wishes.out === undefined ? resolve(configFolder, config.out ?? "generated") : resolve(workingFolder, wishes.out);
  if (wishes.out?.trim() === "") throw new Diagnostic("--out needs the name of a folder");
  return {
    out,
    tasks: chosenTargets.flatMap((target) =>
      chosen.filter((subject) => canHave(target, subject)).map((subject) => ({ subject, target, save })),
    ),
    ids: subjects.map(({ id }) => id),
    targets: chosenTargets,
    partial: chosen.length < subjects.length || allTargets.some((target) => !chosenTargets.includes(target)),
  };
}
