export interface Found {
  readonly inputs: number;
  readonly nan: number;
  readonly infinities: number;
  readonly numbersForNaN: number;
  readonly misrounded: number;
  readonly ulp: number;
  readonly at: number;
  readonly nearZeros: number;
  readonly absolute: number;
}
export interface Subject {
  readonly loop: (x: Float32Array, y: Float32Array) => void;
  readonly exact: (x: number) => number;
}
export const BLOCK: number;
export const nothingFound: () => Found;
export const together: (a: Found, b: Found) => Found;
export function sweep(
  loop: Subject["loop"],
  exact: Subject["exact"],
  first: number,
  count: number,
  direct?: boolean,
): Found;
export function subjectOf(
  module: {
    readonly saves: "input" | "output";
    readonly value: (x: number) => number;
    readonly derivative: (x: number) => number;
    readonly forward: (x: Float32Array, y?: Float32Array) => Float32Array;
    readonly backward: (dy: Float32Array, saved: Float32Array, dx?: Float32Array) => Float32Array;
  },
  direction: "forward" | "backward",
): Subject;
