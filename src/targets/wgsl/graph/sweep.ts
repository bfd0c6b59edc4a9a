/**
 * Kernels that sweep along an axis: a workgroup takes a block of rows and goes through the axis part by part. What stands
 * between steps is in workgroup memory; lanes stride over the places of each step, and wait for each other after it.
 */
import { constantInteger, floorDiv, plus, times, type Integer } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import type { Block, Buffer, ElementOf, Matrix, PlainStep, Step } from "../../../ir/kernel.js";
import { comment } from "../text.js";
import { LANES, countOf } from "./elements.js";
import { integerOperand, integerText, type IntegerNames } from "./integers.js";
import type { KernelText } from "./kernel-text.js";
import { together } from "./lanes.js";
import { identifier, type Locals } from "./names.js";
import type { Contract } from "./operands.js";
import { REDUCTIONS } from "./reductions.js";
import {
  axisSize,
  countText,
  decomposition,
  newLocals,
  positionName,
  sizeName,
  type KernelScope,
  type Scope,
} from "./scope.js";
import { loadText, storeLines, valueLines } from "./values.js";

type FoldStep = Extract<Step, { readonly kind: "fold" }>;
type StoreStep = Extract<Step, { readonly kind: "store" }>;

/** A part of an axis that is in workgroup memory. */
interface Part {
  readonly axis: Axis;
  readonly extent: number;
  /** The variables: its first place, and how many there are, which at the end are fewer. */
  readonly first: string;
  readonly here: string;
}

/** Where a lane is along axes, by the names of variables: along parts, within the part. */
interface PartScope extends Scope {
  readonly names: ReadonlyMap<string, string>;
}

export function sweepKernel(scope: KernelScope, documentation: string): KernelText {
  return new Sweep(scope).write(documentation);
}

class Sweep {
  private readonly locals: Locals;
  private readonly parts: readonly Part[];
  private readonly single: readonly Axis[];
  private readonly tiles = new Map<Buffer, string>();
  private readonly places: ReturnType<typeof decomposition>;

  constructor(private readonly scope: KernelScope) {
    const { kernel, module, entry } = scope;
    for (const tile of kernel.tiles) this.tiles.set(tile, this.tileVariable(tile, entry));
    this.locals = newLocals(module);
    const swept = kernel.steps.flatMap((step) => (step.kind === "sweep" ? [step.block] : []));
    const tiled = kernel.blocks.filter(({ elements }) => elements > 1);
    this.parts = [...tiled, ...swept].map(({ axis, elements }: Block): Part => {
      const name = positionName(axis.name);
      return {
        axis,
        extent: elements,
        first: this.locals.fresh(`first_${name}`),
        here: this.locals.fresh(`${identifier(axis.name)}_here`),
      };
    });
    this.single = kernel.blocks.filter(({ elements }) => elements === 1).map(({ axis }) => axis);
    this.places = decomposition({ axes: this.single, text: "outer" }, module, this.locals);
  }

  write(documentation: string): KernelText {
    const { kernel, module, entry } = this.scope;
    const [rows] = this.parts as readonly [Part];
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
    const elements = kernel.tiles.reduce<Integer>(
      (sum, { axes }) =>
        plus(
          sum,
          axes.reduce<Integer>((product, axis) => times(product, this.extentOf(axis)), constantInteger(1)),
        ),
      constantInteger(LANES),
    );
    return {
      workgroups: times(countOf(this.single), blocks),
      workgroupBytes: 4 * (LANES + kernel.tiles.reduce((sum, tile) => sum + this.defaultLength(tile), 0)),
      workgroupMemory: times(4, elements),
    };
  }

  private partOf({ name }: Axis): Part | undefined {
    return this.parts.find(({ axis }) => axis.name === name);
  }

  private extentOf(axis: Axis): Integer {
    const part = this.partOf(axis);
    return part === undefined ? axis.size : constantInteger(part.extent);
  }

  private defaultLength({ axes }: Buffer): number {
    return axes.reduce((product, axis) => product * (this.partOf(axis)?.extent ?? DEFAULT_EXTENT), 1);
  }

  /** A workgroup variable; axes that are whole in it are as long as an override says. */
  private tileVariable({ name, axes }: Buffer, entry: string): string {
    const { module, kernel } = this.scope;
    const called = newLocals(module).fresh(`${entry}_${identifier(name)}`);
    module.taken.add(called);
    const blocks = [...kernel.blocks, ...kernel.steps.flatMap((step) => (step.kind === "sweep" ? [step.block] : []))];
    const extents = axes.map((axis) => {
      const block = blocks.find((one) => one.axis.name === axis.name);
      return block === undefined ? this.wholeOverride(axis) : `${block.elements}u`;
    });
    module.items.push([`var<workgroup> ${called}: array<f32, ${extents.length === 0 ? "1" : extents.join(" * ")}>;`]);
    return called;
  }

  private wholeOverride({ name, size }: Axis): string {
    const { module } = this.scope;
    const called = identifier(name);
    module.taken.add(called);
    module.overrides.set(called, {
      name: called,
      type: "u32",
      default: DEFAULT_EXTENT,
      sizeOf: size,
      documentation: `How many places there are along ${name}: what the sizes say, for workgroup memory.`,
    });
    return called;
  }

  private step(step: Step): string[] {
    if (step.kind === "sweep") {
      const part = this.partOf(step.block.axis)!;
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
    const extents = axes.map((axis) => this.extentText(axis));
    const names = new Map(axes.map(({ name }) => [name, this.locals.fresh(positionName(name))]));
    const lines = axes.flatMap((axis, at) => {
      const below = extents.slice(at + 1).join(" * ");
      const quotient = below === "" ? i : `${i} / ${extents.length - at > 2 ? `(${below})` : below}`;
      return [`let ${names.get(axis.name)!} = ${at === 0 ? quotient : `${quotient} % ${extents[at]!}`};`];
    });
    const inside = axes.flatMap((axis) => {
      const part = this.partOf(axis);
      return part === undefined ? [] : [`${names.get(axis.name)!} < ${part.here}`];
    });
    const work = body(this.within(names));
    return [
      `for (var ${i} = local; ${i} < ${extents.length === 0 ? "1u" : extents.join(" * ")}; ${i} += ${LANES}u) {`,
      ...lines,
      ...(inside.length === 0 ? work : [`if (${inside.join(" && ")}) {`, ...work, "}"]),
      "}",
    ];
  }

  private extentText(axis: Axis): string {
    const part = this.partOf(axis);
    return part === undefined ? axisSize(axis, this.scope.module) : `${part.extent}u`;
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
        const part = this.parts.find((one) => one.axis.name === axis);
        return name === undefined ? outside(axis) : part === undefined ? name : `(${part.first} + ${name})`;
      },
      flats: [],
      tile: ({ buffer, at }) => this.tileText(buffer, at, names),
    };
  }

  private tileText(buffer: Buffer, at: readonly Integer[], names: ReadonlyMap<string, string>): string {
    const integers: IntegerNames = {
      size: (name) => {
        const part = this.parts.find(({ axis }) => `${axis.name}Block` === name);
        return part === undefined ? sizeName(name) : `${part.extent}u`;
      },
      position: (axis) => names.get(axis)!,
      element: () => {
        throw new Error("a tile has no elements of index tensors");
      },
      known: (of) => {
        const axis = buffer.axes.find((one) => one.size === of && this.partOf(one) === undefined);
        return axis === undefined ? undefined : identifier(axis.name);
      },
      ofSizes: true,
    };
    const terms = at.map((place, i) => {
      const stride = buffer.strides[i]!;
      return stride === constantInteger(1)
        ? integerText(place, integers)
        : `${integerOperand(place, integers)} * ${integerOperand(stride, integers)}`;
    });
    return `${this.tiles.get(buffer)!}[${terms.length === 0 ? "0u" : terms.join(" + ")}]`;
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
        // What is written may be read by another of the values.
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
      const end = this.partOf(axis)?.here ?? axisSize(axis, this.scope.module);
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
    const [rows, swept] = this.parts as readonly [Part, Part];
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
      `if (${row} < ${rows.here} && ${lane} < ${swept.here}) {`,
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
      `if (${lane} == 0u && ${row} < ${rows.here}) {`,
      ...step.folds.flatMap(({ to, accumulate }, i) => this.put(to, states[i]!.result, accumulate, inner)),
      "}",
    ];
  }
}

/** How many places an axis has that is whole in workgroup memory, unless an override says otherwise. */
const DEFAULT_EXTENT = 64;
