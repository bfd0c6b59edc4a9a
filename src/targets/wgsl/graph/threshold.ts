/**
 * The t for each row with which what is above it comes to 1: sum max(x - t, 0) (Michelot 1986), or the sum of its squares
 * (Newton's method). It begins from the largest minus 1, below which no element can be in the support, and goes on as long as
 * it grows.
 */
import type { ThresholdName } from "../../../ir/graph/reductions.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import type { Fold } from "../../../ir/kernel.js";
import { REDUCTIONS } from "./reductions.js";
import { alongRow, resultName, together, type RowScope } from "./lanes.js";

/** The sums of a pass over the elements above the threshold t, m the largest, and the threshold after it. */
interface Threshold {
  readonly first: (value: string, t: string, m: string) => string;
  readonly second: (value: string, t: string) => string;
  readonly next: (first: string, second: string, t: string, m: string) => string;
}

const THRESHOLDS: { readonly [K in ThresholdName]: Threshold } = {
  threshold: {
    first: (value, _, m) => `(${value} - ${m})`,
    second: () => "1.0",
    next: (sum, count, _, m) => `${m} + precise_divide(${sum} - 1.0, ${count})`,
  },
  squareThreshold: {
    first: (value, t) => `((${value} - ${t}) * (${value} - ${t}))`,
    second: (value, t) => `${value} - ${t}`,
    next: (squares, sum, t) => `${t} + precise_divide(${squares} - 1.0, 2.0 * ${sum})`,
  },
};

export function thresholdLines(fold: Fold, how: ThresholdName, over: readonly Axis[], scope: RowScope): string[] {
  const { first, second, next: after } = THRESHOLDS[how];
  const { locals, inside, lane } = scope;
  const { module } = scope.kernel;
  const fresh = (name: string): string => locals.fresh(name);
  const result = resultName(fold, scope);
  const [largest, sum, count, total, all, next] = [
    fresh("lane_largest"),
    fresh("lane_sum"),
    fresh("lane_count"),
    fresh("support_sum"),
    fresh("support_count"),
    fresh("next"),
  ];
  const top = fresh("row_largest");
  const state = (name: string) => (suffix: string) => `${name}${suffix}`;
  const eachElement = (write: (element: string, index: string) => readonly string[]): string[] =>
    alongRow(over, [fold.value], scope, ([value], _, index) => {
      const element = fresh("element");
      return [`let ${element} = ${value!};`, ...write(element, index)];
    });
  for (const [name, declaration] of [
    ["rows_going", "var<workgroup> rows_going: atomic<u32>;"],
    ["is_going", "var<workgroup> is_going: u32;"],
  ] as const) {
    if (module.taken.has(name)) continue;
    module.taken.add(name);
    module.items.push([declaration]);
  }
  return [
    `var ${largest}: f32 = -infinity();`,
    ...eachElement((element, index) => REDUCTIONS.max.add(state(largest), element, index)),
    ...together([{ name: largest, how: "max", reduction: REDUCTIONS.max, result: top }], scope),
    // A row without a largest number has no threshold.
    `var ${result} = select(${top} - 1.0, not_a_number(), (bitcast<u32>(${top}) & 0x7f800000u) == 0x7f800000u);`,
    "loop {",
    `var ${sum}: f32 = 0.0;`,
    `var ${sum}_lost: f32 = 0.0;`,
    `var ${count}: f32 = 0.0;`,
    ...eachElement((element, index) => [
      `if (${element} > ${result}) {`,
      ...REDUCTIONS.sum.add(state(sum), first(element, result, top), index),
      `${count} += ${second(element, result)};`,
      "}",
    ]),
    ...REDUCTIONS.sum.settle!(state(sum)),
    ...together(
      [
        { name: sum, how: "sum", reduction: REDUCTIONS.sum, result: total },
        { name: count, how: "sum", reduction: REDUCTIONS.sum, result: all },
      ],
      scope,
    ),
    `let ${next} = ${after(total, all, result, top)};`,
    // Every lane goes around as long as one row of the workgroup is not done.
    `if (${scope.local} == 0u) {`,
    "atomicStore(&rows_going, 0u);",
    "}",
    "workgroupBarrier();",
    `if (${inside} & (${next} > ${result})) {`,
    `${result} = ${next};`,
    `if (${lane} == 0u) {`,
    "atomicStore(&rows_going, 1u);",
    "}",
    "}",
    "workgroupBarrier();",
    `if (${scope.local} == 0u) {`,
    "is_going = atomicLoad(&rows_going);",
    "}",
    "if (workgroupUniformLoad(&is_going) == 0u) {",
    "break;",
    "}",
    "}",
  ];
}
