/**
 * Kernels: what a graph function is made of before a target writes it as loops, vectors or workgroups.
 *
 * A kernel works through blocks of places. For each block it runs its steps in order: a `fold` reduces rows, a `store`
 * writes elements, a `contract` multiplies matrices. What a step leaves for the next stands in tiles, which hold one block
 * and never a whole tensor.
 */
import { variables, type Expr } from "./expr.js";
import { size, type Integer } from "./graph/integer.js";
import type { ReductionName } from "./graph/reductions.js";
import type { Axis } from "./graph/tensor.js";

export interface Buffer {
  readonly name: string;
  /** `tile`: of one block; `workspace`: of a whole tensor, between kernels. */
  readonly role: "input" | "output" | "workspace" | "tile";
  readonly type: "float32" | "float64" | "int32" | "uint8";
  readonly axes: readonly Axis[];
  /** For each axis the distance of neighbours. In tiles, places count from the block's first. */
  readonly strides: readonly Integer[];
  /** How many elements it has; a tile's in terms of the block's extents. */
  readonly length: Integer;
  /** The value of an input's elements when it is not given; undefined for any other buffer. */
  readonly absent: number | undefined;
  /** An output that callers may leave out: then it is not written. */
  readonly optional: boolean;
  readonly documentation: string;
}

/** A place along an axis of a buffer that has to be inside of it. */
export interface Guard {
  readonly place: Integer;
  readonly size: Integer;
}

/** An element of a buffer: `at` are the places along its axes. */
export interface ElementOf {
  readonly buffer: Buffer;
  readonly at: readonly Integer[];
  /** Outside, a load gives 0 and a store does nothing. */
  readonly guards: readonly Guard[];
}

/** The meaning of a variable in a step's expression. */
export type Access =
  | { readonly kind: "load"; readonly element: ElementOf }
  | { readonly kind: "random"; readonly stream: number; readonly index: Integer }
  | { readonly kind: "integer"; readonly value: Integer };

export interface Fold {
  readonly how: ReductionName;
  readonly value: Expr;
  readonly to: ElementOf;
  /** Added to what is there instead of replacing it. */
  readonly accumulate: boolean;
}

export interface Store {
  readonly value: Expr;
  readonly to: ElementOf;
  readonly accumulate: boolean;
}

/** A product's result, or one side of it: a buffer, and the places along its axes. */
export interface Matrix {
  readonly buffer: Buffer;
  readonly at: readonly Integer[];
}

export type Step =
  | {
      /** For each place along `axes`: rows along `over` are reduced. */
      readonly kind: "fold";
      readonly axes: readonly Axis[];
      readonly over: readonly Axis[];
      readonly folds: readonly Fold[];
    }
  | {
      /** For each place along `axes`: elements are computed and written. */
      readonly kind: "store";
      readonly axes: readonly Axis[];
      readonly stores: readonly Store[];
    }
  | {
      /** to[outer, rows, columns] (+)= sum over inner of left[outer, rows, inner] · right[outer, columns, inner]. */
      readonly kind: "contract";
      readonly outer: readonly Axis[];
      readonly rows: readonly Axis[];
      readonly columns: readonly Axis[];
      readonly inner: readonly Axis[];
      readonly to: Matrix;
      readonly left: ElementOf;
      readonly right: ElementOf;
      readonly accumulate: boolean;
    }
  | {
      /** The steps for one block of an axis after the other, in order: what they leave is for the next. */
      readonly kind: "sweep";
      readonly block: Block;
      readonly steps: readonly Step[];
    };

/** The steps of which something is written: those inside of sweeps stand for the sweep. */
export const plainSteps = (steps: readonly Step[]): PlainStep[] =>
  steps.flatMap((step) => (step.kind === "sweep" ? plainSteps(step.steps) : [step]));
export type PlainStep = Exclude<Step, { readonly kind: "sweep" }>;

/** The buffers that an expression of a kernel loads from. */
export const loadsOf = (value: Expr, accesses: Kernel["accesses"]): Buffer[] =>
  variables(value).flatMap((place) => {
    const access = accesses.get(place);
    return access?.kind === "load" ? [access.element.buffer] : [];
  });

export function buffersRead(step: PlainStep, accesses: Kernel["accesses"]): Buffer[] {
  if (step.kind === "contract") return [step.left.buffer, step.right.buffer];
  return (step.kind === "store" ? step.stores : step.folds).flatMap(({ value }) => loadsOf(value, accesses));
}

export function buffersWritten(step: PlainStep): Buffer[] {
  if (step.kind === "contract") return [step.to.buffer];
  return (step.kind === "store" ? step.stores : step.folds).map(({ to }) => to.buffer);
}

/** The blocks of a kernel and of the sweeps in it. */
export const allBlocks = ({ blocks, steps }: Pick<Kernel, "blocks" | "steps">): Block[] => [
  ...blocks,
  ...steps.flatMap((step) => (step.kind === "sweep" ? [step.block] : [])),
];

/** Places along an axis that are worked through together: as many as give `elements` together with the axes `along`. */
export interface Block {
  readonly axis: Axis;
  readonly elements: number;
  readonly along: readonly Axis[];
}

/** How many places a block along an axis has at most: what the strides and lengths of tiles are made of. */
export const blockExtent = (axis: Axis): Integer => size(`${axis.name}Block`);

/** One place at a time: a plain loop. */
export const isPlain = ({ elements, along }: Block): boolean => elements === 1 && along.length === 0;

/** Where a block begins and ends along its axis. */
export const blockStart = (axis: Axis): Integer => size(`${axis.name} start`);
export const blockEnd = (axis: Axis): Integer => size(`${axis.name} end`);

export interface Kernel {
  /** Outermost first. */
  readonly blocks: readonly Block[];
  readonly tiles: readonly Buffer[];
  /** The buffers that steps add to and that begin as 0: tiles with each block, any other buffer before the first. */
  readonly cleared: readonly Buffer[];
  readonly steps: readonly Step[];
  /** The meaning of the variables in the steps' expressions. */
  readonly accesses: ReadonlyMap<Expr, Access>;
}

/** A function of a graph: tensors in, tensors out, one kernel after the other. */
export interface GraphFunction {
  readonly name: string;
  readonly documentation: string;
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly workspace: readonly Buffer[];
  readonly kernels: readonly Kernel[];
}
