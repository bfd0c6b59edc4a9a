/**
 * Rows of a whole workgroup reduced by subgroups first: each of them leaves one number, and these are brought together in
 * order. Nothing depends on how many lanes a subgroup has or on which these are: at the start each subgroup counts those
 * whose first lane is before its own.
 */
import { LANES } from "../elementwise.js";

import { SUBGROUP_MARK } from "../shader.js";
import type { Reduction } from "./reductions.js";
import type { ModuleScope } from "./scope.js";

/** The parameter that an entry point declares to know its lane in the subgroup. */
export const SUBGROUP_BUILTIN = "@builtin(subgroup_invocation_id) subgroup_lane: u32,";
export const SUBGROUP_NAMES = ["subgroup_lane", "subgroup_slot", "subgroup_count"] as const;
const WORDS = LANES / 32;

/** Lines that other devices take for comments. */
export const forSubgroupsOnly = (lines: readonly string[]): string[] => lines.map((line) => SUBGROUP_MARK + line);

/** Lines at the start of an entry point: where its subgroup leaves what it has, and how many subgroups there are. */
export function subgroupSlots({ taken, items }: ModuleScope): string[] {
  if (!taken.has("first_lanes")) {
    taken.add("first_lanes");
    items.push(forSubgroupsOnly([`var<workgroup> first_lanes: array<atomic<u32>, ${WORDS}>;`]));
  }
  return [
    "if (subgroup_lane == 0u) {",
    "atomicOr(&first_lanes[local / 32u], 1u << (local % 32u));",
    "}",
    "workgroupBarrier();",
    "var subgroup_slot = 0u;",
    "var subgroup_count = 0u;",
    `for (var word = 0u; word < ${WORDS}u; word++) {`,
    "let lanes_in_word = atomicLoad(&first_lanes[word]);",
    "let before = select(0u, (1u << (local % 32u)) - 1u, word == local / 32u);",
    "subgroup_slot += countOneBits(lanes_in_word & select(before, 0xffffffffu, word < local / 32u));",
    "subgroup_count += countOneBits(lanes_in_word);",
    "}",
  ];
}

/** How subgroups reduce: NaN is the largest of all, which the built-in maximum of floats does not promise. */
const REDUCED: Readonly<Record<string, (value: string) => string>> = {
  sum: (value) => `subgroupAdd(${value})`,
  max: (value) => `from_ordered_bits(subgroupMax(ordered_bits(${value})))`,
};

export const reducesInSubgroups = (how: string): boolean => Object.hasOwn(REDUCED, how);

interface Row {
  /** The variable of this lane. */
  readonly name: string;
  readonly how: string;
  readonly reduction: Reduction;
}

/** Lines that leave the results of a workgroup's row in the first elements of its arrays. */
export function subgroupLines(
  rows: readonly Row[],
  at: (row: number, index: string) => (suffix: string) => string,
): string[] {
  return [
    ...rows.map(({ name, how }) => `${name} = ${REDUCED[how]!(name)};`),
    "if (subgroup_lane == 0u) {",
    ...rows.map(({ name }, i) => `${at(i, "subgroup_slot")("")} = ${name};`),
    "}",
    "workgroupBarrier();",
    "if (local == 0u) {",
    "for (var slot = 1u; slot < subgroup_count; slot++) {",
    ...rows.flatMap(({ reduction }, i) => reduction.join(at(i, "0u"), at(i, "slot"))),
    "}",
    "}",
    "workgroupBarrier();",
  ];
}
