/** MPFR as its binding has it: functions on pointers, and the ways in which they round. */
export const NEAREST = 0;
export const UP = 2;
export const DOWN = 3;

export type Binding = Awaited<ReturnType<(typeof import("gmp-wasm"))["init"]>>["binding"];
export type Pointer = number;

/** The interval of a node; `truth` is for conditions: 1, 0, or undefined when the intervals overlap. */
export interface Cell {
  readonly low: Pointer;
  readonly high: Pointer;
  truth: 0 | 1 | undefined;
}

/** An operation on intervals. */
export type Step = (out: Cell, ...args: Cell[]) => void;
