/**
 * Materialisation: the tensors that have to be in memory, and those that are computed where they are used.
 *
 * A job computes one tensor by one step: a reduction, a product of matrices, a scatter, an operand of a product that is
 * not in memory as it is, or an output. Everything else - maps, reads, draws - is part of the expressions of the jobs.
 */
import { variable } from "../../ir/build.js";
import { node, substitute, variables, type Expr } from "../../ir/expr.js";
import type { Output } from "../../ir/graph/definition.js";
import { position, type Integer } from "../../ir/graph/integer.js";
import { cost } from "../../symbolic/simplify.js";
import { indexTensors, tensorsBelow, type Axis, type Reduce, type Tensor } from "../../ir/graph/tensor.js";
import type { MachineName } from "./machine.js";
import { isMatrix, isWindow, productsAmong, stands, usersAmong, type Product, type Users } from "./products.js";

export interface Job {
  readonly tensor: Tensor;
  /** `operand`: the operand of a product, which no other kernel sees; `elements`: what other kernels read at other places. */
  readonly kind: "fold" | "product" | "scatter" | "operand" | "elements" | "output";
  /** The expression that is reduced, scattered or stored, in variables of `leaves`; undefined for products. */
  readonly value: Expr | undefined;
  readonly product: Product | undefined;
  /** Every axis along which it works. */
  readonly loops: readonly Axis[];
  /** Those along which it reduces. */
  readonly over: readonly Axis[];
  /** The outputs that it writes, instead of something that only other jobs see. */
  readonly output: Output | undefined;
  /** Added to what other jobs have written there. */
  readonly adds: boolean;
  /** The jobs' tensors that it reads, with the places along their axes. */
  readonly uses: readonly Use[];
}

export interface Use {
  readonly tensor: Tensor;
  readonly at: readonly Integer[];
}

export interface Jobs {
  /** Each after those that it uses. */
  readonly jobs: readonly Job[];
  /** The tensor that each variable of a value is an element of. */
  readonly leaves: ReadonlyMap<Expr, Leaf>;
}

/** An element of an input, a read, a draw, an integer; or of what another job has computed. */
export interface Leaf {
  readonly tensor: Tensor;
  readonly stands: boolean;
}

/**
 * On a parallel machine nothing is added to in memory, and only products see what is computed for them. No expression loads
 * from more than `mostSources` tensors, if that can be helped.
 */
export function findJobs(outputs: readonly Output[], machine: MachineName, mostSources = Infinity): Jobs {
  const isParallel = machine === "parallel";
  const order = tensorsBelow(outputs.map(({ tensor }) => tensor));
  const users = usersAmong(order);
  const products = productsAmong(order, users);
  const operands = new Set(
    [...products.values()]
      .flatMap(({ left, right }) => [left, right])
      .filter((tensor) => !isMatrix(tensor) && !(machine === "roomy" && isWindow(tensor))),
  );
  const isReduced = (tensor: Tensor): boolean => users.get(tensor)!.some(({ kind }) => kind === "reduce");
  const isShared = (tensor: Tensor): boolean =>
    !isParallel && isWorthATile(tensor, users) && (products.size > 0 || (machine === "roomy" && isReduced(tensor)));
  const standing = new Set(
    order.filter((tensor) => stands(tensor) || operands.has(tensor) || isReadLater(tensor, users) || isShared(tensor)),
  );
  const usedOnce = (tensor: Tensor): boolean =>
    (users.get(tensor)?.length ?? 0) + outputs.filter((output) => output.tensor === tensor).length === 1;
  /** A sum whose only use is an output. */
  const isAlone = (tensor: Tensor): boolean =>
    stands(tensor) && (tensor.kind !== "reduce" || tensor.how === "sum") && usedOnce(tensor);

  const leaves = new Map<Expr, Leaf>();
  const leaf = (tensor: Tensor, standing: boolean): Expr => {
    const place = variable("wildcard", `${standing ? "tensor" : "source"} ${tensor.id}`);
    leaves.set(place, { tensor, stands: standing });
    return place;
  };
  /** Tensors that stand since a kernel could not load from all that they are made of. */
  const forced = new Set<Tensor>();
  const isElements = (tensor: Tensor): boolean => forced.has(tensor) || isReadLater(tensor, users);
  /** How an element is written where it is used, and what a job has to compute. */
  const written = new Map<Tensor, Expr>();
  const values = new Map<Tensor, Expr>();
  for (const tensor of order) {
    if (tensor.kind === "map") {
      const value = (): Expr =>
        substitute(tensor.value, new Map(tensor.places.map((place, i) => [place, written.get(tensor.operands[i]!)!])));
      const sources = (of: Tensor): number => sourcesOf(written.get(of)!, leaves).size;
      while (isParallel && sourcesOf(value(), leaves).size > mostSources) {
        const [largest] = tensor.operands
          .filter((operand) => operand.kind === "map" && !forced.has(operand) && sources(operand) > 1)
          .sort((a, b) => sources(b) - sources(a));
        if (largest === undefined) break;
        forced.add(largest);
        standing.add(largest);
        written.set(largest, leaf(largest, true));
      }
      values.set(tensor, value());
    } else if (tensor.kind === "reduce" || tensor.kind === "scatter")
      values.set(tensor, written.get(tensor.operands[0]!)!);
    else values.set(tensor, leaf(tensor, false));
    // Of an input only products read the copy.
    const isCopied =
      standing.has(tensor) && tensor.kind !== "input" && (!isParallel || stands(tensor) || isElements(tensor));
    written.set(tensor, isCopied ? leaf(tensor, true) : values.get(tensor)!);
  }

  const usesOf = (value: Expr | undefined): Use[] =>
    value === undefined
      ? []
      : variables(value).flatMap((place) => {
          const found = leaves.get(place);
          return found === undefined ? [] : found.stands ? [useOf(found.tensor)] : readOf(found.tensor, standing);
        });
  const job = (tensor: Tensor, kind: Job["kind"], output?: Output, adds = false): Job => {
    const product = kind === "product" ? products.get(tensor) : undefined;
    const value = product !== undefined ? undefined : kind === "output" ? written.get(tensor)! : values.get(tensor)!;
    const [operand] = tensor.operands;
    const over = kind === "fold" || kind === "product" ? (tensor as Reduce).over : [];
    const loops = kind === "scatter" ? operand!.axes : [...tensor.axes, ...over];
    const uses =
      product === undefined
        ? usesOf(value)
        : [product.left, product.right].flatMap((side) =>
            standing.has(side) ? [useOf(side)] : readOf(side, standing),
          );
    return { tensor, kind, value, product, loops, over, output, adds, uses };
  };
  const kindOf = (tensor: Tensor): Job["kind"] =>
    tensor.kind === "scatter"
      ? "scatter"
      : tensor.kind === "reduce"
        ? products.has(tensor)
          ? "product"
          : "fold"
        : isParallel && isElements(tensor)
          ? "elements"
          : "operand";

  /** The terms of outputs that are written to the output as they come, since nothing else needs them. */
  const direct = new Map<Tensor, { readonly output: Output; readonly adds: boolean }>();
  const stored: Job[] = [];
  for (const output of outputs) {
    const terms = isParallel ? [output.tensor] : termsOf(output.tensor, usedOnce, isAlone);
    const alone = terms.filter(isAlone);
    const rest = terms.filter((term) => !alone.includes(term));
    if (alone.length === 0 || output.type !== "float32") {
      stored.push(job(output.tensor, "output", output));
      continue;
    }
    const several = terms.length > 1;
    for (const term of alone) direct.set(term, { output, adds: several });
    for (const term of rest) stored.push(job(term, "output", output, several));
  }
  const needed = new Set<Tensor>();
  const jobs: Job[] = [];
  const uses: Tensor[] = [...stored.flatMap((one) => one.uses.map(({ tensor }) => tensor)), ...direct.keys()];
  while (uses.length > 0) {
    const tensor = uses.pop()!;
    if (needed.has(tensor)) continue;
    needed.add(tensor);
    uses.push(...job(tensor, kindOf(tensor)).uses.map((use) => use.tensor));
  }
  for (const tensor of order)
    if (needed.has(tensor)) {
      const to = direct.get(tensor);
      jobs.push(job(tensor, kindOf(tensor), to?.output, to?.adds ?? false));
    }
  return { jobs: [...jobs, ...stored], leaves };
}

/** The tensors that an expression loads from. */
export function sourcesOf(value: Expr, leaves: Jobs["leaves"]): ReadonlySet<Tensor> {
  return new Set(
    variables(value).flatMap((place) => {
      const leaf = leaves.get(place);
      return leaf === undefined ? [] : leaf.stands ? [leaf.tensor] : memoryOf(leaf.tensor);
    }),
  );
}

/** Where the elements of a tensor that is not computed are. */
export function memoryOf(tensor: Tensor): readonly Tensor[] {
  if (tensor.kind === "read") return tensor.operands;
  if (tensor.kind === "integer") return indexTensors([tensor.integer]);
  return tensor.kind === "random" ? [] : [tensor];
}

/**
 * The cost of an exponential: a map that costs as much and is used more than once is computed once, where there are
 * tiles for it anyway.
 */
const COSTLY = 8;
const isWorthATile = (tensor: Tensor, users: Users): boolean =>
  tensor.kind === "map" &&
  tensor.axes.length > 0 &&
  (users.get(tensor)?.length ?? 0) > 1 &&
  cost(tensor.value) >= COSTLY;

/** A draw or the like that is read at other places has to stand somewhere. */
const isReadLater = (tensor: Tensor, users: Users): boolean =>
  tensor.kind !== "input" &&
  !stands(tensor) &&
  (users.get(tensor) ?? []).some((user) => user.kind === "read" && user.operands[0] === tensor);

const useOf = (tensor: Tensor): Use => ({ tensor, at: tensor.axes.map(position) });

/** The source of a read that is not copied, if another job computes it. */
function readOf(tensor: Tensor, standing: ReadonlySet<Tensor>): Use[] {
  const [source] = tensor.operands;
  return tensor.kind === "read" && standing.has(source!) ? [{ tensor: source!, at: tensor.at }] : [];
}

/** The terms of a sum that nothing else uses, when some of them can be added to the output directly. */
function termsOf(
  root: Tensor,
  usedOnce: (tensor: Tensor) => boolean,
  isAlone: (tensor: Tensor) => boolean,
): readonly Tensor[] {
  const terms: Tensor[] = [];
  const open = [root];
  while (open.length > 0) {
    const tensor = open.pop()!;
    if (isSum(tensor) && (tensor === root || usedOnce(tensor))) open.push(...tensor.operands);
    else terms.push(tensor);
  }
  return terms.some(isAlone) ? terms.reverse() : [root];
}

/** The sum of two tensors with the same axes. */
function isSum(tensor: Tensor): boolean {
  if (tensor.kind !== "map" || tensor.operands.length !== 2) return false;
  const [a, b] = tensor.places as [Expr, Expr];
  const isAddition = tensor.value === node("add", a, b) || tensor.value === node("add", b, a);
  return isAddition && tensor.operands.every(({ axes }) => axes.length === tensor.axes.length);
}
