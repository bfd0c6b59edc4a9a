/**
 * Kernels that reduce: a workgroup takes some rows at a time, and each of its lanes strides along one of them. What lanes
 * have is brought together in workgroup memory, and then every lane has it.
 */
import { constantInteger, floorDiv, minus, plus, size } from "../../../ir/graph/integer.js";
import { isThreshold } from "../../../ir/graph/reductions.js";
import { has, type Axis } from "../../../ir/graph/tensor.js";
import { plainSteps, type Buffer, type Fold, type Step } from "../../../ir/kernel.js";
import { comment } from "../text.js";
import { LANES } from "../elementwise.js";
import { countOf, storeBody, storedOrder, type StoreStep } from "./elements.js";
import type { KernelText } from "./kernel-text.js";
import { REDUCTIONS, type Reduction } from "./reductions.js";
import { ROW_LANES, alongRow, resultName, together, withValues, type RowScope } from "./lanes.js";
import { countText, decomposition, newLocals, type Flat, type KernelScope } from "./scope.js";
import { SUBGROUP_BUILTIN, forSubgroupsOnly, subgroupSlots } from "./subgroups.js";
import { thresholdLines } from "./threshold.js";
import { storeLines } from "./values.js";

type FoldStep = Extract<Step, { readonly kind: "fold" }>;

export function rowsKernel(scope: KernelScope, documentation: string): KernelText {
  const { module, kernel, entry } = scope;
  const main = mainBuffer(scope);
  const kept = inOrderOf(
    kernel.blocks.map(({ axis }) => axis),
    main,
  );
  const lanes = lanesOverride(scope, kept, main);
  const subgroups = lanes === ROW_LANES ? forSubgroupsOnly(subgroupSlots(module)) : [];
  const locals = newLocals(module);
  const [atOnce, lane, count, first, row, inside] = ["at_once", "lane", "count", "first", "row", "is_row"].map((name) =>
    locals.fresh(name),
  ) as [string, string, string, string, string, string];
  const flat: Flat = { axes: kept, text: row };
  const places = decomposition(flat, module, locals);
  const values = new Map<Buffer, string>();
  const rowScope: RowScope = {
    kernel: scope,
    locals,
    position: (axis) => {
      const name = places.position(axis);
      if (name === undefined) throw new Error(`${entry} has no position along ${axis}`);
      return name;
    },
    flats: [flat],
    tile: ({ buffer }) => values.get(buffer)!,
    kept,
    local: "local",
    atOnce,
    lane,
    lanes,
    inside,
    values,
    computed: new Map(),
  };
  let largest = 0;
  const body = plainSteps(kernel.steps).flatMap((step) => {
    if (step.kind === "contract") throw new Error("rows have no products");
    if (step.kind === "store") return storeStep(step, rowScope);
    largest = Math.max(largest, step.folds.length);
    return foldStep(step, rowScope, main);
  });
  module.items.push([
    ...comment(documentation),
    `@compute @workgroup_size(${LANES})`,
    `fn ${entry}(`,
    "@builtin(workgroup_id) workgroup: vec3<u32>,",
    "@builtin(num_workgroups) workgroups: vec3<u32>,",
    "@builtin(local_invocation_index) local: u32,",
    ...(lanes === ROW_LANES ? forSubgroupsOnly([SUBGROUP_BUILTIN]) : []),
    ") {",
    ...subgroups,
    `let ${atOnce} = ${LANES}u / ${lanes};`,
    `let ${lane} = local / ${atOnce};`,
    `let ${count} = ${countText(kept, module)};`,
    `for (var ${first} = workgroup.x * ${atOnce}; ${first} < ${count}; ${first} += workgroups.x * ${atOnce}) {`,
    `let ${row} = ${first} + local % ${atOnce};`,
    `let ${inside} = ${row} < ${count};`,
    ...places.lines(),
    ...body,
    "}",
    "}",
  ]);
  const rowsAtOnce = floorDiv(constantInteger(LANES), size(lanes));
  return {
    workgroups: floorDiv(plus(countOf(kept), minus(rowsAtOnce, 1)), rowsAtOnce),
    workgroupBytes: constantInteger(4 * LANES * workgroupArrays(kernel.steps)),
    invocations: constantInteger(LANES),
  };
}

const workgroupArrays = (steps: readonly Step[]): number =>
  Math.max(
    0,
    ...plainSteps(steps).map((step) =>
      step.kind !== "fold"
        ? 0
        : step.folds.reduce((sum, { how }) => sum + (how === "argmax" || isThreshold(how) ? 2 : 1), 0),
    ),
  );

/** The buffer that decides in which order axes are gone through: the first that has most of them. */
function mainBuffer({ kernel }: KernelScope): Buffer | undefined {
  const loops = plainSteps(kernel.steps).flatMap((step) => (step.kind === "fold" ? [...step.over] : []));
  const all = [...kernel.blocks.map(({ axis }) => axis), ...loops];
  const found = [...kernel.accesses.values()].flatMap((access) =>
    access.kind === "load" && access.element.buffer.role !== "tile" ? [access.element.buffer] : [],
  );
  const shared = ({ axes }: Buffer): number => axes.filter(({ name }) => has(all, name)).length;
  return found.reduce<Buffer | undefined>(
    (best, buffer) => (best === undefined || shared(buffer) > shared(best) ? buffer : best),
    undefined,
  );
}

function inOrderOf(axes: readonly Axis[], main: Buffer | undefined): readonly Axis[] {
  const place = ({ name }: Axis): number => main?.axes.findIndex((axis) => axis.name === name) ?? -1;
  return [...axes].sort((a, b) => place(a) - place(b));
}

/** Where neighbours in memory are along a row, all lanes are in it; where they are in neighbouring rows, few are. */
function lanesOverride({ module, kernel }: KernelScope, kept: readonly Axis[], main: Buffer | undefined): string {
  const innermost = main?.axes[main.axes.length - 1];
  const over = plainSteps(kernel.steps).flatMap((step) => (step.kind === "fold" ? step.over : []));
  const isAcross =
    innermost !== undefined && has(kept, innermost.name) && !has(over, innermost.name) && innermost.name !== "inner";
  const name = isAcross ? "column_lanes" : ROW_LANES;
  module.taken.add(name);
  module.overrides.set(name, {
    name,
    type: "u32",
    default: isAcross ? 8 : LANES,
    choices: [1, 2, 4, 8, 16, 32, 64, 128, LANES],
    // On software drivers softmax of rows of 1,000 takes a tenth (SwiftShader) or a half (lavapipe) of the time; not measured
    // on small GPUs.
    ...(!isAcross && { modest: 16 }),
    documentation: isAcross
      ? `Lanes that share a sum whose neighbours in memory belong to other sums: a power of two, at most ${LANES}.`
      : `Lanes that share a row: a power of two, at most ${LANES}. Fewer are better for short rows, and where an axis follows that of the row.`,
  });
  return name;
}

function storeStep(step: StoreStep, scope: RowScope): string[] {
  const axes = storedOrder(step.axes, step.stores).filter(({ name }) => !has(scope.kept, name));
  if (axes.length > 0)
    return alongRow(
      axes,
      step.stores.map(({ value }) => value),
      scope,
      (results, inner) => step.stores.flatMap(({ to }, i) => storeLines(to, results[i]!, inner)),
    );
  return [`if (${scope.inside} & (${scope.lane} == 0u)) {`, ...storeBody(step, withValues(scope)), "}"];
}

/** Folds over the same axes: one loop, and one way through workgroup memory. */
function foldStep(step: FoldStep, scope: RowScope, main: Buffer | undefined): string[] {
  const over = inOrderOf(step.over, main);
  const lines: string[] = [];
  const plain = step.folds.filter(({ how }) => !isThreshold(how));
  for (const fold of step.folds) if (isThreshold(fold.how)) lines.push(...thresholdLines(fold, fold.how, over, scope));
  if (plain.length > 0) lines.push(...plainFolds(plain, over, scope));
  for (const { to } of step.folds)
    if (to.buffer.role !== "tile")
      lines.push(
        `if (${scope.inside} & (${scope.lane} == 0u)) {`,
        ...storeLines(to, scope.values.get(to.buffer)!, scope),
        "}",
      );
  return lines;
}

function plainFolds(folds: readonly Fold[], over: readonly Axis[], scope: RowScope): string[] {
  const rows = folds.map((fold) => {
    const reduction: Reduction = REDUCTIONS[fold.how as keyof typeof REDUCTIONS];
    return { fold, reduction, name: scope.locals.fresh(`lane_${fold.to.buffer.name}`) };
  });
  const state = (name: string) => (suffix: string) => `${name}${suffix}`;
  const loop = alongRow(
    over,
    folds.map(({ value }) => value),
    scope,
    (results, _, index) =>
      rows.flatMap(({ reduction, name }, i) => {
        const element = /^\w+$/.test(results[i]!) ? results[i]! : scope.locals.fresh("element");
        const named = element === results[i] ? [] : [`let ${element} = ${results[i]!};`];
        return [...named, ...reduction.add(state(name), element, index)];
      }),
  );
  return [
    ...rows.flatMap(({ reduction, name }) =>
      [...reduction.fields, ...(reduction.own ?? [])].map(
        ({ suffix, type, initial }) => `var ${name}${suffix}: ${type} = ${initial};`,
      ),
    ),
    ...loop,
    ...rows.flatMap(({ reduction, name }) => reduction.settle?.(state(name)) ?? []),
    ...together(
      rows.map(({ fold, reduction, name }) => ({ name, reduction, how: fold.how, result: resultName(fold, scope) })),
      scope,
    ),
  ];
}
