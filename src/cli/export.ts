/** `nonlin export`: the module of one activation. */
import { basename, dirname, join, resolve } from "node:path";
import { compile, type Artifact, type Compilation } from "../compile.js";
import { Diagnostic } from "../diagnostic.js";
import { isTargetName, targets, type TargetName } from "../registry.js";
import { unknownName } from "./arguments.js";
import type { Run } from "./commands.js";
import { writeWhole } from "./files.js";
import { SAVINGS } from "./options.js";
import { resolveSubject } from "./subject.js";
import { table, toJson } from "./text.js";
import { renderStep } from "./trace.js";

export const run: Run = async (given, terminal) => {
  const target = readTarget(given.value("target"));
  const save = given.choice("save", SAVINGS) ?? "auto";
  const definition = await resolveSubject(given.positionals[0]!, given.all("param"), given.value("name"));
  const trace = given.has("trace")
    ? { trace: (...step: Parameters<typeof renderStep>): void => terminal.err(renderStep(...step)) }
    : {};
  const compilation = await compile(definition, { target, save, ...trace });
  const output = given.value("output");
  const files = output === undefined ? [] : placed(compilation.artifacts, output);
  for (const { path, text } of files) writeWhole(path, text);
  if (given.has("explain")) terminal.err(rules(compilation));
  if (given.has("json")) terminal.out(toJson(fields(compilation, target, files)));
  else if (output === undefined) terminal.out(mainArtifact(compilation.artifacts).text);
  return 0;
};

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

const rules = (compilation: Compilation): string =>
  "rules applied\n" +
  table(
    Object.entries(compilation.rules).map(([name, applied]) => [
      name,
      applied.length === 0 ? "none" : applied.join(", "),
    ]),
    "  ",
  );

const fields = (
  { id, artifacts, saves, accuracy, rules }: Compilation,
  target: TargetName,
  files: readonly Artifact[],
) => ({
  id,
  target,
  ...(files.length > 0 ? { written: files.map(({ path }) => path) } : { files: artifacts }),
  saves,
  accuracy,
  rules,
});
