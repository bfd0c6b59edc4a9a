/** The workgroup memory of a sweep: parts of axes, and tiles that hold a block. */
import { constantInteger, plus, times, type Integer } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import { allBlocks, type Block, type Buffer } from "../../../ir/kernel.js";
import { integerOperand, integerText, type IntegerNames } from "./integers.js";
import { identifier, type Locals } from "./names.js";
import { axisSize, newLocals, positionName, sizeName, type KernelScope } from "./scope.js";

/** How many places an axis has that is whole in workgroup memory, unless its override says otherwise. */
const DEFAULT_EXTENT = 64;

/** A part of an axis that is in workgroup memory. */
export interface Part {
  readonly axis: Axis;
  readonly extent: number;
  /** The variables: its first place, and how many there are, which at the end are fewer. */
  readonly first: string;
  readonly here: string;
}

export class Tiles {
  parts: readonly Part[] = [];
  private readonly names = new Map<Buffer, string>();
  private readonly blocks: readonly Block[];

  constructor(private readonly scope: KernelScope) {
    const { kernel, module, entry } = scope;
    this.blocks = allBlocks(kernel).filter(({ elements }) => elements > 1);
    for (const tile of kernel.tiles) {
      const name = newLocals(module).fresh(`${entry}_${identifier(tile.name)}`);
      const extents = tile.axes.map((axis) => {
        const block = this.blockOf(axis);
        return block === undefined ? this.wholeOverride(axis) : `${block.elements}u`;
      });
      // An array has at least one element, whatever the override says.
      const isWhole = tile.axes.some((axis) => this.blockOf(axis) === undefined);
      module.taken.add(name);
      module.items.push([
        `var<workgroup> ${name}: array<f32, ${extents.length === 0 ? "1" : extents.join(" * ")}${isWhole ? " + 1u" : ""}>;`,
      ]);
      this.names.set(tile, name);
    }
  }

  nameParts(locals: Locals): void {
    this.parts = this.blocks.map(({ axis, elements }) => ({
      axis,
      extent: elements,
      first: locals.fresh(`first_${positionName(axis.name)}`),
      here: locals.fresh(`${identifier(axis.name)}_here`),
    }));
  }

  private blockOf({ name }: Axis): Block | undefined {
    return this.blocks.find(({ axis }) => axis.name === name);
  }

  partOf({ name }: Axis): Part | undefined {
    return this.parts.find(({ axis }) => axis.name === name);
  }

  /** An axis that is whole in a tile is as long as an override says. */
  private wholeOverride({ name, size }: Axis): string {
    const { module } = this.scope;
    const called = identifier(name);
    module.taken.add(called);
    module.overrides.set(called, {
      name: called,
      type: "u32",
      default: DEFAULT_EXTENT,
      sizeOf: size,
      documentation: `How many places there are along ${name}: what the sizes say, for workgroup memory.`,
    });
    return called;
  }

  /** How many places a step goes through along an axis: of a part always the same. */
  extentText(axis: Axis): string {
    const part = this.partOf(axis);
    return part === undefined ? axisSize(axis, this.scope.module) : `${part.extent}u`;
  }

  /** Places along an axis of a tile. */
  private lengthOf(axis: Axis): Integer {
    const block = this.blockOf(axis);
    return block === undefined ? axis.size : constantInteger(block.elements);
  }

  /** In terms of sizes. */
  bytes(): Integer {
    return this.scope.kernel.tiles.reduce<Integer>((sum, { axes }) => {
      const elements = axes.map((axis) => this.lengthOf(axis));
      return plus(sum, times(4, elements.reduce(times, constantInteger(1))));
    }, constantInteger(0));
  }

  /** An element of a tile; `names` say where along its axes, within parts. */
  text(buffer: Buffer, at: readonly Integer[], names: ReadonlyMap<string, string>): string {
    const integers: IntegerNames = {
      size: (name) => {
        const part = this.parts.find(({ axis }) => `${axis.name}Block` === name);
        return part === undefined ? sizeName(name) : `${part.extent}u`;
      },
      position: (axis) => names.get(axis)!,
      element: () => {
        throw new Error("a tile has no elements of index tensors");
      },
      known: (of) => {
        const axis = buffer.axes.find((one) => one.size === of && this.partOf(one) === undefined);
        return axis === undefined ? undefined : identifier(axis.name);
      },
      ofSizes: true,
    };
    const terms = at.map((place, i) => {
      const stride = buffer.strides[i]!;
      return stride === constantInteger(1)
        ? integerText(place, integers)
        : `${integerOperand(place, integers)} * ${integerOperand(stride, integers)}`;
    });
    return `${this.names.get(buffer)!}[${terms.length === 0 ? "0u" : terms.join(" + ")}]`;
  }
}
