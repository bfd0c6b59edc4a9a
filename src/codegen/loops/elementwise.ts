/**
 * An elementwise kernel as a loop: expressions of one element, written to an array or added up. What does not change from
 * element to element is computed before the loop.
 */
import { variable } from "../../ir/build.js";
import { substitute, topological, variableOf, type Expr } from "../../ir/expr.js";
import {
  apply,
  assign,
  constantOf,
  letBe,
  load,
  local,
  store,
  whole,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { freshNames, lines, withBounds, type Computed, type Context } from "./expressions.js";
import { hoist } from "./hoist.js";

export interface ElementwiseKernel {
  readonly name: string;
  /** The arrays that are read, by the variables that stand for their elements. */
  readonly reads: ReadonlyMap<Expr, string>;
  readonly writes: { readonly array: string; readonly value: Expr };
  /** The expressions that are added up over all elements, by the names of their sums. */
  readonly sums: ReadonlyMap<string, Expr>;
  readonly parameters: readonly string[];
  readonly computed: Computed;
}

/** The name of the number of elements. */
const LENGTH = "length";

/** The loop, one element after the other. */
export function elementwiseLoop(kernel: ElementwiseKernel): LoopFunction {
  const { name, reads, writes, sums, parameters, computed } = kernel;
  const arrays = [...reads.values(), writes.array];
  const fresh = freshNames([...arrays, LENGTH, "i"]);
  const [index, length] = [local("i32", "i"), local("i32", LENGTH)];
  const numbers = parameters.map((parameter) => local("f64", fresh(parameter)));
  const bound = new Map<string, Value>(parameters.map((parameter, i) => [parameter, numbers[i]!] as const));
  const totals = [...sums.keys()].map((sum) => local(computed, fresh(`d_${sum}`)));

  const inputs = [...reads].map(([place, array]): Statement => {
    const to = local(computed, fresh(array === arrays[0] ? "v" : "u"));
    bound.set(variableOf(place).name, to);
    return letBe(to, widened(load("f32", array, index), computed));
  });
  const context = { bound, fresh, computed };
  const { direct, detour } = detourOf(withBounds(writes.value));
  const before = detour === undefined ? [] : chosen(detour, context, bound);
  const inside = lines([direct, ...[...sums.values()].map(withBounds)], context);
  const [written, ...added] = inside.results;
  return hoist({
    name,
    arrays: arrays.map((array) => ({ name: array, element: "f32" })),
    numbers: [length, ...numbers],
    results: totals.map(({ type }) => type),
    body: [
      ...totals.map((total) => letBe(total, constantOf(computed, 0))),
      {
        kind: "for",
        index,
        from: whole(0),
        to: length,
        step: 1,
        body: [
          ...inputs,
          ...before,
          ...inside.statements,
          ...totals.map((total, i) => assign(total, apply("add", total, added[i]!))),
          store(writes.array, index, computed === "f64" ? apply("narrow", written!) : written!),
        ],
      },
      ...(totals.length === 0 ? [] : [{ kind: "return" as const, values: totals }]),
    ],
  });
}

/** A number in float32 or, where a condition does not hold, one that takes longer. */
const CHOSEN = variable("wildcard", "chosen");

/** An expression with its choice between float32 and float64 as a variable, and that choice. */
function detourOf(value: Expr): { readonly direct: Expr; readonly detour: Expr | undefined } {
  const detour = topological([value]).find(({ op, args }) => op === "select" && args[2]!.op === "single");
  return { direct: detour === undefined ? value : substitute(value, new Map([[detour, CHOSEN]])), detour };
}

/**
 * The choice as statements: what is in float64 is only computed where it is wanted. In lanes that is where any of them wants
 * it, so each still takes its own.
 */
function chosen({ args }: Expr, context: Context, bound: Map<string, Value>): Statement[] {
  const [condition, near, far] = args as [Expr, Expr, Expr];
  const usual = lines([condition, near], context);
  const [isNear, first] = usual.results as [Value, Value];
  const [to, wide] = [local("f32", context.fresh("chosen")), local("f32", context.fresh("far"))];
  const careful = lines([far], context);
  bound.set(variableOf(CHOSEN).name, to);
  return [
    ...usual.statements,
    letBe(to, first),
    {
      kind: "if",
      condition: apply("not", isNear),
      then: [...careful.statements, letBe(wide, careful.results[0]!), assign(to, apply("select", isNear, to, wide))],
      otherwise: [],
    },
  ];
}

const widened = (value: Value, computed: Computed): Value => (computed === "f64" ? apply("widen", value) : value);
