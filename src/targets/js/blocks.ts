/** The context of a kernel's lines: where its buffers are, and the names of its blocks and loop variables. */
import { extentText } from "../../codegen/javascript/graph/extents.js";
import type { Scope } from "../../codegen/javascript/graph/scope.js";
import { WORKSPACE } from "../../codegen/javascript/graph/signatures.js";
import { integerText, type NameOf } from "../../codegen/javascript/integers.js";
import { ZERO, product } from "../../codegen/loops/places.js";
import { singular } from "../../codegen/names.js";
import type { Expr } from "../../ir/expr.js";
import { minus, position, size, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import {
  allBlocks,
  blockEnd,
  blockExtent,
  blockStart,
  buffersWritten,
  isPlain,
  plainSteps,
  type Access,
  type Block,
  type Buffer,
  type Kernel,
} from "../../ir/kernel.js";

/** Where the elements of a buffer are: in an array from a place on, or one in a variable. */
export type Home =
  | { readonly kind: "array"; readonly array: string; readonly base: Integer }
  | { readonly kind: "variable"; readonly variable: string };

export interface FunctionContext {
  readonly scope: Scope;
  readonly homes: ReadonlyMap<Buffer, Home>;
  /** Inputs by name. */
  readonly inputs: ReadonlyMap<string, Buffer>;
  /** For inputs that may be left out, the variable that says whether they are given; for outputs, whether to write them. */
  readonly flags: ReadonlyMap<Buffer, string>;
  /** The text of `seed` and of `counter`: their variables, or "0" where nothing is drawn. */
  readonly key: readonly [seed: string, counter: string];
  /** Remembers which operations and helpers the module needs. */
  readonly uses: (what: Expr | "contract" | "uniform") => void;
}

export class KernelContext {
  readonly scope: Scope;
  /** For lines before the kernel's loops. */
  readonly outside: Scope;
  readonly prelude: string[] = [];
  readonly written: ReadonlySet<Buffer>;
  /** Of the kernel and of the sweeps in it. */
  readonly blocks: readonly Block[];
  /** Of what the following steps can see: the block's, or that of a condition. */
  visible: Scope;
  /** Registers that have a declaration. */
  readonly declared = new Set<string>();
  private readonly homes = new Map<Buffer, Home>();

  constructor(
    readonly kernel: Kernel,
    readonly context: FunctionContext,
    workspace: Integer,
  ) {
    this.scope = context.scope.part();
    this.outside = context.scope.before(this.scope);
    this.visible = this.scope;
    this.blocks = allBlocks(kernel);
    this.written = new Set(plainSteps(kernel.steps).flatMap(buffersWritten));
    this.nameBlocks();
    this.placeTiles(workspace);
  }

  private nameBlocks(): void {
    const { blocks } = this;
    for (const block of blocks) {
      const { axis } = block;
      const one = singular(axis.name) ?? axis.name;
      if (isPlain(block)) {
        this.variable(axis);
        continue;
      }
      const extent = this.outside.claim(`${axis.name}Block`);
      this.prelude.push(`const ${extent} = ${extentText(block, blocks, this.name)};`);
      this.scope.bind(blockExtent(axis), extent);
      this.scope.bind(blockStart(axis), this.scope.claim(`${one}Start`));
      this.scope.bind(blockEnd(axis), this.scope.claim(`${one}End`));
    }
  }

  /** Tiles stand one after the other behind what is kept between kernels; those of one element are variables. */
  private placeTiles(workspace: Integer): void {
    let before: readonly Integer[] = [workspace];
    for (const tile of this.kernel.tiles) {
      if (tile.axes.length === 0) {
        this.homes.set(tile, { kind: "variable", variable: this.outside.claim(tile.name) });
        continue;
      }
      const text = before.filter((length) => length !== ZERO).map((length) => integerText(length, this.name, 12));
      let base = ZERO;
      if (text.length > 0) {
        const name = this.outside.claim(`${tile.name}Tile`);
        base = size(`${tile.name} tile`);
        this.prelude.push(`const ${name} = ${text.join(" + ")};`);
        this.scope.bind(base, name);
      }
      this.homes.set(tile, { kind: "array", array: this.workspaceName(), base });
      before = [base, tile.length];
    }
  }

  private workspaceName(): string {
    const name = this.context.scope.of(WORKSPACE);
    if (name === undefined) throw new RangeError("a function with tiles needs a workspace");
    return name;
  }

  readonly home = (buffer: Buffer): Home => {
    const home = this.homes.get(buffer) ?? this.context.homes.get(buffer);
    if (home === undefined) throw new RangeError(`"${buffer.name}" is no buffer of this kernel`);
    return home;
  };

  /** The result of `make`, which runs with `scope` as the visible one. */
  within<Lines>(scope: Scope, make: () => Lines): Lines {
    const before = this.visible;
    this.visible = scope;
    const lines = make();
    this.visible = before;
    return lines;
  }

  access(variable: Expr): Access | undefined {
    return this.kernel.accesses.get(variable);
  }

  /** The block of several places along an axis. */
  readonly block = (axis: Pick<Axis, "name">): Block | undefined =>
    this.blocks.find((block) => block.axis.name === axis.name && !isPlain(block));

  readonly isPlain = (axis: Axis): boolean =>
    this.blocks.some((block) => block.axis.name === axis.name && isPlain(block));

  /** The name of the position along an axis: the same in the whole kernel. */
  variable(axis: Axis): string {
    const known = this.scope.of(position(axis));
    if (known !== undefined) return known;
    const one = singular(axis.name);
    const name = this.scope.claim(one ?? `${axis.name}Index`, `${one ?? axis.name}Index`);
    this.scope.bind(position(axis), name);
    return name;
  }

  /** Along an axis that is worked through in blocks, places in tiles count from the block's first. */
  local(buffer: Buffer, along: number, place: Integer): Integer {
    const axis = buffer.axes[along]!;
    const own = buffer.role === "tile" ? this.blocks.find((block) => block.axis.name === axis.name) : undefined;
    if (own === undefined) return place;
    return isPlain(own) || place === blockStart(axis) ? ZERO : minus(place, blockStart(axis));
  }

  /** The names of integers, elements of index tensors included. */
  readonly name: NameOf = (integer) => this.nameIn(this.scope, integer);

  nameIn(scope: Scope, integer: Integer): string | undefined {
    const known = scope.of(integer);
    if (known !== undefined || integer.kind !== "element") return known;
    const { tensor } = integer;
    const buffer = tensor!.kind === "input" ? this.context.inputs.get(tensor!.name) : undefined;
    if (buffer === undefined) throw new RangeError("only inputs can be used as places");
    const home = this.home(buffer);
    if (home.kind !== "array") throw new RangeError(`"${buffer.name}" has no elements`);
    const at = buffer.axes.map((axis, i) => product([position(axis), buffer.strides[i]!]));
    const texts = at
      .filter((term) => term !== ZERO)
      .map((term) => integerText(term, (part) => this.nameIn(scope, part)));
    return `${home.array}[${texts.length === 0 ? "0" : texts.join(" + ")}]`;
  }
}
