/** The loops of a module inside of it: their bytes, compiled when they are first needed. */
import { withMultiplyAdd } from "../../codegen/loops/multiply-add.js";
import type { ConstantText, FunctionText } from "../../codegen/module.js";
import type { LoopFunction } from "../../ir/loops/loops.js";
import { lanesOf } from "../../ir/loops/types.js";
import { moduleBytes, moduleText } from "./text.js";

const bytesConstant = (name: string, bytes: Uint8Array, documentation: string): ConstantText => ({
  name,
  type: "string",
  value: JSON.stringify(base64(bytes)),
  documentation,
  exported: false,
});

/** A module's loops as text for people, and as constants: their bytes, and a place for them once they are compiled. */
export async function compiled(
  id: string,
  loops: readonly LoopFunction[],
  header: string,
): Promise<{ readonly text: string; readonly constants: readonly ConstantText[] }> {
  const text = moduleText(loops, header);
  const plain = await moduleBytes(text);
  // Only vectors have it.
  const fused = loops.map((loop) => withMultiplyAdd(loop, (type) => lanesOf(type) > 1));
  const relaxed = await moduleBytes(moduleText(fused, header));
  const isSame = Buffer.compare(plain, relaxed) === 0;
  const constants = [
    bytesConstant("CODE", plain, `The loops of ${id}.wat as bytes in base64.`),
    ...(isSame
      ? []
      : [
          bytesConstant("RELAXED", relaxed, "The same with sums of products in one operation, as relaxed SIMD has it."),
        ]),
    {
      name: "COMPILED",
      type: "object",
      value: `{ codes: [${isSame ? "" : "RELAXED, "}CODE], loops: undefined }`,
      documentation: "The loops, once they are compiled: from the first code that the engine takes.",
      exported: false,
    },
  ];
  return { text, constants };
}

export const COMPILE: FunctionText = {
  name: "compiledLoops",
  exported: false,
  parameters: [],
  returns: "object",
  documentation: "The loops, compiled at the first call.",
  body: ["COMPILED.loops ??= instantiate(COMPILED.codes);", "return COMPILED.loops;"],
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
