/** The one list of targets, and for those whose code is read back how that is done. */
import type { Artifact, ReadBack } from "./codegen/target.js";
import type { Parameter } from "./ir/definition.js";
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

type Reader = (artifacts: readonly Artifact[], parameters: readonly Parameter[]) => Promise<ReadBack>;

export const readers: { readonly [K in TargetName]?: Reader } = {
  js: async (artifacts, parameters) => {
    const { readModule } = await import("./frontends/source/module.js");
    return readModule(artifacts.find(({ path }) => path.endsWith(".js"))!.text, parameters);
  },
};
