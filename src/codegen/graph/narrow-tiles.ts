/** Tiles whose every element is a float32 number times one power of two: they are kept as that number. */
import { constant, mul } from "../../ir/build.js";
import { leafValue } from "../../ir/evaluate.js";
import { substitute, type Expr } from "../../ir/expr.js";
import {
  plainSteps,
  type Access,
  type Buffer,
  type GraphFunction,
  type Kernel,
  type Step,
  type Store,
} from "../../ir/kernel.js";

export const withNarrowTiles = (of: GraphFunction): GraphFunction => ({
  ...of,
  kernels: of.kernels.map((kernel) =>
    kernel.tiles.reduce((changed, tile) => {
      const factor = factorOf(tile, changed);
      return factor === undefined ? changed : narrowed(changed, tile, factor);
    }, kernel),
  ),
});

/** A float32 number times a power of two, in float64. */
function partsOf({ op, args }: Expr): { readonly factor: number; readonly number: Expr } | undefined {
  const [factor, number] = op === "mul" ? [leafOf(args[0]!), args[1]!] : [1, undefined];
  if (op === "double") return { factor: 1, number: args[0]! };
  const isPower = factor !== undefined && factor > 0 && Number.isInteger(Math.log2(factor));
  return isPower && number?.op === "double" ? { factor, number: number.args[0]! } : undefined;
}

const leafOf = (expr: Expr): number | undefined =>
  expr.args.length === 0 && expr.op !== "variable" ? leafValue(expr) : undefined;

/** The factor of all that is written to a tile; undefined where it is not narrow, or is a side of a product. */
function factorOf(tile: Buffer, { steps, cleared }: Kernel): number | undefined {
  const plain = plainSteps(steps);
  const isSide = plain.some(
    (step) => step.kind === "contract" && [step.to, step.left, step.right].some(({ buffer }) => buffer === tile),
  );
  const folds = plain.flatMap((step) => (step.kind === "fold" ? step.folds : []));
  const stores = plain
    .flatMap((step) => (step.kind === "store" ? step.stores : []))
    .filter(({ to }) => to.buffer === tile);
  if (tile.axes.length === 0 || isSide || cleared.includes(tile) || folds.some(({ to }) => to.buffer === tile))
    return undefined;
  const factors = new Set(stores.map(({ value, accumulate }) => (accumulate ? undefined : partsOf(value)?.factor)));
  return factors.size === 1 ? [...factors][0] : undefined;
}

/** The kernel with a tile of float32. */
function narrowed(kernel: Kernel, tile: Buffer, factor: number): Kernel {
  const narrow: Buffer = { ...tile, type: "float32" };
  const loads = [...kernel.accesses].filter(([, access]) => access.kind === "load" && access.element.buffer === tile);
  const scaled = new Map(loads.map(([place]) => [place, factor === 1 ? place : mul(constant(factor), place)]));
  const read = <T extends { readonly value: Expr }>(one: T): T => ({ ...one, value: substitute(one.value, scaled) });
  const written = (one: Store): Store =>
    one.to.buffer === tile ? { ...one, value: partsOf(one.value)!.number, to: { ...one.to, buffer: narrow } } : one;
  const inStep = (step: Step): Step => {
    switch (step.kind) {
      case "sweep":
        return { ...step, steps: step.steps.map(inStep) };
      case "fold":
        return { ...step, folds: step.folds.map(read) };
      case "store":
        return { ...step, stores: step.stores.map((one) => read(written(one))) };
      case "contract":
        return step;
    }
  };
  const moved = loads.map(([place, access]): [Expr, Access] => [
    place,
    access.kind === "load" ? { ...access, element: { ...access.element, buffer: narrow } } : access,
  ]);
  return {
    ...kernel,
    tiles: kernel.tiles.map((one) => (one === tile ? narrow : one)),
    steps: kernel.steps.map(inStep),
    accesses: new Map([...kernel.accesses, ...moved]),
  };
}
