/**
 * The t with sum max(x - t, 0) = 1 for each row (Michelot 1986): (sum of the elements above t - 1) / (how many there are),
 * again as long as it grows. It begins from the largest minus 1, below which no element can be in the support.
 */
import type { Axis } from "../../../ir/graph/tensor.js";
import type { Fold } from "../../../ir/kernel.js";
import { REDUCTIONS } from "./reductions.js";
import { alongRow, resultName, together, type RowScope } from "./lanes.js";

export function thresholdLines(fold: Fold, over: readonly Axis[], scope: RowScope): string[] {
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
      ...REDUCTIONS.sum.add(state(sum), `(${element} - ${top})`, index),
      `${count} += 1.0;`,
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
    `let ${next} = ${top} + precise_divide(${total} - 1.0, ${all});`,
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
