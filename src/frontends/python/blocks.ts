/**
 * Tensors in one line, which is cut into blocks and joined again: what is done to each block is done to each element. Masks of
 * their own keep elements that were moved apart from those of other tensors.
 */
import { eq, variable } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Reason } from "../place.js";
import type { Passed } from "./calls.js";
import { NO_MASK, RESHAPES, SHARED } from "./unreadable.js";
import { literalOf, sharing, tensor, type Tensor, type Value } from "./values.js";

/** Of a tensor in one line, and of a block of such a one. */
const [LINE, BLOCK] = ["line", "block"].map((name) => eq(variable("wildcard", `?${name}`), 0)) as [Expr, Expr];

const moved = (self: Tensor, mask?: Expr): Tensor => {
  const { content, type } = self.memory;
  const arranged = tensor(content, { ...(mask !== undefined && { mask }), ...(type !== undefined && { type }) });
  return sharing(arranged, [self], SHARED);
};

const isSize = ({ kind, ...value }: Value): boolean => kind === "plumbing" || (kind === "number" && "expr" in value);

/** `x.view(-1)`, `line.split(size)`, and `line.view(x.shape)`; nothing where it is none of these. */
export function rearranged(self: Tensor, name: string, [first, ...more]: readonly Passed[]): Value | undefined {
  const { mask, single } = self.memory;
  if (single || first === undefined || more.length > 0) return undefined;
  const { value } = first;
  if (name === "split") return mask === LINE && isSize(value) ? { kind: "rows", each: moved(self, BLOCK) } : undefined;
  if (name !== "view" && name !== "reshape") return undefined;
  if (mask === undefined && literalOf(value)?.numerator === -1n) return moved(self, LINE);
  return mask === LINE && value.kind === "plumbing" && value.of === "shape" ? moved(self) : undefined;
}

const isBlock = (value: Value | undefined): value is Tensor =>
  value?.kind === "tensor" && value.memory.mask === BLOCK && !value.memory.single;

/** The block that stands for each of what a line was cut into. */
export const blockOf = (value: Value): Tensor | undefined =>
  value.kind === "rows" && isBlock(value.each) ? value.each : undefined;

/** The list of what was made of each block; nothing where that is no block itself. */
export const blocksOf = (made: Value): Value | undefined => (isBlock(made) ? { kind: "rows", each: made } : undefined);

/** `torch.cat(blocks)`. */
export function joined([list, ...more]: readonly Value[]): Value | undefined {
  const block = list === undefined || more.length > 0 ? undefined : blockOf(list);
  return block && moved(block, LINE);
}

/** Why elements that are masked are not read here. */
export const maskReason = (of: Tensor): Reason => (isMoved(of) ? RESHAPES : NO_MASK);

/** Whether its elements were moved, so that adding up those of a block is no sum of all. */
export const isMoved = ({ memory: { mask } }: Tensor): boolean => mask === LINE || mask === BLOCK;
