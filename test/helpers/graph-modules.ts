/** Modules of graphs, compiled and imported as a program would, and called by the names of tensors. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { inject } from "vitest";
import { compileGraph, type GraphCompilation } from "../../src/pipeline/layer.js";
import { createOracle, type Saving } from "../../src/pipeline/activation.js";
import type { Target } from "../../src/codegen/target.js";
import type { GraphDefinition } from "../../src/ir/graph/definition.js";
import { sizeOf } from "../../src/ir/graph/places.js";
import type { Buffer, GraphFunction } from "../../src/ir/kernel.js";
import { targets } from "../../src/registry.js";
import type { Numbers } from "./graph-run.js";

export type Arrays = Readonly<Record<string, Float32Array | Int32Array | Uint8Array>>;
export type MutableArrays = Record<string, Float32Array | Int32Array | Uint8Array>;

export interface GraphModule extends Required<Pick<GraphCompilation, "id" | "artifacts" | "plan">> {
  readonly exports: Readonly<Record<string, unknown>>;
}

export type ModuleTarget = "js" | "wasm";

declare module "vitest" {
  interface ProvidedContext {
    /** Those that are tested where not all are. */
    readonly moduleTargets?: readonly ModuleTarget[];
  }
}

/** The targets that write graphs as modules on typed arrays. */
export const MODULE_TARGETS: readonly ModuleTarget[] = inject("moduleTargets") ?? ["js", "wasm"];

const oracle = createOracle();
const folder = mkdtempSync(join(tmpdir(), "graph-modules-"));
const loaded = new Map<string, Promise<GraphModule>>();

export function graphModule(
  definition: GraphDefinition,
  save: Saving = "auto",
  target: ModuleTarget = "js",
): Promise<GraphModule> {
  const key = [target, definition.id, ...definition.activations.map(({ id }) => id), save].join("-");
  let module = loaded.get(key);
  if (module === undefined) loaded.set(key, (module = load(definition, key, save, target)));
  return module;
}

async function load(
  definition: GraphDefinition,
  key: string,
  save: Saving,
  target: ModuleTarget,
): Promise<GraphModule> {
  const { shared }: Target = targets[target];
  for (const { path, text } of (await shared?.()) ?? []) writeFileSync(join(folder, basename(path)), text);
  const { id, artifacts, plan } = await compileGraph(definition, { target, save }, await oracle);
  const code = artifacts.find(({ path }) => path.endsWith(".js"))!;
  const file = join(folder, `${key}.mjs`);
  writeFileSync(file, code.text);
  return { id, artifacts, plan: plan!, exports: (await import(pathToFileURL(file).href)) as Record<string, unknown> };
}

export const functionOf = ({ plan }: GraphModule, name: string): GraphFunction =>
  plan.functions.find((candidate) => candidate.name === name)!;

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

export const emptyArray = ({ type, length }: Buffer, sizes: Numbers): Float32Array | Int32Array | Uint8Array =>
  new ARRAYS[type as keyof typeof ARRAYS](sizeOf(length, sizes));

/** Whether the module takes its only tensor, its only output and then the sizes. */
export const isSingle = ({ plan }: GraphModule): boolean => {
  const forward = plan.functions.find(({ name }) => name === "forward")!;
  return (
    plan.saves.length <= 1 &&
    forward.inputs.map(({ name }) => name).join() === "x" &&
    forward.outputs.map(({ name }) => name).join() === "y"
  );
};

type Callable = (...parameters: readonly unknown[]) => unknown;

/** Calls a function of the module; gives what it has written. */
export function call(
  module: GraphModule,
  name: string,
  tensors: Arrays,
  numbers: Numbers,
  outputs: Readonly<Record<string, Float32Array | Int32Array | Uint8Array | null>> = {},
): MutableArrays {
  const { inputs, outputs: written } = functionOf(module, name);
  const run = module.exports[name] as Callable;
  const given = Object.fromEntries(
    inputs.flatMap((input) => (Object.hasOwn(tensors, input.name) ? [[input.name, tensors[input.name]!]] : [])),
  );
  if (!isSingle(module)) return { ...(run(given, outputs, numbers) as MutableArrays) };
  const [output] = written;
  const into = outputs[output!.name] ?? undefined;
  const values = inputs.map((input) => given[input.name]);
  return { [output!.name]: run(...values, into, numbers) as Float32Array };
}
