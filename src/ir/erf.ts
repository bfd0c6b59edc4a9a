import type { Expr } from "./expr.js";
export const erfFloat = (_: number): number => NaN;
export const erfcFloat = (_: number): number => NaN;
export const erfcxFloat = (_: number): number => NaN;
export const erfLowering = (u: Expr): Expr => u;
export const erfcLowering = (u: Expr): Expr => u;
export const erfcxLowering = (u: Expr): Expr => u;
