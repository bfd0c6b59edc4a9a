/**
 * Runs a graph function in float64 by the plain meaning of kernels. Whatever is not written yet may not be read, and every
 * place has to be inside of its axis: a plan that is right by luck fails here.
 */
import { leafValue } from "../../src/ir/evaluate.js";
import { topological, variableOf, type Expr } from "../../src/ir/expr.js";
import { sizeOf } from "../../src/ir/graph/places.js";
import { evaluateInteger, type Integer } from "../../src/ir/graph/integer.js";
import { uniform } from "../../src/ir/graph/random.js";
import { REDUCTIONS } from "../../src/ir/graph/reductions.js";
import type { Axis } from "../../src/ir/graph/tensor.js";
import {
  allBlocks,
  type Block,
  type Buffer,
  type ElementOf,
  type GraphFunction,
  type Kernel,
  type Matrix,
  type PlainStep,
  type Step,
} from "../../src/ir/kernel.js";
import { OPERATIONS } from "../../src/ir/ops.js";
import type { Numbers } from "./graph-run.js";

export interface KernelCall {
  /** Inputs as stored, by name; those that may be absent can be left out. */
  readonly tensors: Readonly<Record<string, ArrayLike<number>>>;
  readonly sizes: Numbers;
  readonly parameters?: Numbers;
  /** How many places a block has along an axis, instead of what the plan says. */
  readonly extents?: Numbers;
  /** Optional outputs that are not asked for. */
  readonly leftOut?: ReadonlySet<string>;
}

interface Store {
  readonly values: Float64Array;
  readonly isWritten: Uint8Array;
}

/** The outputs by name, as stored. */
export function interpret(of: GraphFunction, call: KernelCall): Record<string, Float64Array> {
  const stores = new Map<Buffer, Store>();
  for (const buffer of of.inputs) {
    const given = call.tensors[buffer.name];
    const length = sizeOf(buffer.length, call.sizes);
    if (given !== undefined && given.length !== length)
      throw new RangeError(`"${buffer.name}" has ${given.length} elements instead of ${length}`);
    if (given !== undefined)
      stores.set(buffer, { values: Float64Array.from(given), isWritten: new Uint8Array(length).fill(1) });
    else if (buffer.absent === undefined) throw new RangeError(`"${buffer.name}" is not given`);
  }
  const isLeftOut = (buffer: Buffer): boolean => buffer.optional && call.leftOut?.has(buffer.name) === true;
  for (const buffer of [...of.outputs, ...of.workspace])
    if (!isLeftOut(buffer)) stores.set(buffer, poisoned(sizeOf(buffer.length, call.sizes)));
  for (const kernel of of.kernels) new Run(of, kernel, call, stores).all();
  const written = of.outputs.flatMap((buffer) => {
    const store = stores.get(buffer);
    if (store === undefined) return [];
    const missing = store.isWritten.indexOf(0);
    if (missing >= 0) throw new RangeError(`${of.name} leaves ${buffer.name}[${missing}] unwritten`);
    return [[buffer.name, store.values] as const];
  });
  return Object.fromEntries(written);
}

const poisoned = (length: number): Store => ({
  values: new Float64Array(length).fill(NaN),
  isWritten: new Uint8Array(length),
});

function clear({ values, isWritten }: Store): void {
  values.fill(0);
  isWritten.fill(1);
}

/** One place at a time: such an axis has a position all through the block. */
const isPlain = ({ elements, along }: Block): boolean => elements === 1 && along.length === 0;

type Range = readonly [from: number, to: number];

/** How many places a block has along its axis: `extents` are those that are wished. */
export function extentOf(
  block: Block,
  blocks: readonly Block[],
  { sizes, extents }: Pick<KernelCall, "sizes" | "extents">,
): number {
  const { axis, elements, along } = block;
  if (isPlain(block)) return 1;
  const most = (other: Axis): number =>
    blocks.some((one) => one.axis.name === other.name) ? (extents?.[other.name] ?? 1) : sizeOf(other.size, sizes);
  const fitting = Math.floor(elements / along.reduce((product, other) => product * most(other), 1));
  return Math.max(1, Math.min(sizeOf(axis.size, sizes), extents?.[axis.name] ?? fitting));
}

class Run {
  /** Where the block is along the axes that are blocked. */
  private readonly ranges = new Map<string, Range>();
  private readonly positions = new Map<string, number>();
  private readonly extents: Numbers;
  /** The sizes, and how many places blocks have. */
  private readonly named: Numbers;

  constructor(
    private readonly of: GraphFunction,
    private readonly kernel: Kernel,
    private readonly call: KernelCall,
    private readonly stores: Map<Buffer, Store>,
  ) {
    const blocks = allBlocks(kernel);
    this.extents = Object.fromEntries(blocks.map((block) => [block.axis.name, extentOf(block, blocks, call)]));
    const blockExtents = Object.entries(this.extents).map(([name, extent]) => [`${name}Block`, extent] as const);
    this.named = { ...call.sizes, ...Object.fromEntries(blockExtents) };
  }

  all(): void {
    for (const buffer of this.kernel.cleared)
      if (buffer.role !== "tile" && this.stores.has(buffer)) clear(this.stores.get(buffer)!);
    this.throughBlocks(this.kernel.blocks, () => {
      for (const tile of this.kernel.tiles) {
        const store = poisoned(sizeOf(tile.length, this.named));
        if (this.kernel.cleared.includes(tile)) clear(store);
        this.stores.set(tile, store);
      }
      for (const step of this.kernel.steps) this.step(step);
    });
  }

  private throughBlocks(blocks: readonly Block[], visit: () => void): void {
    const [block, ...rest] = blocks;
    if (block === undefined) return visit();
    const { axis } = block;
    const [size, extent] = [sizeOf(axis.size, this.call.sizes), this.extents[axis.name]!];
    for (let from = 0; from < size; from += extent) {
      this.ranges.set(axis.name, [from, Math.min(size, from + extent)]);
      if (isPlain(block)) this.positions.set(axis.name, from);
      this.throughBlocks(rest, visit);
    }
    this.ranges.delete(axis.name);
    this.positions.delete(axis.name);
  }

  private step(step: Step): void {
    if (step.kind !== "sweep") return this.plainStep(step);
    this.throughBlocks([step.block], () => {
      // What has the axis holds one block of it.
      for (const tile of this.kernel.tiles)
        if (tile.axes.some(({ name }) => name === step.block.axis.name))
          this.stores.set(tile, poisoned(sizeOf(tile.length, this.named)));
      for (const inner of step.steps) this.step(inner);
    });
  }

  private plainStep(step: PlainStep): void {
    switch (step.kind) {
      case "store":
        return this.each(step.axes, () => {
          const values = step.stores.map(({ value }) => this.value(value));
          step.stores.forEach(({ to, accumulate }, i) => {
            if (this.isInside(to)) this.put(to, values[i]!, accumulate);
          });
        });
      case "fold":
        return this.each(step.axes, () => {
          const rows = step.folds.map((): number[] => []);
          this.each(step.over, () => step.folds.forEach(({ value }, i) => rows[i]!.push(this.value(value))));
          step.folds.forEach(({ how, to, accumulate }, i) => {
            if (accumulate && how !== "sum") throw new RangeError(`only sums can be added to, not "${how}"`);
            this.put(to, REDUCTIONS[how].evaluate(Float64Array.from(rows[i]!)), accumulate);
          });
        });
      case "contract":
        return this.each([...step.outer, ...step.rows, ...step.columns], () => {
          let sum = 0;
          this.each(step.inner, () => {
            sum += this.inside(step.left) * this.inside(step.right);
          });
          this.put(step.to, sum, step.accumulate);
        });
    }
  }

  /** Every place along the axes: of those that are blocked, the places of the block. */
  private each(axes: readonly Axis[], visit: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) return visit();
    if (this.positions.has(axis.name)) throw new RangeError(`a step goes along "${axis.name}" twice`);
    const [from, to] = this.ranges.get(axis.name) ?? [0, sizeOf(axis.size, this.call.sizes)];
    for (let place = from; place < to; place++) {
      this.positions.set(axis.name, place);
      this.each(rest, visit);
    }
    this.positions.delete(axis.name);
  }

  private integer(of: Integer): number {
    return evaluateInteger(of, (leaf) => {
      if (leaf.kind === "position") return this.position(leaf.name);
      if (leaf.kind === "size") return sizeOf(leaf, this.named);
      const tensor = leaf.tensor!;
      const buffer = this.of.inputs.find(({ name }) => tensor.kind === "input" && name === tensor.name);
      if (buffer === undefined) throw new RangeError("only inputs can be used as places");
      return this.elementAt(
        buffer,
        buffer.axes.map(({ name }) => this.position(name)),
      );
    });
  }

  private position(name: string): number {
    const position = this.positions.get(name);
    if (position === undefined) throw new RangeError(`there is no position along "${name}" here`);
    return position;
  }

  private isInside({ guards }: ElementOf): boolean {
    return guards.every(({ place, size }) => {
      const at = this.integer(place);
      return at >= 0 && at < this.integer(size);
    });
  }

  /** The number of an element in its buffer; in tiles places count from the block's first. */
  private offset({ role, name, axes, strides, length }: Buffer, at: readonly number[]): number {
    const offset = axes.reduce((sum, axis, i) => {
      const [from, to] = (role === "tile" ? this.ranges.get(axis.name) : undefined) ?? [
        0,
        sizeOf(axis.size, this.call.sizes),
      ];
      if (!(at[i]! >= from && at[i]! < to))
        throw new RangeError(`${name}: the place ${at[i]!} along "${axis.name}" is not from ${from} to ${to}`);
      return sum + (at[i]! - from) * sizeOf(strides[i]!, this.named);
    }, 0);
    if (offset >= sizeOf(length, this.named)) throw new RangeError(`${name} has no element ${offset}`);
    return offset;
  }

  private elementAt(buffer: Buffer, at: readonly number[]): number {
    const store = this.stores.get(buffer);
    if (store === undefined) throw new RangeError(`"${buffer.name}" is not given`);
    const offset = this.offset(buffer, at);
    if (store.isWritten[offset] === 0) throw new RangeError(`${buffer.name}[${offset}] is read before it is written`);
    return store.values[offset]!;
  }

  private get({ buffer, at }: Matrix): number {
    return this.elementAt(
      buffer,
      at.map((place) => this.integer(place)),
    );
  }

  /** An element, and 0 outside. */
  private inside = (element: ElementOf): number => (this.isInside(element) ? this.get(element) : 0);

  private put({ buffer, at }: Matrix, value: number, accumulate: boolean): void {
    const store = this.stores.get(buffer);
    if (store === undefined) return;
    const places = at.map((place) => this.integer(place));
    const offset = this.offset(buffer, places);
    store.values[offset] = accumulate ? this.elementAt(buffer, places) + value : value;
    store.isWritten[offset] = 1;
  }

  private value(expr: Expr): number {
    return compiled(expr)((variable) => {
      const access = this.kernel.accesses.get(variable);
      const { name } = variableOf(variable);
      const parameters = this.call.parameters ?? {};
      if (access === undefined) {
        if (parameters[name] === undefined) throw new RangeError(`no value is bound to "${name}"`);
        return parameters[name];
      }
      if (access.kind === "integer") return this.integer(access.value);
      if (access.kind === "random")
        return uniform(parameters["seed"] ?? 0, parameters["counter"] ?? 0, access.stream, this.integer(access.index));
      const { element } = access;
      const { absent } = element.buffer;
      const isAbsent = absent !== undefined && !this.stores.has(element.buffer) && this.isInside(element);
      return isAbsent ? absent : this.inside(element);
    });
  }
}

type Compiled = (valueOf: (variable: Expr) => number) => number;
const known = new WeakMap<Expr, Compiled>();

/** The expression as a function, its order found once. */
function compiled(root: Expr): Compiled {
  const before = known.get(root);
  if (before !== undefined) return before;
  const order = topological([root]);
  const place = new Map(order.map((expr, i) => [expr, i]));
  const values = new Float64Array(order.length);
  const rows = order.map((expr): ((valueOf: (variable: Expr) => number) => number) => {
    if (expr.op === "variable") return (valueOf) => valueOf(expr);
    const { evaluate } = OPERATIONS[expr.op];
    const [a, b, c] = expr.args.map((arg) => place.get(arg)!);
    if (a === undefined) {
      const value = leafValue(expr);
      return () => value;
    }
    if (b === undefined) return () => evaluate(values[a]!);
    if (c === undefined) return () => evaluate(values[a]!, values[b]!);
    return () => evaluate(values[a]!, values[b]!, values[c]!);
  });
  const compute: Compiled = (valueOf) => {
    rows.forEach((row, i) => {
      values[i] = row(valueOf);
    });
    return values[values.length - 1]!;
  };
  known.set(root, compute);
  return compute;
}
