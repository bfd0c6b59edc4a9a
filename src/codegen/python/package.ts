/** The files that make folders of modules packages: one package for each style. */
import { generated } from "../header.js";
import type { Artifact } from "../target.js";
import { formatPython } from "./format.js";
import { weightsModule } from "./weights.js";

const ABOUT = {
  "": (framework: string) => `Activations for ${framework} with their proved derivatives, and layers with them.`,
  "native/": (framework: string) => `Activations and layers for ${framework}, with its own functions.`,
};

export async function packageFiles(
  folder: string,
  framework: string,
  ids: readonly string[],
): Promise<readonly Artifact[]> {
  const sorted = [...ids, "weights"].sort();
  const packages = await Promise.all(
    Object.entries(ABOUT).map(async ([style, about]) => {
      const modules = style === "" ? sorted : sorted.filter((name) => name !== "weights");
      const text = [
        `"""${about(framework)} ${generated()}"""`,
        modules.length === 0 ? "" : `from . import (\n${modules.map((id) => `    ${id},\n`).join("")})`,
        `__all__ = [\n${modules.map((id) => `    "${id}",\n`).join("")}]`,
      ].join("\n\n");
      return { path: `${folder}/${style}__init__.py`, text: await formatPython(text) };
    }),
  );
  return [
    ...packages,
    { path: `${folder}/weights.py`, text: await formatPython(weightsModule) },
    { path: `${folder}/py.typed`, text: "" },
  ];
}
