/** `nonlin export`: the module of one activation, or those of layers with it. */
import { basename, dirname, join, resolve } from "node:path";
import { compile, type Artifact, type Compilation, type Saving } from "../compile.js";
import { Diagnostic } from "../diagnostic.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import { isTargetName, targets, type TargetName } from "../registry.js";
import { unknownName, type Arguments } from "./arguments.js";
import type { Run } from "./commands.js";
import { writeWhole } from "./files.js";
import { refuseForGraphs, resolveGraphs } from "./graph-subject.js";
import { SAVINGS } from "./options.js";
import { readAssignments, resolveSubject } from "./subject.js";
import type { Terminal } from "./terminal.js";
import { table, toJson } from "./text.js";
import { renderStep } from "./trace.js";

export const run: Run = async (given, terminal) => {
  const target = readTarget(given.value("target"));
  const save = given.choice("save", SAVINGS) ?? "auto";
  const graphs = await resolveGraphs(given);
  const exported =
    graphs === undefined
      ? [await exportActivation(given, target, save, terminal)]
      : await exportGraphs(graphs, given, target, save);
  if (given.has("json")) terminal.out(toJson(exported.length === 1 ? exported[0]!.fields : exported.map(fieldsOf)));
  else if (given.value("output") === undefined)
    terminal.out(exported.map(({ artifacts }) => mainArtifact(artifacts).text).join("\n"));
  return 0;
};

interface Exported {
  readonly artifacts: readonly Artifact[];
  /** What is said of it in JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const fieldsOf = ({ fields }: Exported) => fields;

async function exportActivation(
  given: Arguments,
  target: TargetName,
  save: Saving,
  terminal: Terminal,
): Promise<Exported> {
  const parameters = readAssignments(given.all("param"));
  const definition = await resolveSubject(given.positionals[0]!, parameters, given.value("name"));
  const trace = given.has("trace")
    ? { trace: (...step: Parameters<typeof renderStep>): void => terminal.err(renderStep(...step)) }
    : {};
  const compilation = await compile(definition, { target, save, ...trace });
  const { id, artifacts, saves, accuracy, rules } = compilation;
  const files = written(artifacts, given.value("output"));
  if (given.has("explain")) terminal.err(rulesText(compilation));
  return { artifacts, fields: { id, target, ...files, saves, accuracy, rules } };
}

async function exportGraphs(
  graphs: readonly GraphDefinition[],
  given: Arguments,
  target: TargetName,
  save: Saving,
): Promise<readonly Exported[]> {
  refuseForGraphs(given, ["trace", "explain"], graphs[0]!.id);
  const output = given.value("output");
  if (output !== undefined && graphs.length > 1)
    throw new Diagnostic(`--output is one file, but --with names ${graphs.length} layers`, {
      hint: "export them one after the other, or list them in a configuration and run nonlin build",
    });
  const [{ compileGraph }, { createOracle }, { planFields }] = await Promise.all([
    import("../compile-graph.js"),
    import("../compile.js"),
    import("./plan-fields.js"),
  ]);
  const oracle = await createOracle();
  const exported: Exported[] = [];
  for (const graph of graphs) {
    const { id, artifacts, plan } = await compileGraph(graph, { target, save }, oracle);
    const { saves, ...report } = planFields(plan);
    exported.push({ artifacts, fields: { id, target, ...written(artifacts, output), saves, report } });
  }
  return exported;
}

/** The files themselves, or the names of those that were written where the user wanted them. */
function written(artifacts: readonly Artifact[], output: string | undefined) {
  if (output === undefined) return { files: artifacts };
  const files = placed(artifacts, output);
  for (const { path, text } of files) writeWhole(path, text);
  return { written: files.map(({ path }) => path) };
}

function readTarget(name: string | undefined): TargetName {
  const known = Object.keys(targets);
  if (name === undefined) throw new Diagnostic("--target is missing", { hint: `one of ${known.join(", ")}` });
  if (!isTargetName(name)) throw unknownName("target", name, known);
  return name;
}

/** The module itself; type declarations and the like only accompany it. */
function mainArtifact(artifacts: readonly Artifact[]): Artifact {
  const found = artifacts.find(({ path }) => !path.endsWith(".d.ts"));
  if (found === undefined) throw new Error("the target emitted no module");
  return found;
}

/** The artifacts under the name the user chose: js/relu.d.ts goes beside foo.js as foo.d.ts. */
function placed(artifacts: readonly Artifact[], output: string): Artifact[] {
  const main = mainArtifact(artifacts);
  const stem = withoutExtension(basename(main.path));
  const path = resolve(output);
  const outputStem = withoutExtension(basename(path));
  return artifacts.map((artifact) => {
    if (artifact === main) return { path, text: artifact.text };
    const name = basename(artifact.path);
    const renamed = name.startsWith(`${stem}.`) ? outputStem + name.slice(stem.length) : name;
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
