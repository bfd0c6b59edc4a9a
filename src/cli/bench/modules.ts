/** The modules of one activation that a benchmark runs, written to a folder of their own and imported. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Artifact, Target } from "../../codegen/target.js";
import type { Definition } from "../../ir/definition.js";
import { compile, createOracle } from "../../pipeline/activation.js";
import { compilePlain } from "../../pipeline/plain.js";
import { targets } from "../../registry.js";

/** An imported module, as far as benchmarks call it. */
export interface LoopModule {
  readonly saves: "input" | "output";
  readonly value: (x: number) => number;
  readonly forward: (x: Float32Array, y?: Float32Array) => Float32Array;
  readonly backward: (dy: Float32Array, saved: Float32Array, dx?: Float32Array) => Float32Array;
  /** An array on which it computes without copies. */
  readonly allocate?: (length: number) => Float32Array;
  /** The same array on a memory that has grown. */
  readonly renew?: (array: Float32Array) => Float32Array;
}

/** The compiled modules by their targets; `plain` is the formula as it is typed. */
export type Candidates = ReadonlyMap<"plain" | "js" | "wasm", LoopModule>;

/** Calls a function with the modules of a definition; their files are there as long as it runs. */
export async function withModules<Result>(
  definition: Definition,
  call: (candidates: Candidates) => Result,
): Promise<Result> {
  const oracle = await createOracle();
  const folder = mkdtempSync(join(tmpdir(), "nonlin-bench-"));
  try {
    const candidates = new Map<"plain" | "js" | "wasm", LoopModule>();
    const add = async (name: "plain" | "js" | "wasm", artifacts: readonly Artifact[]): Promise<void> => {
      candidates.set(name, await imported(join(folder, name), artifacts));
    };
    const plain = await compilePlain(definition, oracle);
    if (plain !== undefined) await add("plain", [plain]);
    for (const name of ["js", "wasm"] as const) {
      const { shared }: Target = targets[name];
      const { artifacts } = await compile(definition, { target: name }, oracle);
      await add(name, [...artifacts, ...((await shared?.()) ?? [])]);
    }
    return call(candidates);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function imported(folder: string, artifacts: readonly Artifact[]): Promise<LoopModule> {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  for (const { path, text } of artifacts) writeFileSync(join(folder, basename(path)), text);
  const [main] = artifacts;
  return (await import(pathToFileURL(join(folder, basename(main!.path))).href)) as LoopModule;
}
