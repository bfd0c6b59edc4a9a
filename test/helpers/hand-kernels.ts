/** Kernels written by hand: buffers, accesses and plans with as few words as possible, and the emitted module imported. */
import { expect } from "vitest";
import type { GraphPlan } from "../../src/codegen/target.js";
import { variable } from "../../src/ir/build.js";
import type { Expr } from "../../src/ir/expr.js";
import { input } from "../../src/ir/graph/build.js";
import { graph, type GraphEntry } from "../../src/ir/graph/definition.js";
import { constantInteger, position, times, type Integer } from "../../src/ir/graph/integer.js";
import type { Axis } from "../../src/ir/graph/tensor.js";
import {
  blockExtent,
  type Access,
  type Buffer,
  type ElementOf,
  type GraphFunction,
  type Kernel,
} from "../../src/ir/kernel.js";
import { emitGraph } from "../../src/targets/js/graph.js";

/** A row-major buffer; `tiled` axes have as many places as a block. */
export function buffer(
  role: Buffer["role"],
  name: string,
  axes: readonly Axis[],
  options: Partial<Buffer> & { readonly tiled?: readonly Axis[] } = {},
): Buffer {
  const { tiled = [], ...rest } = options;
  const strides: Integer[] = [];
  let length: Integer = constantInteger(1);
  for (const axis of [...axes].reverse()) {
    strides.unshift(length);
    length = times(tiled.includes(axis) ? blockExtent(axis) : axis.size, length);
  }
  const type = role === "input" || role === "output" ? "float32" : "float64";
  return { name, role, type, axes, strides, length, absent: undefined, optional: false, documentation: "", ...rest };
}

/** The element at the positions along its axes, or at other places. */
export const at = (of: Buffer, places: readonly Integer[] = of.axes.map(position)): ElementOf => ({
  buffer: of,
  at: places,
  guards: [],
});

/** Variables that stand for accesses. */
export class Accesses extends Map<Expr, Access> {
  private put(access: Access): Expr {
    const place = variable("wildcard", `access ${this.size}`);
    this.set(place, access);
    return place;
  }
  load = (element: ElementOf): Expr => this.put({ kind: "load", element });
  random = (stream: number, index: Integer): Expr => this.put({ kind: "random", stream, index });
  integer = (value: Integer): Expr => this.put({ kind: "integer", value });
}

export const functionOf = (
  name: string,
  inputs: readonly Buffer[],
  outputs: readonly Buffer[],
  kernels: GraphFunction["kernels"],
  workspace: readonly Buffer[] = [],
): GraphFunction => ({ name, documentation: `Computes ${name}.`, inputs, outputs, workspace, kernels });

/** A plan around functions; what the graph computes does not matter to the target. */
export function planOf(
  entry: Pick<GraphEntry, "sizes"> & Partial<GraphEntry>,
  functions: readonly GraphFunction[],
  rest: Partial<GraphPlan> = {},
): GraphPlan {
  const definition = graph({
    id: "by_hand",
    title: "By hand",
    formula: "",
    reference: "",
    outputs: { y: { tensor: input("nothing", []), axes: [] } },
    ...entry,
  });
  return {
    definition,
    functions,
    saves: [],
    activations: [],
    draws: false,
    ...rest,
  };
}

type Tensors = Readonly<Record<string, unknown>>;
/** An emitted module: its functions are called as users would. */
export interface Emitted {
  readonly text: string;
  readonly types: string;
  readonly saves: unknown;
  readonly forward: (...args: readonly unknown[]) => never;
  readonly backward: (...args: readonly unknown[]) => never;
  readonly workspaceLength: (of: string, sizes: Tensors) => number;
}

let serial = 0;

export async function emitted(plan: GraphPlan): Promise<Emitted> {
  const [code, types] = await emitGraph(plan, (expr) => expr);
  const text = code!.text;
  const module = (await import(`data:text/javascript,${encodeURIComponent(`${text}\n// ${(serial += 1)}`)}`)) as Omit<
    Emitted,
    "text" | "types"
  >;
  return { ...module, text, types: types!.text };
}

/** A kernel of some steps; without blocks unless they are given. */
export const kernel = (steps: Kernel["steps"], accesses: Accesses, rest: Partial<Kernel> = {}): Kernel => ({
  blocks: [],
  tiles: [],
  cleared: [],
  steps,
  accesses,
  ...rest,
});

/** Whether all elements are about what is wanted. */
export const close = (actual: ArrayLike<number>, wanted: ArrayLike<number>): void => {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(actual[i]! - wanted[i]!), `[${i}]`).toBeLessThan(1e-5);
};

/** Numbers that are the same in every run, in [-2, 2). */
export function numbers(length: number, seed = 1): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 30;
  });
}
