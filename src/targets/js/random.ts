/** Random numbers, as a helper of the emitted module. */
import type { FunctionText } from "../../codegen/module.js";
import { THREEFRY_PARITY, THREEFRY_ROTATIONS } from "../../ir/graph/random.js";

const ROUNDS = 20;
/** After so many rounds the key is mixed in. */
const GROUP = 4;

const roundLines = (round: number): string[] => {
  const rotation = THREEFRY_ROTATIONS[round % THREEFRY_ROTATIONS.length]!;
  const lines = ["a = (a + b) | 0;", `b = ((b << ${rotation}) | (b >>> ${32 - rotation})) ^ a;`];
  if (round % GROUP !== GROUP - 1) return lines;
  const group = (round + 1) / GROUP;
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
    ...Array.from({ length: ROUNDS }, (_, round) => roundLines(round)).flat(),
    "return (a >>> 8) * 2 ** -24;",
  ],
};
