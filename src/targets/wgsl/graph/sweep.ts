/**
 * Kernels that sweep along an axis: a workgroup takes a block of rows and goes through the axis part by part. What stands
 * between steps is in workgroup memory; lanes stride over the places of each step, and wait for each other after it.
 */
import { constantInteger, floorDiv, plus, times } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import type { ElementOf, Matrix, PlainStep, Step } from "../../../ir/kernel.js";
import { comment } from "../text.js";
import { LANES } from "../elementwise.js";
import { allOf } from "../spelling.js";
import { countOf } from "./elements.js";
import type { KernelText } from "./kernel-text.js";
import { together } from "./lanes.js";
import type { Locals } from "./names.js";
import type { Contract } from "./operands.js";
import { REDUCTIONS } from "./reductions.js";
import { Tiles, type Part } from "./tiles.js";
import { axisSize, countText, decomposition, newLocals, positionName, type KernelScope, type Scope } from "./scope.js";
import { loadText, storeLines, valueLines } from "./values.js";

type FoldStep = Extract<Step, { readonly kind: "fold" }>;
type StoreStep = Extract<Step, { readonly kind: "store" }>;

/** Where a lane is along axes, by the names of variables: along parts, within the part. */
interface PartScope extends Scope {
  readonly names: ReadonlyMap<string, string>;
}

export function sweepKernel(scope: KernelScope, documentation: string): KernelText {
  return new Sweep(scope).write(documentation);
}

class Sweep {
  private readonly locals: Locals;
  private readonly single: readonly Axis[];
  private readonly tiles: Tiles;
  private readonly places: ReturnType<typeof decomposition>;

  constructor(private readonly scope: KernelScope) {
    const { kernel, module } = scope;
    this.tiles = new Tiles(scope);
    this.locals = newLocals(module);
    this.tiles.nameParts(this.locals);
    this.single = kernel.blocks.filter(({ elements }) => elements === 1).map(({ axis }) => axis);
    this.places = decomposition({ axes: this.single, text: "outer" }, module, this.locals);
  }

  write(documentation: string): KernelText {
    const { kernel, module, entry } = this.scope;
    const [rows] = this.tiles.parts as readonly [Part];
    const size = axisSize(rows.axis, module);
    const body = kernel.steps.flatMap((step) => this.step(step));
    module.items.push([
      ...comment(documentation),
      `@compute @workgroup_size(${LANES})`,
      `fn ${entry}(`,
      "@builtin(workgroup_id) workgroup: vec3<u32>,",
      "@builtin(num_workgroups) workgroups: vec3<u32>,",
      "@builtin(local_invocation_index) local: u32,",
      ") {",
      `let blocks = (${size} + ${rows.extent - 1}u) / ${rows.extent}u;`,
      `let count = ${this.single.length === 0 ? "" : `${countText(this.single, module)} * `}blocks;`,
      "for (var block = workgroup.x; block < count; block += workgroups.x) {",
      `let ${rows.first} = block % blocks * ${rows.extent}u;`,
      `let ${rows.here} = min(${rows.extent}u, ${size} - ${rows.first});`,
      ...(this.single.length === 0 ? [] : ["let outer = block / blocks;"]),
      ...this.places.lines(),
      ...body,
      "}",
      "}",
    ]);
    const blocks = floorDiv(plus(rows.axis.size, rows.extent - 1), constantInteger(rows.extent));
    return {
      workgroups: times(countOf(this.single), blocks),
      workgroupBytes: plus(this.tiles.bytes(), 4 * LANES),
      invocations: constantInteger(LANES),
    };
  }

  private step(step: Step): string[] {
    if (step.kind === "sweep") {
      const part = this.tiles.partOf(step.block.axis)!;
      const size = axisSize(part.axis, this.scope.module);
      return [
        `for (var ${part.first} = 0u; ${part.first} < ${size}; ${part.first} += ${part.extent}u) {`,
        `let ${part.here} = min(${part.extent}u, ${size} - ${part.first});`,
        ...step.steps.flatMap((inner) => this.step(inner)),
        "}",
      ];
    }
    return [...this.plain(step), "workgroupBarrier();"];
  }

  private plain(step: PlainStep): string[] {
    switch (step.kind) {
      case "store":
        return this.eachPlace(step.axes, (inner) => this.storeBody(step, inner));
      case "contract":
        return this.eachPlace([...step.outer, ...step.rows, ...step.columns], (inner) => this.product(step, inner));
      case "fold":
        return this.fold(step);
    }
  }

  /** Lanes stride over the places of a step: parts by their full extents, so that they are divided by constants. */
  private eachPlace(axes: readonly Axis[], body: (inner: PartScope) => readonly string[]): string[] {
    const i = this.locals.fresh("i");
    const extents = axes.map((axis) => this.tiles.extentText(axis));
    const names = new Map(axes.map(({ name }) => [name, this.locals.fresh(positionName(name))]));
    const lines = axes.flatMap((axis, at) => {
      const below = extents.slice(at + 1).join(" * ");
      const quotient = below === "" ? i : `${i} / ${extents.length - at > 2 ? `(${below})` : below}`;
      return [`let ${names.get(axis.name)!} = ${at === 0 ? quotient : `${quotient} % ${extents[at]!}`};`];
    });
    const inside = axes.flatMap((axis) => {
      const part = this.tiles.partOf(axis);
      return part === undefined ? [] : [`${names.get(axis.name)!} < ${part.here}`];
    });
    const work = body(this.within(names));
    return [
      `for (var ${i} = local; ${i} < ${extents.length === 0 ? "1u" : extents.join(" * ")}; ${i} += ${LANES}u) {`,
      ...lines,
      ...(inside.length === 0 ? work : [`if (${allOf(inside)}) {`, ...work, "}"]),
      "}",
    ];
  }

  /** A scope in which axes have places: of parts, places within the part. */
  private within(names: ReadonlyMap<string, string>): PartScope {
    const outside = (axis: string): string => {
      const place = this.places.position(axis);
      if (place === undefined) throw new Error(`${this.scope.entry} has no position along ${axis}`);
      return place;
    };
    return {
      kernel: this.scope,
      locals: this.locals.nested(),
      names,
      position: (axis) => {
        const name = names.get(axis);
        const part = this.tiles.parts.find((one) => one.axis.name === axis);
        return name === undefined ? outside(axis) : part === undefined ? name : `(${part.first} + ${name})`;
      },
      flats: [],
      tile: ({ buffer, at }) => this.tiles.text(buffer, at, names),
    };
  }

  private put(to: ElementOf, value: string, accumulate: boolean, inner: Scope): string[] {
    if (to.buffer.role === "tile") return [`${inner.tile(to)} ${accumulate ? "+=" : "="} ${value};`];
    return storeLines(to, value, inner);
  }

  private storeBody({ stores }: StoreStep, inner: Scope): string[] {
    return valueLines(
      stores.map(({ value }) => value),
      inner,
      (results) => {
        // All values are computed before the first store: one store may overwrite an element that another value reads.
        const names = results.map((result) => (results.length > 1 ? this.locals.fresh("stored") : result));
        return [
          ...(results.length > 1 ? results.map((result, i) => `let ${names[i]!} = ${result};`) : []),
          ...stores.flatMap(({ to, accumulate }, i) => this.put(to, names[i]!, accumulate, inner)),
        ];
      },
    );
  }

  private product({ inner, left, right, to, accumulate }: Contract, scope: PartScope): string[] {
    const sum = this.locals.fresh("product_sum");
    const loops: string[] = [];
    const names = new Map<string, string>();
    for (const axis of inner) {
      const name = this.locals.fresh(positionName(axis.name));
      names.set(axis.name, name);
      const end = this.tiles.partOf(axis)?.here ?? axisSize(axis, this.scope.module);
      loops.push(`for (var ${name} = 0u; ${name} < ${end}; ${name}++) {`);
    }
    const along = this.within(new Map([...scope.names, ...names]));
    const load = (matrix: Matrix): string => loadText({ ...matrix, guards: [] }, along).text;
    return [
      `var ${sum}: f32 = 0.0;`,
      ...loops,
      `${sum} += ${load(left)} * ${load(right)};`,
      ...loops.map(() => "}"),
      ...this.put({ ...to, guards: [] }, sum, accumulate, scope),
    ];
  }

  /** A row of the block for each lane modulo the rows, and a place along the swept axis for those above it. */
  private fold(step: FoldStep): string[] {
    const [rows, swept] = this.tiles.parts as readonly [Part, Part];
    const fits =
      step.over.length === 1 &&
      step.over[0]!.name === swept.axis.name &&
      step.axes.every(({ name }) => name === rows.axis.name) &&
      rows.extent * swept.extent === LANES;
    if (!fits) throw new Error(`${this.scope.entry} has a sum that is not along the sweep`);
    const [row, lane] = [
      this.locals.fresh(positionName(rows.axis.name)),
      this.locals.fresh(positionName(swept.axis.name)),
    ];
    const inner = this.within(
      new Map([
        [rows.axis.name, row],
        [swept.axis.name, lane],
      ]),
    );
    const states = step.folds.map(({ how, to }) => ({
      how,
      reduction: REDUCTIONS[how as keyof typeof REDUCTIONS],
      name: this.locals.fresh(`lane_${to.buffer.name}`),
      result: this.locals.fresh(`all_${to.buffer.name}`),
    }));
    return [
      `let ${row} = local % ${rows.extent}u;`,
      `let ${lane} = local / ${rows.extent}u;`,
      ...states.flatMap(({ reduction, name }) =>
        reduction.fields.map(({ suffix, type, initial }) => `var ${name}${suffix}: ${type} = ${initial};`),
      ),
      `if ((${row} < ${rows.here}) & (${lane} < ${swept.here})) {`,
      ...valueLines(
        step.folds.map(({ value }) => value),
        inner,
        (results) => results.map((result, i) => `${states[i]!.name} = ${result};`),
      ),
      "}",
      ...together(states, {
        kernel: this.scope,
        locals: this.locals,
        local: "local",
        atOnce: `${rows.extent}u`,
        lane,
        lanes: `${swept.extent}u`,
      }),
      `if ((${lane} == 0u) & (${row} < ${rows.here})) {`,
      ...step.folds.flatMap(({ to, accumulate }, i) => this.put(to, states[i]!.result, accumulate, inner)),
      "}",
    ];
  }
}
