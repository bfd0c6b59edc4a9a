/** The emitted modules that the benchmarks run: out of generated/wgsl, and layers with another activation compiled here. */
import { copyFileSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const generated = fileURLToPath(new URL("../../generated/wgsl/", import.meta.url));

/** Writes TypeScript modules into a new folder, with what they share. `layers` are pairs of a layer and its activation. */
export async function emittedModules(ids, layers) {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-bench-webgpu-"));
  for (const name of [...ids, "shader-runtime"]) {
    const file = join(generated, `${name}.ts`);
    if (!existsSync(file)) throw new Error(`There is no generated/wgsl/${name}.ts: run npm start`);
    copyFileSync(file, join(folder, `${name}.ts`));
  }
  const { findDefinition, layers: known } = await import("../../dist/catalogue.js");
  const { compileGraph } = await import("../../dist/pipeline/layer.js");
  const { withActivation } = await import("../../dist/layers/layers.js");
  const named = [...ids];
  for (const [layer, activation] of layers) {
    const definition = withActivation(
      known.find(({ id }) => id === layer),
      findDefinition(activation),
    );
    const { id, artifacts } = await compileGraph(definition, { target: "wgsl" });
    const { text } = artifacts.find(({ path }) => path.endsWith(`/${id}.ts`));
    writeFileSync(join(folder, `${id}.ts`), text);
    named.push(id);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "index.ts"), named.map((id) => `export { ${id} } from "./${id}.js";\n`).join(""));
  return folder;
}
