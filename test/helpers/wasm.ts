/** The emitted WebAssembly modules, as a program that imports them sees them. */
import type { EmittedModule } from "./modules.js";

export interface WasmModule extends EmittedModule {
  readonly allocate: (length: number) => Float32Array;
  readonly free: (array: Float32Array) => void;
  readonly renew: (array: Float32Array) => Float32Array;
}

/** What a module asks for. */
type Imports = readonly { readonly module: string; readonly name: string }[];

declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Module: (new (bytes: Uint8Array) => object) & { readonly imports: (module: object) => Imports };
};

/** Compiles a module's bytes, and says what it asks for. */
export const importsOf = (bytes: Uint8Array): Imports => WebAssembly.Module.imports(new WebAssembly.Module(bytes));

/** The functions of a module, with a memory of its own. */
export const instantiate = <Exports>(bytes: Uint8Array): Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    host: { memory: new WebAssembly.Memory({ initial: 1 }) },
    math: Math,
  }).exports as Exports;

export const WASM = new URL("../../generated/wasm/", import.meta.url);

export const loadWasm = (id: string): Promise<WasmModule> =>
  import(new URL(`${id}.js`, WASM).href) as Promise<WasmModule>;
