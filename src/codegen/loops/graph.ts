/** A function of a graph as loops: its kernels one after the other, their blocks around their steps. */
import { blockEnd, blockExtent, blockStart, buffersWritten, isPlain, plainSteps } from "../../ir/kernel.js";
import type { Block, Buffer, ElementOf, GraphFunction, Kernel, Step } from "../../ir/kernel.js";
import { position } from "../../ir/graph/integer.js";
import {
  apply,
  arraysRead,
  arraysWritten,
  constantOf,
  letBe,
  local,
  store,
  whole,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { withNarrowTiles } from "../graph/narrow-tiles.js";
import { findPurposes, joined, purposeOf, type Purpose, type Purposes } from "../graph/purposes.js";
import { singular } from "../names.js";
import { hoist } from "./hoist.js";
import { FunctionNames, Integers, type Given } from "./integers.js";
import type { ProductSchedule } from "./multiply.js";
import { ProductLoops } from "./products.js";
import { promote } from "./promote.js";
import { withReciprocals } from "./reciprocals.js";
import { reuse } from "./reuse.js";
import { isTrue } from "./elements.js";
import { KernelLoops, type IsAsked } from "./steps.js";

export interface GraphLoop {
  readonly loop: LoopFunction;
  /** The buffers of the loop's arrays: tensors, and what is kept between kernels and steps. */
  readonly arrays: readonly Buffer[];
  /** The meaning of the loop's numbers. */
  readonly numbers: readonly Given[];
}

/** The loops of a function, one element after the other; `mayBeLeftOut` says which outputs callers may not want. */
export function graphLoop(wide: GraphFunction, mayBeLeftOut: IsAsked, schedule: ProductSchedule): GraphLoop {
  const of = withNarrowTiles(wide);
  const tiles = of.kernels.flatMap((kernel) => kernel.tiles.filter(({ axes }) => axes.length > 0));
  const names = new FunctionNames([...of.inputs, ...of.outputs, ...of.workspace, ...tiles]);
  const lowering = new Lowering(of, names, mayBeLeftOut, schedule);
  const body = of.kernels.flatMap((kernel) => lowering.kernel(kernel));
  const plain: LoopFunction = {
    name: of.name,
    arrays: [...names.arrays.values()],
    numbers: names.numbers.map((one) => one.local),
    results: [],
    body,
  };
  const loop = reuse(promote(hoist(withReciprocals(plain))));
  const used = new Set([...arraysRead(loop.body), ...arraysWritten(loop.body)]);
  const arrays = [...names.arrays].filter(([, { name }]) => used.has(name));
  return {
    loop: { ...loop, arrays: arrays.map(([, array]) => array) },
    arrays: arrays.map(([buffer]) => buffer),
    numbers: names.numbers.map(({ given }) => given),
  };
}

class Lowering {
  private readonly purposes: Purposes;
  private readonly integers: Integers;
  private readonly products: ProductLoops;

  constructor(
    of: GraphFunction,
    private readonly names: FunctionNames,
    private readonly mayBeLeftOut: IsAsked,
    schedule: ProductSchedule,
  ) {
    this.purposes = findPurposes(of, mayBeLeftOut);
    this.integers = new Integers(names, new Map(of.inputs.map((buffer) => [buffer.name, buffer])));
    this.products = new ProductLoops(names, this.integers, schedule);
  }

  kernel(kernel: Kernel): readonly Statement[] {
    const loops = new KernelLoops(kernel, this.names, this.integers);
    const whole = kernel.steps.map((step) => purposeOf(step, this.purposes)).reduce(joined, new Set());
    const cleared = (tiles: boolean): Statement[] =>
      kernel.cleared.filter(({ role }) => (role === "tile") === tiles).flatMap((buffer) => this.clear(buffer, loops));
    const statements = [
      ...cleared(false),
      ...this.inBlocks(kernel.blocks, () => [...cleared(true), ...this.steps(kernel.steps, loops, whole)]),
    ];
    return this.under(whole, statements);
  }

  private inBlocks(blocks: readonly Block[], body: () => readonly Statement[]): readonly Statement[] {
    const [block, ...others] = blocks;
    return block === undefined ? body() : this.blocks(block, () => this.inBlocks(others, body));
  }

  /** A loop over the blocks along an axis. */
  private blocks({ axis, ...block }: Block, body: () => readonly Statement[]): readonly Statement[] {
    const made = (name: string): Extract<Value, { kind: "local" }> => local("i32", this.names.fresh(name));
    const size = this.integers.value(axis.size);
    if (isPlain({ axis, ...block })) {
      const index = made(singular(axis.name) ?? `${axis.name}Index`);
      const inside = this.integers.within([[position(axis), index]], body);
      return [{ kind: "for", index, from: whole(0), to: size, step: 1, body: inside }];
    }
    const extent = this.integers.value(blockExtent(axis));
    const [index, start, end] = [made(`${axis.name}Block`), made(`${axis.name}Start`), made(`${axis.name}End`)];
    const inside = this.integers.within(
      [
        [blockStart(axis), start],
        [blockEnd(axis), end],
      ],
      body,
    );
    const next = apply("add", start, extent);
    return [
      {
        kind: "for",
        index,
        from: whole(0),
        to: apply("quotient", apply("add", size, apply("sub", extent, whole(1))), extent),
        step: 1,
        body: [
          letBe(start, apply("mul", index, extent)),
          letBe(end, apply("select", apply("lt", next, size), next, size)),
          ...inside,
        ],
      },
    ];
  }

  /** The statements of steps; neighbours that are for the same outputs stand under one condition. */
  private steps(steps: readonly Step[], loops: KernelLoops, around: Purpose): Statement[] {
    const statements: Statement[] = [];
    for (let i = 0; i < steps.length;) {
      const own = purposeOf(steps[i]!, this.purposes);
      const group: Step[] = [];
      while (i < steps.length && isSame(purposeOf(steps[i]!, this.purposes), own)) group.push(steps[i++]!);
      const isAsked = !isSame(own, around);
      if (isAsked) statements.push(...loops.declare(plainSteps(group).flatMap(buffersWritten)));
      const body = group.flatMap((step) => this.step(step, loops, own));
      statements.push(...(isAsked ? this.under(own, body) : body));
    }
    return statements;
  }

  private step(step: Step, loops: KernelLoops, purpose: Purpose): readonly Statement[] {
    if (step.kind === "sweep") return this.blocks(step.block, () => this.steps(step.steps, loops, purpose));
    if (step.kind === "contract") return this.products.contract(step, loops);
    const targets: readonly { readonly to: ElementOf }[] = step.kind === "fold" ? step.folds : step.stores;
    // A condition that holds for the whole step has been tested before it.
    const isMixed = new Set(targets.map(({ to }) => (this.mayBeLeftOut(to.buffer) ? to.buffer : undefined))).size > 1;
    const isAsked: IsAsked = (output) => isMixed && this.mayBeLeftOut(output);
    return step.kind === "fold" ? loops.fold(step, isAsked) : loops.store(step, isAsked);
  }

  /** Sets a buffer to 0 before steps add to it. */
  private clear(buffer: Buffer, loops: KernelLoops): readonly Statement[] {
    const register = loops.register(buffer);
    if (register !== undefined) return [loops.set(register, constantOf("f64", 0))];
    const { name, element } = this.names.array(buffer);
    const index = local("i32", this.names.fresh("i"));
    const zero = constantOf(element === "f64" ? "f64" : "f32", 0);
    const length = this.integers.value(buffer.length);
    const body = [store(name, index, zero)];
    return this.under(this.mayBeLeftOut(buffer) ? new Set([buffer]) : "always", [
      { kind: "for", index, from: whole(0), to: length, step: 1, body },
    ]);
  }

  /** Statements under the condition that any of some outputs is wanted. */
  private under(purpose: Purpose, statements: readonly Statement[]): readonly Statement[] {
    if (purpose === "always" || purpose.size === 0) return statements;
    const wanted = [...purpose].map((output) => isTrue(this.names.number({ kind: "wanted", output })));
    const condition = wanted.reduce((any, one) => apply("or", any, one));
    return [{ kind: "if", condition, then: statements, otherwise: [] }];
  }
}

const isSame = (a: Purpose, b: Purpose): boolean =>
  a === b || (a !== "always" && b !== "always" && a.size === b.size && [...a].every((output) => b.has(output)));
