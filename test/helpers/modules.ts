/** The emitted JavaScript modules, as a program that imports them sees them. */
import { catalogue } from "../../src/catalogue.js";
import type { Definition, ParameterValues } from "../../src/index.js";

/** What every emitted module exports; `gradients` is there where a parameter is learnable. */
export interface EmittedModule {
  readonly saves: "input" | "output";
  readonly value: (x: number, parameters?: ParameterValues) => number;
  readonly derivative: (x: number, parameters?: ParameterValues) => number;
  readonly secondDerivative: (x: number, parameters?: ParameterValues) => number;
  readonly forward: (x: Float32Array, y?: Float32Array, parameters?: ParameterValues) => Float32Array;
  readonly backward: (
    dy: Float32Array,
    saved: Float32Array,
    dx?: Float32Array,
    parameters?: ParameterValues,
    gradients?: Record<string, number>,
  ) => Float32Array;
}

export const GENERATED = new URL("../../generated/js/", import.meta.url);

export const loadModule = (id: string): Promise<EmittedModule> =>
  import(new URL(`${id}.js`, GENERATED).href) as Promise<EmittedModule>;

export const definitionOf = (id: string): Definition => {
  const found = catalogue.find((definition) => definition.id === id);
  if (found === undefined) throw new Error(`the catalogue has no ${id}`);
  return found;
};

/** The slope that backward applies at each input, through whatever the module saves. */
export function slopes(module: EmittedModule, x: Float32Array, parameters?: ParameterValues): Float32Array {
  const saved = module.saves === "output" ? module.forward(x, new Float32Array(x.length), parameters) : x;
  return module.backward(new Float32Array(x.length).fill(1), saved, new Float32Array(x.length), parameters);
}
