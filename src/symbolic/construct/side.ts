/** The sides from which expressions are expanded: far to the left and right, and just beside 0. */
import { evaluate } from "../../ir/evaluate.js";
import { variableOf, type Expr } from "../../ir/expr.js";
import type { Point } from "../oracle.js";

export interface Side {
  readonly name: string;
  /** Of the input. */
  readonly sign: 1 | -1;
  /** Two inputs on the way: what grows from one to the other grows without end, or at least as far as is asked. */
  readonly near: number;
  readonly far: number;
}

export const SIDES: readonly Side[] = [
  { name: "far-left", sign: -1, near: -60, far: -300 },
  { name: "left-of-0", sign: -1, near: -(2 ** -14), far: -(2 ** -40) },
  { name: "right-of-0", sign: 1, near: 2 ** -14, far: 2 ** -40 },
  { name: "far-right", sign: 1, near: 60, far: 300 },
];

/** The natural logarithm of a magnitude, at both inputs of a side. */
export interface Size {
  readonly near: number;
  readonly far: number;
}

export const UNIT: Size = { near: 0, far: 0 };

export const timesSize = (a: Size, b: Size): Size => ({ near: a.near + b.near, far: a.far + b.far });
export const powerOfSize = ({ near, far }: Size, exponent: number): Size => ({
  near: near * exponent,
  far: far * exponent,
});

const FLAT = 1e-3;

/** 1 for what grows towards the far end of a side, -1 for what falls to 0, 0 for what stays. */
export function trend({ near, far }: Size): -1 | 0 | 1 {
  if (far > near + FLAT && far > 0) return 1;
  return far < near - FLAT && far < 0 ? -1 : 0;
}

/** Values at the two inputs of a side, with the parameters at given values. */
export class Probe {
  constructor(
    readonly side: Side,
    private readonly input: Expr,
    private readonly parameters: Point,
  ) {}

  private at(expr: Expr, where: "near" | "far"): number {
    return evaluate(expr, { ...this.parameters, [variableOf(this.input).name]: this.side[where] });
  }

  /** exp of this: the logarithm is the value itself. */
  exponent(expr: Expr): Size {
    return { near: this.at(expr, "near"), far: this.at(expr, "far") };
  }

  /** Undefined where there is no finite number other than 0 to take the logarithm of. */
  size(expr: Expr): Size | undefined {
    const log = (value: number): number => Math.log(Math.abs(value));
    const found = { near: log(this.at(expr, "near")), far: log(this.at(expr, "far")) };
    return Number.isFinite(found.near) && Number.isFinite(found.far) ? found : undefined;
  }

  sign(expr: Expr): number {
    return Math.sign(this.at(expr, "near"));
  }

  /** Undefined where it is not the same at both. */
  truth(condition: Expr): boolean | undefined {
    const [near, far] = [this.at(condition, "near"), this.at(condition, "far")];
    return near === far ? near === 1 : undefined;
  }
}
