/** The loops of a module inside of it: their bytes, compiled when they are first needed. */
import type { ConstantText, FunctionText } from "../../codegen/module.js";

/** A module's loops, and a place for them once they are compiled. */
export const compiled = (id: string, bytes: Uint8Array): ConstantText[] => [
  {
    name: "CODE",
    type: "string",
    value: JSON.stringify(base64(bytes)),
    documentation: `The loops of ${id}.wat as bytes in base64.`,
    exported: false,
  },
  {
    name: "COMPILED",
    type: "object",
    value: "{ loops: undefined }",
    documentation: "The loops, once they are compiled.",
    exported: false,
  },
];

export const COMPILE: FunctionText = {
  name: "compiledLoops",
  exported: false,
  parameters: [],
  returns: "object",
  documentation: "The loops, compiled at the first call.",
  body: ["COMPILED.loops ??= instantiate(CODE);", "return COMPILED.loops;"],
};

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
