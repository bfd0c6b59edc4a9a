/** `nonlin build`: generates everything, writes what changed. */
import { dirname } from "node:path";
import type { Diagnostic } from "../../diagnostic.js";
import type { TargetName } from "../../registry.js";
import type { Arguments } from "../shell/arguments.js";
import { Cache } from "./cache.js";
import type { ExitCode, Run } from "../commands.js";
import { compareFolder, updateFolder, type FileStatus, type Status } from "./folder.js";
import { diagnosticFields, renderDiagnostic } from "../shell/failure.js";
import { gather, type Failure, type Gathered } from "./gather.js";
import { isWrong, missFields, missHint, missText } from "../shell/inaccurate.js";
import { findConfig, loadConfig } from "./load-config.js";
import { readManifest, writeManifest } from "./manifest.js";
import { SAVINGS } from "../shell/options.js";
import { planBuild, type Plan } from "./plan.js";
import { progressOn } from "../shell/progress.js";
import type { Terminal } from "../shell/terminal.js";
import { count, toJson } from "../shell/text.js";

export const run: Run = async (given, terminal) => {
  if (!given.has("watch")) return buildOnce(given, terminal);
  const { watchConfig } = await import("./watch.js");
  return watchConfig(findConfig(given.value("config"), process.cwd()), given, terminal, (visit) =>
    buildOnce(given, terminal, visit),
  );
};

/** One build; `visit` hears of each file of the configuration. */
async function buildOnce(given: Arguments, terminal: Terminal, visit?: (file: string) => void): Promise<ExitCode> {
  const started = performance.now();
  const plan = await makePlan(given, visit);
  const check = given.has("check");
  const cache = Cache.near(process.cwd());
  const manifest = readManifest(cache, plan.out);
  const progress = progressOn(terminal, given.has("quiet"));
  try {
    const accepted = given.has("accept-inaccurate");
    const trust = !check && !given.has("force");
    const gathered = await gather(plan, manifest, { trust, accepted }, (done, total, task) =>
      progress.update(`compiled ${done} of ${total}: ${task.target} ${task.subject.id}`),
    );
    const { failures, misses, refused } = gathered;
    if (failures.length === plan.tasks.length && failures.length > 0) throw failures[0]!.mistake;
    const found = compareFolder(
      plan.out,
      gathered.files,
      manifest,
      !plan.partial && failures.length + refused.length === 0,
    );
    if (!check) {
      updateFolder(plan.out, gathered.files, found);
      writeManifest(cache, plan.out, gathered.manifest);
    }
    progress.end();
    const seconds = (performance.now() - started) / 1000;
    const mistakes = distinct(failures);
    if (!given.has("json")) {
      for (const { mistake } of mistakes) terminal.err(renderDiagnostic(mistake));
      terminal.err(missText(given.has("quiet") ? misses.filter(isWrong) : misses, accepted));
      if (refused.length > 0) terminal.err(missHint(misses));
    }
    terminal.out(report(plan, found, { check, ...gathered, seconds, mistakes }, given));
    return mistakes.length + refused.length > 0 || (check && found.some(({ status }) => status !== "unchanged"))
      ? 1
      : 0;
  } finally {
    progress.end();
  }
}

async function makePlan(given: Arguments, visit?: (file: string) => void): Promise<Plan> {
  const folder = process.cwd();
  const file = findConfig(given.value("config"), folder);
  const config = file === undefined ? {} : await loadConfig(file, visit);
  return planBuild(config, file === undefined ? folder : dirname(file), folder, {
    out: given.value("out"),
    targets: given.names("target"),
    only: given.names("only"),
    save: given.choice("save", SAVINGS),
  });
}

/** A definition that could not be compiled: the same for most targets, and said once. */
interface Mistake {
  readonly id: string;
  readonly targets: readonly TargetName[];
  readonly mistake: Diagnostic;
}

function distinct(failures: readonly Failure[]): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const { task, mistake } of failures) {
    const key = `${task.subject.id}\n${mistake.message}`;
    found.set(key, { id: task.subject.id, mistake, targets: [...(found.get(key)?.targets ?? []), task.target] });
  }
  return [...found.values()];
}

interface Facts extends Pick<Gathered, "compiled" | "failures" | "misses" | "refused"> {
  readonly check: boolean;
  readonly seconds: number;
  readonly mistakes: readonly Mistake[];
}

/** The word for a file's status once the build has acted on it. */
const DONE: Readonly<Record<Status, string>> = {
  unchanged: "unchanged",
  missing: "written",
  different: "written",
  stale: "removed",
};

function report(plan: Plan, found: readonly FileStatus[], facts: Facts, given: Arguments): string {
  const named = found.map(({ path, status }) => ({ path, status: facts.check ? status : DONE[status] }));
  const notBuilt = new Set([...facts.failures.map(({ task }) => task), ...facts.refused]);
  const targetsById = (isBuilt: boolean): Map<string, TargetName[]> => {
    const found = new Map<string, TargetName[]>();
    for (const task of plan.tasks.filter((one) => notBuilt.has(one) !== isBuilt))
      found.set(task.subject.id, [...(found.get(task.subject.id) ?? []), task.target]);
    return found;
  };
  const definitions = targetsById(true).size;
  const missing = [...targetsById(false)].map(([id, of]) =>
    of.length === plan.targets.length ? id : `${id} (${of.join(", ")})`,
  );
  const failures = facts.mistakes.map(({ id, targets, mistake }) => ({
    id,
    targets,
    error: diagnosticFields(mistake),
  }));
  if (given.has("json"))
    return toJson({
      out: plan.out,
      definitions,
      compiled: facts.compiled,
      files: named,
      failures,
      ...missFields(facts.misses),
      seconds: facts.seconds,
    });
  const names = facts.check ? ["unchanged", "different", "missing", "stale"] : ["written", "unchanged", "removed"];
  const numbers = names
    .map((name) => [name, named.filter(({ status }) => status === name).length] as const)
    .filter(([name, n]) => n > 0 || name === names[0])
    .map(([name, n]) => `${n} ${name}`);
  const listed = named.filter(({ status }) => (facts.check ? status !== "unchanged" : status === "removed"));
  const summary =
    `${count(definitions, "definition")}, ${count(found.filter(({ status }) => status !== "stale").length, "file")}: ` +
    `${numbers.join(", ")}, ${facts.seconds.toFixed(1)} s\n` +
    (missing.length === 0 ? "" : `not built: ${missing.join(", ")}\n`);
  if (given.has("quiet")) return facts.check ? list(listed) : "";
  return list(listed) + summary;
}

const list = (files: readonly { path: string; status: string }[]): string =>
  files.map(({ path, status }) => `${status} ${path}\n`).join("");
