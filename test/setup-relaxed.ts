/** An engine with relaxed SIMD: newer ones have it by themselves. */
import { setFlagsFromString } from "node:v8";
import { compile as assemble } from "watr";

declare const WebAssembly: { readonly validate: (bytes: Uint8Array) => boolean };

const RELAXED = assemble(`(module (func (param v128) (result v128)
  (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))`);

if (!WebAssembly.validate(RELAXED)) setFlagsFromString("--experimental-wasm-relaxed-simd");
if (!WebAssembly.validate(RELAXED)) throw new Error("this Node has no relaxed SIMD");
