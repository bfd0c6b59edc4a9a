/** `nonlin build`: generates everything, writes what changed. */
import { dirname } from "node:path";
import type { Arguments } from "./arguments.js";
import { Cache } from "./cache.js";
import type { ExitCode, Run } from "./commands.js";
import { compareFolder, updateFolder, type FileStatus, type Status } from "./folder.js";
import { gather } from "./gather.js";
import { findConfig, loadConfig } from "./load-config.js";
import { readManifest, writeManifest } from "./manifest.js";
import { SAVINGS } from "./options.js";
import { planBuild, type Plan } from "./plan.js";
import { progressOn } from "./progress.js";
import type { Terminal } from "./terminal.js";
import { count, toJson } from "./text.js";

export const run: Run = async (given, terminal) => {
  if (!given.has("watch")) return buildOnce(given, terminal);
  const { watchConfig } = await import("./watch.js");
  return watchConfig(findConfig(given.value("config"), process.cwd()), given, terminal, () =>
    buildOnce(given, terminal),
  );
};

async function buildOnce(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const started = performance.now();
  const plan = await makePlan(given);
  const check = given.has("check");
  const cache = Cache.near(process.cwd());
  const manifest = readManifest(cache, plan.out);
  const progress = progressOn(terminal, given.has("quiet"));
  try {
    const gathered = await gather(plan, manifest, !check && !given.has("force"), (done, total, task) =>
      progress.update(`compiled ${done} of ${total}: ${task.target} ${task.subject.id}`),
    );
    const found = compareFolder(plan.out, gathered.files, manifest, !plan.partial);
    if (!check) {
      updateFolder(plan.out, gathered.files, found);
      writeManifest(cache, plan.out, gathered.manifest);
    }
    progress.end();
    const seconds = (performance.now() - started) / 1000;
    terminal.out(report(plan, found, { check, compiled: gathered.compiled, seconds }, given));
    return check && found.some(({ status }) => status !== "unchanged") ? 1 : 0;
  } finally {
    progress.end();
  }
}

async function makePlan(given: Arguments): Promise<Plan> {
  const folder = process.cwd();
  const file = findConfig(given.value("config"), folder);
  const config = file === undefined ? {} : await loadConfig(file);
  return planBuild(config, file === undefined ? folder : dirname(file), folder, {
    out: given.value("out"),
    targets: given.names("target"),
    only: given.names("only"),
    save: given.choice("save", SAVINGS),
  });
}

interface Facts {
  readonly check: boolean;
  readonly compiled: number;
  readonly seconds: number;
}

/** What a status is called once the build has acted on it. */
const DONE: Readonly<Record<Status, string>> = {
  unchanged: "unchanged",
  missing: "written",
  different: "written",
  stale: "removed",
};

function report(plan: Plan, found: readonly FileStatus[], facts: Facts, given: Arguments): string {
  const named = found.map(({ path, status }) => ({ path, status: facts.check ? status : DONE[status] }));
  const definitions = new Set(plan.tasks.map(({ subject }) => subject.id)).size;
  if (given.has("json"))
    return toJson({ out: plan.out, definitions, compiled: facts.compiled, files: named, seconds: facts.seconds });
  const names = facts.check ? ["unchanged", "different", "missing", "stale"] : ["written", "unchanged", "removed"];
  const numbers = names
    .map((name) => [name, named.filter(({ status }) => status === name).length] as const)
    .filter(([name, n]) => n > 0 || name === names[0])
    .map(([name, n]) => `${n} ${name}`);
  const listed = named.filter(({ status }) => (facts.check ? status !== "unchanged" : status === "removed"));
  const summary =
    `${count(definitions, "definition")}, ${count(found.filter(({ status }) => status !== "stale").length, "file")}: ` +
    `${numbers.join(", ")}, ${facts.seconds.toFixed(1)} s\n`;
  if (given.has("quiet")) return facts.check ? list(listed) : "";
  return list(listed) + summary;
}

const list = (files: readonly { path: string; status: string }[]): string =>
  files.map(({ path, status }) => `${status} ${path}\n`).join("");
