/**
 * The shader library: elementary functions in WGSL that no driver's builtins have a part in.
 *
 * The errors in their comments were measured in float32 arithmetic that rounds to nearest, with and without products and sums
 * contracted into one operation: of one argument at every float32 with 2^-6 <= |x| < 128 and at every 31st (contracted, every
 * 101st) elsewhere, of two at 30 million random pairs. Results that are subnormal may be 0. Some drivers also take out common
 * factors or reorder sums, so what must be computed as it is written goes through integer bits in between. Float operations are
 * +, - and *.
 */
import { ALGEBRAIC } from "./functions/algebraic.js";
import { BITS } from "./functions/bits.js";
import { ERROR_FUNCTION } from "./functions/error-function.js";
import { EXPONENTIAL } from "./functions/exponential.js";
import type { HelperFunction } from "./functions/helper.js";
import { INVERSES } from "./functions/inverses.js";
import { LOGARITHM } from "./functions/logarithm.js";
import { LOGISTIC } from "./functions/logistic.js";
import { POWER } from "./functions/power.js";
import { SPHERICAL_BESSEL } from "./functions/spherical-bessel.js";
import { WAVES } from "./functions/waves.js";

export type { HelperFunction } from "./functions/helper.js";

/** Each after those that it uses. */
export const FUNCTIONS: readonly HelperFunction[] = [
  ...BITS,
  ...ALGEBRAIC,
  ...EXPONENTIAL,
  ...LOGISTIC,
  ...LOGARITHM,
  ...POWER,
  ...WAVES,
  ...SPHERICAL_BESSEL,
  ...INVERSES,
  ...ERROR_FUNCTION,
];

const byName = new Map(FUNCTIONS.map((helper) => [helper.name, helper]));

/** The texts of those functions and of all that they need, once each and in order. */
export function withHelpers(names: Iterable<string>): string[] {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const helper = byName.get(name);
    if (helper === undefined) throw new Error(`the shader library has no function ${name}`);
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const used of helper.uses) want(used);
  };
  for (const name of names) want(name);
  return FUNCTIONS.filter(({ name }) => wanted.has(name)).map(({ text }) => text);
}

/** The functions of the library that a text calls. */
export const calledIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\b(\w+)\(/g)].map(([, name]) => name!).filter((name) => byName.has(name))),
];
