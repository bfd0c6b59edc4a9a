/** Functions on integers that graph modules call: remainders of the sign of the divisor, random draws, floats in order. */
import { THREEFRY_GROUP, THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../../ir/graph/random.js";
import { SUBGROUP_MARK } from "../shader.js";
import { forSubgroupsOnly } from "./subgroups.js";

const FLOOR_QUOTIENT = `
// floor(a / b) of i32 as u32, for b > 0.
fn floor_quotient(a: u32, b: u32) -> u32 {
  let quotient = i32(a) / i32(b);
  return u32(select(quotient, quotient - 1, i32(a) % i32(b) < 0));
}`;

const FLOOR_REMAINDER = `
// The remainder of that.
fn floor_remainder(a: u32, b: u32) -> u32 {
  let remainder = i32(a) % i32(b);
  return u32(select(remainder, remainder + i32(b), remainder < 0));
}`;

const word = (value: number): string => `0x${value.toString(16)}u`;

/** The rounds between two times that the key is mixed in. */
function rounds(): string[] {
  const lines: string[] = [];
  for (let round = 0; round < THREEFRY_ROUNDS; round++) {
    const by = THREEFRY_ROTATIONS[round % THREEFRY_ROTATIONS.length]!;
    lines.push("a += b;", `b = ((b << ${by}u) | (b >> ${32 - by}u)) ^ a;`);
    const group = (round + 1) / THREEFRY_GROUP;
    if (Number.isInteger(group)) lines.push(`a += key${group % 3};`, `b += key${(group + 1) % 3} + ${group}u;`);
  }
  return lines;
}

const UNIFORM_DRAW = `
// Uniform in [0, 1) with 24 bits: Threefry-2x32 with 20 rounds (Salmon et al. 2011) of the seed, the counter, the stream
// and the number of the element.
fn uniform_draw(stream: u32, index: u32) -> f32 {
  let key0 = sizes.seed;
  let key1 = sizes.counter;
  let key2 = ${word(THREEFRY_PARITY)} ^ key0 ^ key1;
  var a = index + key0;
  var b = stream + key1;
${rounds()
  .map((line) => `  ${line}`)
  .join("\n")}
  return f32(a >> 8u) * ${2 ** -24};
}`;

const ORDERED_BITS = `
// Integers in the order of floats, with NaN above all of them.
fn ordered_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let ordered = select(bits | 0x80000000u, ~bits, bits > 0x7fffffffu);
  return select(ordered, 0xffffffffu, is_nan(x));
}`;

const FROM_ORDERED_BITS = `
// The float of that integer.
fn from_ordered_bits(ordered: u32) -> f32 {
  let bits = select(~ordered, ordered & 0x7fffffffu, ordered > 0x7fffffffu);
  return bitcast<f32>(bits);
}`;

export const HELPERS: Readonly<Record<string, string>> = {
  floor_quotient: FLOOR_QUOTIENT,
  floor_remainder: FLOOR_REMAINDER,
  uniform_draw: UNIFORM_DRAW,
  ordered_bits: ORDERED_BITS,
  from_ordered_bits: FROM_ORDERED_BITS,
};

/** Those that lines call; for devices with subgroups only where lines are that call them. */
export function integerHelpers(lines: readonly string[]): string[][] {
  return Object.entries(HELPERS).flatMap(([name, helper]) => {
    const callers = lines.filter((line) => line.includes(`${name}(`));
    const text = helper.trim().split("\n");
    if (callers.length === 0) return [];
    return [callers.every((line) => line.startsWith(SUBGROUP_MARK)) ? forSubgroupsOnly(text) : text];
  });
}
