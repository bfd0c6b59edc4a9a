/** How many places the blocks of a kernel have along their axes, as JavaScript. */
import { blockExtent, isPlain, type Block } from "../../../ir/kernel.js";
import { product } from "../../loops/places.js";
import { integerText, type NameOf } from "../integers.js";

/** How a block's extent is computed: as many places as give its elements, at least one, at most all. */
export function extentText({ axis, elements, along }: Block, blocks: readonly Block[], name: NameOf): string {
  const others = along.map((other) => {
    const block = blocks.find((one) => one.axis.name === other.name && !isPlain(one));
    return block === undefined ? other.size : blockExtent(other);
  });
  const count = integerText(product(others), name, 14);
  const fitting = along.length === 0 ? String(elements) : `Math.floor(${elements} / ${count})`;
  return `Math.max(1, Math.min(${integerText(axis.size, name)}, ${fitting}))`;
}
