/** The one list of targets, and for those whose code is read back how that is done. */
import type { Artifact } from "./codegen/target.js";
import type { Parameter } from "./ir/definition.js";
import type { Expr } from "./ir/expr.js";
import { js } from "./targets/js.js";
import { keras2, keras3 } from "./targets/keras.js";
import { pytorch } from "./targets/pytorch.js";
import { wasm } from "./targets/wasm.js";
import { wgsl } from "./targets/wgsl.js";

export const targets = { js, wasm, wgsl, pytorch, keras3, keras2 } as const;

export type TargetName = keyof typeof targets;

/** The names that people have for targets. */
const ALIASES: Readonly<Record<string, TargetName>> = {
  javascript: "js",
  webassembly: "wasm",
  webgpu: "wgsl",
  torch: "pytorch",
  keras: "keras3",
  "tf.keras": "keras2",
};

/** The target with this name, or with this name among people. */
export function findTarget(name: string): TargetName | undefined {
  const given = name.trim().toLowerCase();
  if (Object.hasOwn(targets, given)) return given as TargetName;
  return Object.hasOwn(ALIASES, given) ? ALIASES[given] : undefined;
}

/** A file, and what its functions compute as it reads; nothing for those that it does not have. */
export interface ReadBack {
  readonly path: string;
  readonly computed: (name: string) => readonly Expr[] | undefined;
}
type Reader = (artifacts: readonly Artifact[], parameters: readonly Parameter[]) => Promise<readonly ReadBack[]>;

/** Modules that are expressions of tensors throughout: those of the framework's own functions have none of ours. */
const python: Reader = async (artifacts) => {
  const { pythonReader } = await import("./frontends/python/emitted.js");
  const read = await pythonReader();
  const written = artifacts.filter(({ path, style }) => path.endsWith(".py") && style !== "native");
  return written.map(({ path, text }) => ({ path, computed: read(text) }));
};

export const readers: { readonly [K in TargetName]?: Reader } = {
  js: async (artifacts, parameters) => {
    const { computedBy, readModule } = await import("./frontends/source/module.js");
    const { path, text } = artifacts.find((artifact) => artifact.path.endsWith(".js"))!;
    return [{ path, computed: computedBy(await readModule(text, parameters)) }];
  },
  pytorch: python,
  keras3: python,
  keras2: python,
  wgsl: async (artifacts) => {
    const { readShader } = await import("./frontends/wgsl/module.js");
    const { path, text } = artifacts.find((artifact) => artifact.path.endsWith(".wgsl"))!;
    return [{ path, computed: readShader(text) }];
  },
};
