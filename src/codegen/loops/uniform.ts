/** Random numbers as a function that loops call: Threefry on whole numbers, as `src/ir/graph/random.ts` defines it. */
import { THREEFRY_GROUP, THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../ir/graph/random.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  local,
  whole,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";

const sum = (...terms: Value[]): Value => terms.reduce((all, term) => apply("add", all, term));

/** Uniform in [0, 1) by seed, counter, stream and index: whole numbers, in float64 as all arguments of calls. */
export const UNIFORM: LoopFunction = uniform();

function uniform(): LoopFunction {
  const names = ["seed", "counter", "stream", "index"] as const;
  const numbers = names.map((name) => local("f64", name));
  const words = names.map((name) => local("i32", `${name}Word`));
  const [seed, counter, stream, index] = words as [Value, Value, Value, Value];
  const [a, b, parity] = [local("i32", "a"), local("i32", "b"), local("i32", "parity")];
  const keys = [seed, counter, parity];
  const rounds = Array.from({ length: THREEFRY_ROUNDS }, (_, round): Statement[] => {
    const rotation = whole(THREEFRY_ROTATIONS[round % THREEFRY_ROTATIONS.length]!);
    const mixed = [assign(a, sum(a, b)), assign(b, apply("bitXor", apply("rotateLeft", b, rotation), a))];
    const group = (round + 1) / THREEFRY_GROUP;
    if (!Number.isInteger(group)) return mixed;
    return [
      ...mixed,
      assign(a, sum(a, keys[group % keys.length]!)),
      assign(b, sum(b, keys[(group + 1) % keys.length]!, whole(group))),
    ];
  });
  const bits = apply("fromWhole", apply("shiftRight", a, whole(8)));
  return {
    name: "uniform",
    arrays: [],
    numbers,
    results: ["f64"],
    body: [
      ...words.map((word, i) => letBe(word, apply("toWhole", numbers[i]!))),
      letBe(parity, apply("bitXor", apply("bitXor", whole(THREEFRY_PARITY), seed), counter)),
      letBe(a, sum(index, seed)),
      letBe(b, sum(stream, counter)),
      ...rounds.flat(),
      { kind: "return", values: [apply("mul", bits, constantOf("f64", 2 ** -24))] },
    ],
  };
}
