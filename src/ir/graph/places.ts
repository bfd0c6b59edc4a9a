/** Places along axes, and the elements of tensors there: numbers, or expressions. */
import { evaluateInteger, type Integer } from "./integer.js";
import { without, type Axis, type Input, type Read, type Tensor } from "./tensor.js";

/** The number that a size stands for. */
export const sizeOf = (size: Integer, sizes: Readonly<Record<string, number>>): number =>
  evaluateInteger(size, ({ name, text }) => {
    if (!Object.hasOwn(sizes, name)) throw new RangeError(`the size ${text} is not given`);
    return sizes[name]!;
  });

/** Positions along axes, by name. */
export type Place = Map<string, number>;

export class Places<Element> {
  constructor(
    readonly sizes: Readonly<Record<string, number>>,
    /** The elements of each tensor, row-major. */
    readonly values: ReadonlyMap<Tensor, ArrayLike<Element>>,
    readonly numberOf: (element: Element) => number,
  ) {}

  readonly extent = (axis: Axis): number => sizeOf(axis.size, this.sizes);
  readonly count = (axes: readonly Axis[]): number => axes.reduce((product, axis) => product * this.extent(axis), 1);

  /** Calls `visit` for every place along the axes, row-major. */
  each(axes: readonly Axis[], visit: (place: Place, index: number) => void): void {
    const extents = axes.map(this.extent);
    const total = this.count(axes);
    const place: Place = new Map(axes.map(({ name }) => [name, 0]));
    for (let index = 0; index < total; index++) {
      visit(place, index);
      for (let i = axes.length - 1; i >= 0; i--) {
        const next = place.get(axes[i]!.name)! + 1;
        place.set(axes[i]!.name, next < extents[i]! ? next : 0);
        if (next < extents[i]!) break;
      }
    }
  }

  /** The row-major number of a place along some axes. */
  indexOf(axes: readonly Axis[], place: Place): number {
    return axes.reduce((index, axis) => index * this.extent(axis) + place.get(axis.name)!, 0);
  }

  elementOf(tensor: Tensor, place: Place): Element {
    return this.values.get(tensor)![this.indexOf(tensor.axes, place)]!;
  }

  integer(value: Integer, place: Place): number {
    return evaluateInteger(value, (leaf) => {
      if (leaf.kind === "position") return place.get(leaf.name)!;
      if (leaf.kind === "element") return this.numberOf(this.elementOf(leaf.tensor!, place));
      return sizeOf(leaf, this.sizes);
    });
  }

  /** The row-major number along `axes` of the places; undefined outside, where a tensor that may not be there throws. */
  target(
    axes: readonly Axis[],
    { at, inside }: { at: readonly Integer[]; inside: boolean },
    place: Place,
  ): number | undefined {
    let index = 0;
    for (const [i, axis] of axes.entries()) {
      const along = this.integer(at[i]!, place);
      if (along < 0 || along >= this.extent(axis)) {
        if (inside) throw new RangeError("a place is outside of its axis");
        return undefined;
      }
      index = index * this.extent(axis) + along;
    }
    return index;
  }

  /** The elements along other axes: repeated where the tensor lacks one. */
  spread(tensor: Tensor, axes: readonly Axis[]): Element[] {
    if (without(tensor.axes, axes).length > 0) throw new RangeError("a tensor cannot lose an axis");
    const values = this.values.get(tensor)!;
    const result: Element[] = [];
    this.each(axes, (place) => result.push(values[this.indexOf(tensor.axes, place)]!));
    return result;
  }

  /** The elements that are read elsewhere: `zero` outside. */
  gather(tensor: Read, zero: Element): Element[] {
    const [operand] = tensor.operands as [Tensor];
    const result: Element[] = [];
    this.each(tensor.axes, (place) => {
      const from = this.target(operand.axes, tensor, place);
      result.push(from === undefined ? zero : this.values.get(operand)![from]!);
    });
    return result;
  }

  /** The elements of an input from those that are stored. */
  read(tensor: Input, stored: ArrayLike<Element>): Element[] {
    const count = this.count(tensor.axes);
    if (stored.length !== count)
      throw new RangeError(`"${tensor.name}" has ${stored.length} elements instead of ${count}`);
    const result: Element[] = [];
    this.each(tensor.axes, (place, i) => result.push(stored[this.storedAt(tensor, place) ?? i]!));
    return result;
  }

  /** Where an element of an input with a layout of its own is stored. */
  private storedAt({ strides, axes }: Input, place: Place): number | undefined {
    return strides?.reduce((at, stride, i) => at + sizeOf(stride, this.sizes) * place.get(axes[i]!.name)!, 0);
  }
}
