/** MPFR as its binding has it: functions on pointers, and the ways in which they round. */
export const NEAREST = 0;
export const UP = 2;
export const DOWN = 3;

export type Binding = Awaited<ReturnType<(typeof import("gmp-wasm"))["init"]>>["binding"];
export type Pointer = number;
