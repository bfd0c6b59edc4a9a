/** Random numbers, as a helper of the emitted module. */
import type { FunctionText } from "../../codegen/module.js";
import { THREEFRY_GROUP, THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../ir/graph/random.js";

const roundLines = (round: number): string[] => {
  const rotation = THREEFRY_ROTATIONS[round % THREEFRY_ROTATIONS.length]!;
  const lines = ["a = (a + b) | 0;", `b = ((b << ${rotation}) | (b >>> ${32 - rotation})) ^ a;`];
  const group = (round + 1) / THREEFRY_GROUP;
  if (!Number.isInteger(group)) return lines;
  const key = (which: number): string => ["seed", "counter", "parity"][which % 3]!;
  return [...lines, `a = (a + ${key(group)}) | 0;`, `b = (b + ${key(group + 1)} + ${group}) | 0;`];
};

export const UNIFORM_FUNCTION: FunctionText = {
  name: "uniform",
  exported: false,
  parameters: ["seed", "counter", "stream", "index"].map((name) => ({ name, type: "number" })),
  returns: "number",
  documentation:
    "Uniform in [0, 1) with 24 bits: Threefry-2x32 with 20 rounds (Salmon et al. 2011), key (seed, counter), counter\n" +
    "(index, stream).",
  body: [
    `const parity = ${THREEFRY_PARITY} ^ seed ^ counter;`,
    "let a = (index + seed) | 0;",
    "let b = (stream + counter) | 0;",
    ...Array.from({ length: THREEFRY_ROUNDS }, (_, round) => roundLines(round)).flat(),
    "return (a >>> 8) * 2 ** -24;",
  ],
};
