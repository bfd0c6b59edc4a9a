/** Host modules as their users have them: type-checked, compiled, imported, and buffers with guard words for their calls. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { globals } from "webgpu";
import { catalogue } from "../../src/catalogue.js";
import { planGraph } from "../../src/pipeline/layer.js";
import { createOracle, planActivation } from "../../src/pipeline/activation.js";
import type { Target } from "../../src/codegen/target.js";
import type { Definition } from "../../src/ir/definition.js";
import type { GraphDefinition } from "../../src/ir/graph/definition.js";
import { wgsl } from "../../src/targets/wgsl.js";
import { activationModule } from "../../src/targets/wgsl/activation.js";
import { emitShaders } from "../../src/targets/wgsl/graph/module.js";
import { hostFiles, hostIndex } from "../../src/targets/wgsl/host.js";
import type { ShaderModule } from "../../src/targets/wgsl/shader.js";

const oracle = await createOracle();

export const shaderOf = (definition: Definition): ShaderModule =>
  activationModule(planActivation(definition, wgsl, oracle).plan);

const parallel: Target = {
  ...wgsl,
  graphs: { of: "kernels", machine: "parallel", emit: () => Promise.resolve([]) },
};

export const shaderOfGraph = (definition: GraphDefinition): ShaderModule =>
  emitShaders(planGraph(definition, parallel, "auto", oracle));

export function activationNamed(id: string): Definition {
  const found = catalogue.find((definition) => definition.id === id);
  if (found === undefined) throw new Error(`the catalogue has no ${id}`);
  return found;
}

/** The files of host modules under their names, `silu.ts` and so on, with the index and what they share. */
export async function hostTexts(modules: readonly ShaderModule[]): Promise<Record<string, string>> {
  const files = await Promise.all([...modules.map(hostFiles), hostIndex(modules.map(({ id }) => id))]);
  return Object.fromEntries(files.flat().map(({ path, text }) => [path.replace(/^wgsl\//, ""), text]));
}

/** What TypeScript finds wrong with files that stand in one folder, at its strictest and without a document. */
export function typeProblems(texts: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-host-types-"));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const program = ts.createProgram(
    Object.keys(texts).map((name) => join(folder, name)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ["lib.es2022.d.ts"],
      typeRoots: [join(import.meta.dirname, "..", "..", "node_modules")],
      types: ["@webgpu/types"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      noImplicitOverride: true,
      noImplicitReturns: true,
      noFallthroughCasesInSwitch: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      // The types of WebGPU mention those of documents.
      skipLibCheck: true,
      noEmit: true,
    },
  );
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file, start = 0 }) => {
    const line = file?.text.slice(start).split("\n")[0] ?? "";
    return `${file?.fileName.slice(folder.length + 1) ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}: ${line}`;
  });
}

/** Compiles files into a folder of their own; what is returned imports one of them. */
export function compiledFolder(texts: Readonly<Record<string, string>>): <Module>(name: string) => Promise<Module> {
  const folder = mkdtempSync(join(tmpdir(), "nonlin-host-"));
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, verbatimModuleSyntax: true };
  for (const [name, text] of Object.entries(texts))
    writeFileSync(join(folder, name.replace(/\.ts$/, ".js")), ts.transpileModule(text, { compilerOptions }).outputText);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return <Module>(name: string) => import(pathToFileURL(join(folder, name)).href) as Promise<Module>;
}

/** A host module as a program without its types sees it. */
export interface HostFunction {
  readonly needs: (
    parameters: Readonly<Record<string, number>>,
    options?: { readonly without?: readonly string[] },
  ) => { readonly bytes: Record<string, number>; readonly workspaceBytes: number; readonly dispatches: number };
  readonly prepare: (
    parameters: Readonly<Record<string, number>>,
    options?: { readonly without?: readonly string[] },
  ) => Promise<void>;
  readonly encode: (
    encoder: GPUCommandEncoder | GPUComputePassEncoder,
    buffers: Readonly<Record<string, GPUBuffer | GPUBufferBinding | null | undefined>>,
    parameters: Readonly<Record<string, number>>,
    options?: { readonly workspace?: GPUBuffer | GPUBufferBinding },
  ) => void;
}
export type HostKernels = Readonly<Record<string, HostFunction>> & { readonly saves: readonly string[] };
export type HostMaker = (device: GPUDevice, options?: Readonly<Record<string, unknown>>) => Promise<HostKernels>;

export type Submit = (device: GPUDevice, encode: (encoder: GPUCommandEncoder) => void) => Promise<void>;

const { GPUBufferUsage: USAGE, GPUMapMode: MODE } = globals as {
  readonly GPUBufferUsage: Readonly<
    Record<"STORAGE" | "UNIFORM" | "COPY_SRC" | "COPY_DST" | "MAP_READ" | "VERTEX", number>
  >;
  readonly GPUMapMode: Readonly<Record<"READ", number>>;
};
export { USAGE };

const GUARD = 256;
const GUARD_BYTE = 0x5a;

/** A buffer with a guard region in front and behind, and the range between them. */
export interface Guarded {
  readonly binding: GPUBufferBinding;
  /** The bytes of the range, when the guard bytes are as they were. */
  readonly read: () => Promise<Uint8Array>;
}

type Data = Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** `room`: how many bytes are bound beside the data, filled with guard bytes too. */
export function guarded(device: GPUDevice, data: Data, room = 0): Guarded {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bound = Math.max(4, Math.ceil((bytes.length + room) / 4) * 4);
  const all = new Uint8Array(2 * GUARD + Math.ceil(bound / GUARD) * GUARD).fill(GUARD_BYTE);
  all.set(bytes, GUARD);
  const buffer = device.createBuffer({ size: all.length, usage: USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST });
  device.queue.writeBuffer(buffer, 0, all);
  const read = async (): Promise<Uint8Array> => {
    const after = await bytesOf(device, buffer);
    after.forEach((byte, i) => {
      if ((i < GUARD || i >= GUARD + bytes.length) && byte !== GUARD_BYTE)
        throw new Error(`byte ${i - GUARD} beside the ${bytes.length} bytes of data was written`);
    });
    return after.slice(GUARD, GUARD + bytes.length);
  };
  return { binding: { buffer, offset: GUARD, size: bound }, read };
}

export async function bytesOf(device: GPUDevice, buffer: GPUBuffer): Promise<Uint8Array> {
  const copy = device.createBuffer({ size: buffer.size, usage: USAGE.MAP_READ | USAGE.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(MODE.READ);
  const bytes = new Uint8Array(copy.getMappedRange()).slice();
  copy.destroy();
  return bytes;
}

export const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);
