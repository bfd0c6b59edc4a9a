/** The lanes of a workgroup along rows: loops in which they share a row, and how what each has is brought together. */
import type { ReductionName } from "../../../ir/graph/reductions.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import type { Buffer, Fold } from "../../../ir/kernel.js";
import type { Expr } from "../../../ir/expr.js";
import { integerParts } from "../../../ir/graph/integer.js";
import { hoisted } from "./invariants.js";
import { valueLines } from "./values.js";
import { LANES } from "../elementwise.js";

import type { Reduction } from "./reductions.js";
import { forSubgroupsOnly, reducesInSubgroups, subgroupLines } from "./subgroups.js";
import { countText, decomposition, type Flat, type Scope } from "./scope.js";

/** Which lane this is, by the names of variables: a lane of a row, of so many lanes; neighbours belong to neighbouring rows. */
export interface LaneScope extends Pick<Scope, "kernel" | "locals"> {
  readonly local: string;
  /** How many rows there are at once. */
  readonly atOnce: string;
  readonly lane: string;
  readonly lanes: string;
}

/** The scope of the loop over rows. */
export interface RowScope extends LaneScope, Scope {
  readonly kept: readonly Axis[];
  /** Whether there is such a row. */
  readonly inside: string;
  /** The variables with the results of folds, by the buffer where they would be. */
  readonly values: Map<Buffer, string>;
  /** The variables with loop-invariant expressions of the row, which are computed once. */
  readonly computed: Map<Expr, string>;
}

/** Values that folds have left are read where they are, whatever buffer they are also written to. */
export function withValues(scope: RowScope): RowScope {
  const locals = scope.locals.nested();
  for (const [place, access] of scope.kernel.kernel.accesses)
    if (access.kind === "load") {
      const text = scope.values.get(access.element.buffer);
      if (text !== undefined) locals.bind(place, text);
    }
  return { ...scope, locals };
}

/**
 * A loop of the lanes along axes, in which values are computed: what is the same for the whole row before the loop. `sink`
 * writes what is done with them; `index` is the place in the row.
 */
export function alongRow(
  axes: readonly Axis[],
  values: readonly Expr[],
  scope: RowScope,
  sink: (results: readonly string[], inner: RowScope, index: string) => readonly string[],
): string[] {
  const { module, kernel } = scope.kernel;
  const outer = withValues(scope);
  const isFixed = (place: Expr): boolean => {
    const access = kernel.accesses.get(place);
    if (outer.locals.of(place) !== undefined || access === undefined) return true;
    return (
      access.kind === "integer" &&
      integerParts(access.value).every(({ kind }) => kind !== "position" && kind !== "element")
    );
  };
  const before = hoisted(values, outer, isFixed, scope.computed);
  const index = scope.locals.fresh("i");
  const flat: Flat = { axes, text: index };
  const places = decomposition(flat, module, scope.locals);
  const whole = `(${scope.flats[0]!.text} * ${countText(axes, module)} + ${index})`;
  const inner: RowScope = {
    ...outer,
    position: (axis) => places.position(axis) ?? scope.position(axis),
    flats:
      scope.kept.length === 0
        ? [flat]
        : [...scope.flats, ...(axes.length === 1 ? [] : [{ axes: [...scope.kept, ...axes], text: whole }])],
  };
  const body = valueLines(before.values, inner, (results) => sink(results, inner, index));
  return [
    ...before.lines,
    `if (${scope.inside}) {`,
    `for (var ${index} = ${scope.lane}; ${index} < ${countText(axes, module)}; ${index} += ${scope.lanes}) {`,
    ...places.lines(),
    ...body,
    "}",
    "}",
  ];
}

/** The name of what a fold leaves, under which later steps find it. */
export function resultName({ to }: Fold, scope: RowScope): string {
  const name = scope.locals.fresh(to.buffer.name);
  scope.values.set(to.buffer, name);
  return name;
}

/** The override that says how many lanes have a row whose neighbours in memory are along it. */
export const ROW_LANES = "row_lanes";

/** Whether the subgroups of a row that a whole workgroup has can begin. */
const usesSubgroups = (rows: readonly Joined[], { lanes }: LaneScope): boolean =>
  lanes === ROW_LANES && rows.every(({ how }) => reducesInSubgroups(how));

interface Joined {
  /** The variables of this lane begin with this. */
  readonly name: string;
  readonly how: ReductionName;
  readonly reduction: Reduction;
  readonly result: string;
}

/** Brings what the lanes of a row have together, half of them into the other half, and gives it to all. */
export function together(rows: readonly Joined[], scope: LaneScope): string[] {
  const { local, atOnce, lane, lanes, locals } = scope;
  const counts = { f32: 0, u32: 0 };
  const arrays = rows.map(({ reduction }) => {
    const names = reduction.fields.map(
      ({ suffix, type }) => [suffix, workgroupArray(type, ++counts[type], scope)] as const,
    );
    return new Map(names);
  });
  const at = (i: number, index: string) => (suffix: string) => `${arrays[i]!.get(suffix)!}[${index}]`;
  const [half, other] = [locals.fresh("half"), locals.fresh("other")];
  const tree = [
    ...rows.flatMap(({ name, reduction }, i) =>
      reduction.fields.map(({ suffix }) => `${at(i, local)(suffix)} = ${name}${suffix};`),
    ),
    "workgroupBarrier();",
    `for (var ${half} = ${lanes} / 2u; ${half} > 0u; ${half} /= 2u) {`,
    `if (${lane} < ${half}) {`,
    `let ${other} = ${local} + ${half} * ${atOnce};`,
    ...rows.flatMap(({ reduction }, i) => reduction.join(at(i, local), at(i, other))),
    "}",
    "workgroupBarrier();",
    "}",
  ];
  return [
    ...(usesSubgroups(rows, scope)
      ? [
          ...forSubgroupsOnly([`if (${lanes} == ${LANES}u) {`, ...subgroupLines(rows, at), "} else {"]),
          ...tree,
          ...forSubgroupsOnly(["}"]),
        ]
      : tree),
    ...rows.map(({ reduction, result }, i) => `let ${result} = ${reduction.result(at(i, `${local} % ${atOnce}`))};`),
    // The next ones are not written before all have read these.
    "workgroupBarrier();",
  ];
}

function workgroupArray(type: "f32" | "u32", number: number, { kernel: { module } }: LaneScope): string {
  const name = `lane_${type === "f32" ? "values" : "places"}${number === 1 ? "" : number}`;
  if (!module.taken.has(name)) {
    module.taken.add(name);
    module.items.push([`var<workgroup> ${name}: array<${type}, ${LANES}>;`]);
  }
  return name;
}
