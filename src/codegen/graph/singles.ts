/** Tensors whose elements are float32 numbers, however they are kept, and which of them are at most as large as which. */
import { topological, type Expr } from "../../ir/expr.js";
import type { OperationName } from "../../ir/ops.js";
import type { Tensor } from "../../ir/graph/tensor.js";

/** Operations whose result is one of their operands, or that without its sign. */
const KEEPS: ReadonlySet<OperationName> = new Set<OperationName>(["variable", "max", "min", "neg", "abs"]);

export class Singles {
  private readonly all = new Set<Tensor>();
  /** The tensors that each is at least as large as. */
  private readonly below = new Map<Tensor, ReadonlySet<Tensor>>();

  /** Remembers a tensor that computes `of`, whose operands it knows. */
  note(tensor: Tensor, of: Tensor): void {
    const { operands } = of;
    const isInput = of.kind === "input" && of.type === "float32";
    const keeps =
      (of.kind === "reduce" && of.how === "max") ||
      of.kind === "read" ||
      (of.kind === "map" && topological([of.value]).every(({ op }) => KEEPS.has(op)));
    if (!isInput && !(keeps && operands.every((operand) => this.all.has(operand)))) return;
    this.all.add(tensor);
    const isLargest = of.kind === "reduce" || (of.kind === "map" && topological([of.value]).every(isLargestOf));
    if (isLargest) this.below.set(tensor, new Set(operands.flatMap((one) => [one, ...(this.below.get(one) ?? [])])));
  }

  /** Whether both are float32 numbers, and no element of the first is larger than that of the second. */
  isAtMost = (a: Tensor | undefined, b: Tensor | undefined): boolean =>
    a !== undefined && b !== undefined && this.all.has(a) && this.below.get(b)?.has(a) === true;
}

const isLargestOf = ({ op }: Expr): boolean => op === "max" || op === "variable";
