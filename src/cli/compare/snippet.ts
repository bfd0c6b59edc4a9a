/** Code to paste that makes a framework behave as another: what the exporters write, cut down to what is needed. */
import { catalogue, rowActivations } from "../../catalogue.js";
import { compileGraph } from "../../pipeline/layer.js";
import { compile, type Artifact } from "../../pipeline/activation.js";
import type { Snippet } from "../../frameworks/call.js";
import { builtInOf } from "../../frameworks/find.js";
import type { FrameworkVersion } from "../../frameworks/version.js";
import { targets, type TargetName } from "../../registry.js";
import type { Target } from "../../codegen/target.js";
import type { Oracle } from "../../symbolic/oracle.js";
import { withDefaults } from "../shell/subject.js";

/** Nothing is written for libraries of models. */
function targetOf({ framework, version }: FrameworkVersion): TargetName | undefined {
  if (framework === "torch") return "pytorch";
  if (framework !== "keras") return undefined;
  return version.startsWith("2.") ? "keras2" : "keras3";
}

/** In the native style, or in the explicit one where the framework has the function, but with other gradients. */
export function exportedSnippet(oracle: Oracle): Snippet {
  return async (id, parameters, at) => {
    const target = targetOf(at);
    if (target === undefined) return undefined;
    const { version }: Target = targets[target];
    if (version?.known.includes(at.version) !== true) return undefined;
    const options = { target, version: at.version };
    const graph = rowActivations.find((each) => each.id === id);
    const definition = catalogue.find((each) => each.id === id);
    if (graph === undefined && definition === undefined) return undefined;
    const { artifacts } =
      definition === undefined
        ? await compileGraph(graph!, options, oracle)
        : await compile(withDefaults(definition, parameters), options, oracle);
    const style = builtInOf(id, at) === undefined ? "native" : "explicit";
    const { text } = artifacts.find((artifact: Artifact) => artifact.style === style)!;
    const learns = definition?.parameters.some(({ learnable }) => learnable) === true;
    return (learns ? undefined : functionAlone(text, id)) ?? text.trimEnd();
  };
}

/** The function with its imports; nothing where it needs others of the module. */
function functionAlone(text: string, id: string): string | undefined {
  const blocks = text.split("\n\n\n");
  const code = blocks
    .find((block) => new RegExp(`^(@.*\n)?def ${id}\\(`, "m").test(block))
    ?.replace(/^@.*\n/, "")
    .trimEnd();
  if (code === undefined || /\b(_\w+|value|derivative)\(/.test(code)) return undefined;
  const imports = [...text.matchAll(/^(?:import .*|from .* import .*)$/gm)].flatMap(([line]) => usedImport(line, code));
  return `${imports.join("\n")}\n\n\n${code}`;
}

/** The line with the names that the code uses; nothing where it uses none. */
function usedImport(line: string, code: string): readonly string[] {
  const isUsed = (name: string): boolean => new RegExp(`(?<![.\\w])${name}\\b`).test(code);
  const [, source, names] = /^from (\S+) import (.*)$/.exec(line) ?? [];
  if (names !== undefined) {
    const used = names.split(", ").filter(isUsed);
    return used.length === 0 ? [] : [`from ${source!} import ${used.join(", ")}`];
  }
  return isUsed(line.split(" ").at(-1)!) ? [line] : [];
}
