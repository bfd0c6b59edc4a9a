/** From a group of jobs to a kernel: its blocks, its tiles, and its steps over them. */
import { constant, mul, variable } from "../../ir/build.js";
import { variables, type Expr } from "../../ir/expr.js";
import { position, rowMajorNumber, type Integer } from "../../ir/graph/integer.js";
import { REDUCTIONS } from "../../ir/graph/reductions.js";
import { has, without, type Axis, type Reduce, type Scatter, type Tensor } from "../../ir/graph/tensor.js";
import {
  blockExtent,
  type Access,
  type Block,
  type Buffer,
  type ElementOf,
  type Guard,
  type Kernel,
  type Matrix,
  type PlainStep,
  type Step,
  type Store,
} from "../../ir/kernel.js";
import { inStorageOrder, isTiled } from "./blocks.js";
import { buffer } from "./buffers.js";
import type { Job, Leaf } from "./jobs.js";
import type { Shift } from "./defer.js";
import { mergeSteps } from "./merge.js";
import type { Machine } from "./machine.js";
import { findSweep, growth, type Sweep } from "./sweep.js";

/** Where tensors stand: inputs, outputs, and what is kept between kernels. */
export interface Places {
  readonly input: (tensor: Tensor) => Buffer;
  readonly output: (job: Job) => Buffer;
  /** The buffer of a tensor that several kernels see; undefined when this one is alone with it. */
  readonly workspace: (tensor: Tensor) => Buffer | undefined;
  /** The names of the axes of inputs and outputs, in order. */
  readonly order: readonly string[];
  readonly shift: Shift;
  readonly machine: Machine;
  /** A buffer for the sum over all blocks of what ends in an output. */
  readonly total: (job: Job) => Buffer;
}

/** A word for what a job leaves. */
export const nounOf = ({ kind, tensor }: Job): string =>
  kind === "fold" ? REDUCTIONS[(tensor as Reduce).how].noun : kind === "scatter" ? "scattered" : kind;

/** `name` makes a noun a name that no other buffer has. */
export function kernelOf(
  group: { readonly jobs: readonly Job[]; readonly blocks: readonly Block[] },
  leaves: ReadonlyMap<Expr, Leaf>,
  places: Places,
  name: (noun: string) => string,
): Kernel {
  const { blocks } = group;
  const { machine } = places;
  const sweep = findSweep(group.jobs, leaves, places.shift, (job) => places.workspace(job.tensor) === undefined);
  const swept = sweep === undefined ? [] : [{ axis: sweep.axis, elements: machine.sweep, along: [] }];
  const single = blocks.filter((block) => !isTiled(block)).map(({ axis }) => axis);
  const tiled = blocks.filter(isTiled).map(({ axis }) => axis);
  const parts = [...tiled, ...swept.map(({ axis }) => axis)];
  const tiles = new Map<Tensor, Buffer>();
  /** Tiles of no tensor: what a sweep remembers. */
  const unnamed: Buffer[] = [];
  const cleared = new Set<Buffer>();
  const accesses = new Map<Expr, Access>();

  const newTile = (noun: string, axes: readonly Axis[], type = machine.between): Buffer =>
    buffer({
      name: name(noun),
      role: "tile",
      type,
      axes: without(axes, single),
      extent: (axis) => (has(parts, axis.name) ? blockExtent(axis) : axis.size),
    });
  const long = blocks.filter(isTiled).flatMap(({ axis, along }) => [axis, ...along]);
  /** The order in which elements are added elsewhere: along the many neighbours of a block innermost. */
  const scattered = (axes: readonly Axis[]): Axis[] => {
    const ordered = inStorageOrder(axes, places.order);
    return [...without(ordered, long), ...ordered.filter(({ name }) => has(long, name))];
  };
  const tileOf = (job: Job): Buffer => {
    let tile = tiles.get(job.tensor);
    if (tile === undefined) {
      const users = group.jobs.filter(({ uses }) => uses.some(({ tensor }) => tensor === job.tensor));
      const isMultiplied = job.kind === "operand" && users.every(({ product }) => product !== undefined);
      const type = isMultiplied ? machine.multiplied : machine.between;
      const isScattered = users.length > 0 && users.every(({ kind }) => kind === "scatter");
      const kept = isScattered ? scattered(job.tensor.axes) : inStorageOrder(job.tensor.axes, places.order);
      const axes = machine.keepsOrder ? kept : tileAxes(job, group.jobs, places.order);
      tile = newTile(nounOf(job), axes, type);
      tiles.set(job.tensor, tile);
    }
    return tile;
  };
  const standsIn = (tensor: Tensor): Buffer => {
    const own = group.jobs.find((job) => job.tensor === tensor && job.kind !== "output");
    if (tensor.kind === "input" && own === undefined) return places.input(tensor);
    return places.workspace(tensor) ?? tileOf(own!);
  };
  /** The element of a tensor at places along its axes, in whatever order its buffer has them. */
  const elementAt = (
    tensor: Tensor,
    at: readonly Integer[],
    guards: readonly Guard[] = [],
    from = standsIn(tensor),
  ): ElementOf => ({
    buffer: from,
    at: from.axes.map((axis) => at[tensor.axes.findIndex(({ name }) => name === axis.name)]!),
    guards,
  });
  const guardsOf = (axes: readonly Axis[], at: readonly Integer[], inside: boolean): Guard[] =>
    inside ? [] : axes.flatMap((axis, i) => (at[i] === position(axis) ? [] : [{ place: at[i]!, size: axis.size }]));

  const access = ({ tensor, stands }: Leaf): Access => {
    if (!stands && tensor.kind === "random")
      return { kind: "random", stream: tensor.stream, index: rowMajorNumber(tensor.axes) };
    if (!stands && tensor.kind === "integer") return { kind: "integer", value: tensor.integer };
    // Not the copy that a product has of it, which is only a block.
    const inPlace = (of: Tensor): Buffer => (of.kind === "input" ? places.input(of) : standsIn(of));
    if (stands || tensor.kind !== "read") {
      const from = stands ? standsIn(tensor) : inPlace(tensor);
      return { kind: "load", element: elementAt(tensor, tensor.axes.map(position), [], from) };
    }
    const [source] = tensor.operands as [Tensor];
    const guards = guardsOf(source.axes, tensor.at, tensor.inside);
    return { kind: "load", element: elementAt(source, tensor.at, guards, inPlace(source)) };
  };
  const note = (value: Expr): void => {
    for (const place of variables(value)) {
      const leaf = leaves.get(place);
      if (leaf !== undefined && !accesses.has(place)) accesses.set(place, access(leaf));
    }
  };
  const matrixOf = (tensor: Tensor): ElementOf => {
    const isComputed = group.jobs.some((job) => job.tensor === tensor) || places.workspace(tensor) !== undefined;
    if (tensor.kind !== "read" || isComputed) return elementAt(tensor, tensor.axes.map(position));
    const [source] = tensor.operands as [Tensor];
    return elementAt(source, tensor.at, guardsOf(source.axes, tensor.at, tensor.inside));
  };

  const stepsOf = (job: Job): PlainStep[] => {
    if (job.value !== undefined) note(job.value);
    const axes = without(job.loops, [...single, ...job.over]);
    const over = without(job.over, single);
    const acrossBlocks = job.over.some(({ name }) => has(single, name) || has(tiled, name));
    const isProduct = job.product !== undefined;
    const target = (): Buffer => {
      if (job.output === undefined) return standsIn(job.tensor);
      return acrossBlocks && !isProduct ? places.total(job) : places.output(job);
    };
    const to = target();
    const isSwept = sweep?.sums.includes(job) === true;
    const accumulate = job.kind === "scatter" || acrossBlocks || job.adds || isSwept;
    if (accumulate && !isSwept) cleared.add(to);
    switch (job.kind) {
      case "product":
        return [product(job, { single, order: places.order, accumulate, to: whole(to) }, matrixOf)];
      case "fold":
        return over.length === 0
          ? [{ kind: "store", axes, stores: [{ value: job.value!, to: whole(to), accumulate }] }]
          : [
              {
                kind: "fold",
                axes,
                over,
                folds: [{ how: (job.tensor as Reduce).how, value: job.value!, to: whole(to), accumulate }],
              },
            ];
      case "scatter": {
        const { at, inside } = job.tensor as Scatter;
        const along = to.axes.map((axis) => at[job.tensor.axes.findIndex(({ name }) => name === axis.name)]!);
        const guards = guardsOf(job.tensor.axes, at, inside);
        const stores = [{ value: job.value!, to: { buffer: to, at: along, guards }, accumulate }];
        return [{ kind: "store", axes: machine.keepsOrder ? scattered(axes) : axes, stores }];
      }
      case "operand":
      case "elements":
        return [
          {
            kind: "store",
            axes: without(to.axes, single),
            stores: [{ value: job.value!, to: whole(to), accumulate: false }],
          },
        ];
      case "output":
        return [{ kind: "store", axes, stores: [{ value: job.value!, to: whole(to), accumulate }] }];
    }
  };

  const merged = (jobs: readonly Job[]): readonly PlainStep[] => mergeSteps(jobs.flatMap(stepsOf), accesses);
  const steps = sweep === undefined ? merged(group.jobs) : sweepSteps(sweep);

  /** Sums begin as 0 and the largest as -Infinity; each block first scales what there is. */
  function sweepSteps({ largest, before, after, sums, first, last }: Sweep): readonly Step[] {
    const read = (from: Buffer): Expr => {
      const place = variable("wildcard", `all of ${from.name}`);
      accesses.set(place, { kind: "load", element: whole(from) });
      return place;
    };
    const put = (to: Buffer, value: Expr): Store => ({ value, to: whole(to), accumulate: false });
    const top = standsIn(largest.tensor);
    const ofBlock = newTile("largestOfBlock", largest.tensor.axes);
    const scale = newTile("scale", largest.tensor.axes);
    unnamed.push(ofBlock, scale);
    const totals = sums.map(({ tensor }) => standsIn(tensor));
    const next = growth(places.shift, read(top), read(ofBlock));
    note(largest.value!);
    const store = (axes: readonly Axis[], ...stores: Store[]): PlainStep => ({ kind: "store", axes, stores });
    return [
      ...merged(first),
      ...mergeSteps(
        [store(top.axes, put(top, constant(-Infinity))), ...totals.map((to) => store(to.axes, put(to, constant(0))))],
        accesses,
      ),
      {
        kind: "sweep",
        block: swept[0]!,
        steps: [
          ...merged(before),
          {
            kind: "fold",
            axes: without(largest.tensor.axes, single),
            over: largest.over,
            folds: [{ how: "max", value: largest.value!, to: whole(ofBlock), accumulate: false }],
          },
          store(top.axes, put(scale, next.scale), put(top, next.largest)),
          ...mergeSteps(
            totals.map((to) => store(to.axes, put(to, mul(read(to), read(scale))))),
            accesses,
          ),
          ...merged(after),
        ],
      },
      ...merged(last),
    ];
  }

  return { blocks, tiles: [...tiles.values(), ...unnamed], cleared: [...cleared], steps, accesses };
}

const whole = (of: Buffer): ElementOf => ({ buffer: of, at: of.axes.map(position), guards: [] });

/**
 * The order in which a tile has its axes: those of one operand of a product, then those of the other or those summed over,
 * each in storage order, so that each kind is one dimension.
 */
function tileAxes(job: Job, jobs: readonly Job[], order: readonly string[]): readonly Axis[] {
  if (job.product !== undefined) {
    const { left, right } = job.product;
    const [rows, columns] = [without(job.tensor.axes, right.axes), without(job.tensor.axes, left.axes)];
    const both = without(job.tensor.axes, [...rows, ...columns]);
    return [both, rows, columns].flatMap((axes) => inStorageOrder(axes, order));
  }
  const user = jobs.find(({ product }) => product?.left === job.tensor || product?.right === job.tensor);
  if (user === undefined) return job.tensor.axes;
  const own = job.tensor.axes.filter(({ name }) => has(user.tensor.axes, name));
  return [...inStorageOrder(own, order), ...inStorageOrder(user.over, order)];
}

interface ProductPlace {
  readonly order: readonly string[];
  readonly single: readonly Axis[];
  readonly accumulate: boolean;
  readonly to: Matrix;
}

function product(
  job: Job,
  { single, order, accumulate, to }: ProductPlace,
  matrixOf: (tensor: Tensor) => ElementOf,
): PlainStep {
  const { left, right } = job.product!;
  const inside = (axes: readonly Axis[]): Axis[] => inStorageOrder(without(axes, single), order);
  const rows = inside(job.tensor.axes.filter(({ name }) => has(left.axes, name) && !has(right.axes, name)));
  const columns = inside(job.tensor.axes.filter(({ name }) => has(right.axes, name) && !has(left.axes, name)));
  const outer = inside(job.tensor.axes.filter(({ name }) => has(right.axes, name) && has(left.axes, name)));
  return {
    kind: "contract",
    outer,
    rows,
    columns,
    inner: inside(job.over),
    to,
    left: matrixOf(left),
    right: matrixOf(right),
    accumulate,
  };
}
