/** `nonlin export`: the module of one activation, or those of layers with it. */
import { MARKER } from "../../codegen/header.js";
import { basename, dirname, join, resolve } from "node:path";
import type { Target } from "../../codegen/target.js";
import { compile, targetFor, type Artifact, type Compilation, type Saving } from "../../pipeline/activation.js";
import { Diagnostic } from "../../diagnostic.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import { targets, type TargetName } from "../../registry.js";
import { unknownName, type Arguments } from "../shell/arguments.js";
import type { Run } from "../commands.js";
import { readIfThere, writeWhole } from "../shell/files.js";
import type { GraphFields } from "../build/plan-fields.js";
import { refuseForGraphs, resolveGraphs } from "../shell/graph-subject.js";
import { isWrong, missFields, missHint, missText, missesOf, type Miss } from "../shell/inaccurate.js";
import { SAVINGS, readTarget } from "../shell/options.js";
import { readAssignments, resolveSubject } from "../shell/subject.js";
import type { Terminal } from "../shell/terminal.js";
import { table, toJson } from "../shell/text.js";
import { renderStep } from "../shell/trace.js";

export const run: Run = async (given, terminal) => {
  const wishes = readWishes(given);
  const graphs = await resolveGraphs(given);
  const exported =
    graphs === undefined
      ? [await exportActivation(given, wishes, terminal)]
      : await exportGraphs(graphs, given, wishes);
  const misses = exported.flatMap((one) => one.misses);
  const accepted = given.has("accept-inaccurate");
  const refused = misses.some(isWrong) && !accepted;
  const output = given.value("output");
  const files = refused ? [] : await Promise.all(exported.map((one) => written(one.artifacts, output, wishes.target)));
  if (given.has("json")) {
    const fields = exported.map((one, i) => ({ ...one.fields, ...files[i], ...missFields(one.misses) }));
    terminal.out(toJson(fields.length === 1 ? fields[0] : fields));
  } else {
    if (!refused && output === undefined)
      terminal.out(exported.map(({ artifacts }) => mainArtifact(artifacts).text).join("\n"));
    terminal.err(missText(misses, accepted));
    if (refused) terminal.err(missHint(misses));
  }
  return refused ? 1 : 0;
};

/** The options of an export that hold for activations and for graphs. */
interface Wishes {
  readonly target: TargetName;
  readonly version: string | undefined;
  readonly style: string | undefined;
  readonly save: Saving;
}

function readWishes(given: Arguments): Wishes {
  const named = given.value("target");
  if (named === undefined)
    throw new Diagnostic("--target is missing", { hint: `one of ${Object.keys(targets).join(", ")}` });
  const target = readTarget(named);
  const version = given.value("framework-version");
  const { styles } = targetFor({ target, ...(version !== undefined && { version }) });
  const style = given.value("style") ?? styles?.[0];
  if (style !== undefined && styles?.includes(style) !== true) {
    if (styles === undefined) throw new Diagnostic(`${target} has one style only`, { hint: "leave out --style" });
    throw unknownName("style", style, styles);
  }
  return { target, version, style, save: given.choice("save", SAVINGS) ?? "auto" };
}

const compileOptions = ({ target, version, style, save }: Wishes) => ({
  target,
  save,
  ...(style !== undefined && { style }),
  ...(version !== undefined && { version }),
});

/** The artifacts in the style that was asked for. */
function inStyle(artifacts: readonly Artifact[], style: string | undefined): readonly Artifact[] {
  const found = artifacts.filter((artifact) => artifact.style === undefined || artifact.style === style);
  if (found.length > 0) return found;
  throw new Diagnostic(`layers have no ${style} style`, { hint: "export the activation, and put it behind the layer" });
}

interface Exported {
  readonly artifacts: readonly Artifact[];
  readonly misses: readonly Miss[];
  /** Its fields in the JSON output, but for files and misses. */
  readonly fields: Readonly<Record<string, unknown>>;
}

async function exportActivation(given: Arguments, wishes: Wishes, terminal: Terminal): Promise<Exported> {
  const parameters = readAssignments(given.all("param"));
  const definition = await resolveSubject(given.positionals[0]!, parameters, given.value("name"));
  const trace = given.has("trace")
    ? { trace: (...step: Parameters<typeof renderStep>): void => terminal.err(renderStep(...step)) }
    : {};
  const compilation = await compile(definition, { ...compileOptions(wishes), ...trace });
  const { id, saves, accuracy, rules } = compilation;
  if (given.has("explain")) terminal.err(rulesText(compilation));
  return {
    artifacts: compilation.artifacts,
    misses: missesOf(id, wishes.target, accuracy, compileOptions(wishes).save),
    fields: { ...about(id, wishes), saves, accuracy, rules },
  };
}

async function exportGraphs(
  graphs: readonly GraphDefinition[],
  given: Arguments,
  wishes: Wishes,
): Promise<readonly Exported[]> {
  refuseForGraphs(given, ["trace", "explain"], graphs[0]!.id);
  if (given.value("output") !== undefined && graphs.length > 1)
    throw new Diagnostic(`--output is one file, but --with names ${graphs.length} layers`, {
      hint: "export them one after the other, or list them in a configuration and run nonlin build",
    });
  const [{ compileGraph }, { createOracle }, { graphFields }] = await Promise.all([
    import("../../pipeline/layer.js"),
    import("../../pipeline/activation.js"),
    import("../build/plan-fields.js"),
  ]);
  const oracle = await createOracle();
  const exported: Exported[] = [];
  for (const graph of graphs) {
    const compilation = await compileGraph(graph, compileOptions(wishes), oracle);
    const { id, accuracy } = compilation;
    exported.push({
      artifacts: inStyle(compilation.artifacts, wishes.style),
      misses: accuracy.flatMap((measured) => missesOf(id, wishes.target, measured, compileOptions(wishes).save)),
      fields: { ...about(id, wishes), ...reported(graphFields(compilation)) },
    });
  }
  return exported;
}

function reported(fields: GraphFields) {
  if ("uses" in fields) return fields;
  const { saves, ...report } = fields;
  return { saves, report };
}

const about = (id: string, { target, version, style }: Wishes) => ({
  id,
  target,
  ...(version !== undefined && { version }),
  ...(style !== undefined && { style }),
});

/** The files themselves, or the names of those that were written where the user wanted them. */
async function written(artifacts: readonly Artifact[], output: string | undefined, target: TargetName) {
  if (output === undefined) return { files: artifacts };
  const files = [...placed(artifacts, output), ...(await shared(target, dirname(resolve(output))))];
  for (const { path, text } of files) writeWhole(path, text);
  return { written: files.map(({ path }) => path) };
}

/** The files that the module imports, placed beside it; a file that nonlin did not generate is never replaced. */
async function shared(name: TargetName, folder: string): Promise<Artifact[]> {
  const target: Target = targets[name];
  const files = (await target.shared?.()) ?? [];
  return files.map(({ path, text }) => {
    const place = join(folder, basename(path));
    const there = readIfThere(place)?.toString();
    if (there !== undefined && there !== text && !there.includes(MARKER))
      throw new Diagnostic(`${place} is there already, and is not ours`, { hint: "export into another folder" });
    return { path: place, text };
  });
}

/** The module itself; type declarations and the like only accompany it. */
function mainArtifact(artifacts: readonly Artifact[]): Artifact {
  const found = artifacts.find(({ path }) => !path.endsWith(".d.ts"));
  if (found === undefined) throw new Error("the target emitted no module");
  return found;
}

/** The artifacts under the name the user chose: js/relu.d.ts goes beside foo.js as foo.d.ts, beside foo.mjs as foo.d.mts. */
function placed(artifacts: readonly Artifact[], output: string): Artifact[] {
  const main = mainArtifact(artifacts);
  const stem = withoutExtension(basename(main.path));
  const path = resolve(output);
  const outputStem = withoutExtension(basename(path));
  return artifacts.map((artifact) => {
    if (artifact === main) return { path, text: artifact.text };
    const name = basename(artifact.path);
    const own = name.startsWith(`${stem}.`) ? outputStem + name.slice(stem.length) : name;
    const renamed = path.endsWith(".mjs") ? own.replace(/\.d\.ts$/, ".d.mts") : own;
    return { path: join(dirname(path), renamed), text: artifact.text };
  });
}

const withoutExtension = (name: string): string => name.replace(/(?<=.)\.[^.]*$/, "");

const rulesText = (compilation: Compilation): string =>
  "rules applied\n" +
  table(
    Object.entries(compilation.rules).map(([name, applied]) => [
      name,
      applied.length === 0 ? "none" : applied.join(", "),
    ]),
    "  ",
  );
