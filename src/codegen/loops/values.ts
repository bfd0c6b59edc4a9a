/** Values of a kernel's expressions in loops: loads, draws and counts, and all that is computed from them. */
import { topological, variables, variableOf, type Expr } from "../../ir/expr.js";
import { integerParts } from "../../ir/graph/integer.js";
import type { Access } from "../../ir/kernel.js";
import {
  apply,
  assign,
  call,
  constantOf,
  letBe,
  local,
  whole,
  type Local,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { drawCondition, type DrawCondition } from "../graph/draws.js";
import { KernelElements, number, onlyIf } from "./elements.js";
import { lines, withBounds } from "./expressions.js";
import { UNIFORM } from "./uniform.js";

type Draw = Extract<Access, { readonly kind: "random" }>;

export class KernelValues extends KernelElements {
  /** Statements that compute expressions of elements, and their values. */
  values(roots: readonly Expr[]): { statements: readonly Statement[]; results: readonly Value[] } {
    const bound = new Map<string, Value>();
    const loads: Statement[] = [];
    const given = roots.map(withBounds);
    for (const place of new Set(given.flatMap((root) => variables(root)))) {
      const { name } = variableOf(place);
      const access = this.kernel.accesses.get(place);
      if (access === undefined) bound.set(name, this.names.number({ kind: "parameter", name }));
      else if (access.kind === "integer") bound.set(name, apply("fromWhole", this.integers.value(access.value)));
      else if (access.kind === "random") {
        const draw = local("f64", this.names.fresh("draw"));
        loads.push(
          ...this.draw(
            draw,
            access,
            drawCondition(place, given, (one) => !this.kernel.accesses.has(one)),
          ),
        );
        bound.set(name, draw);
      } else {
        const { element } = access;
        const wide = this.element(element);
        // A number that is only wanted in float32 stays as it is.
        const value = wide.kind === "apply" && wide.op === "widen" && isOnlySingle(place, given) ? wide.args[0]! : wide;
        const to = value.kind === "local" ? value : local(value.type, this.names.fresh(`${element.buffer.name}Value`));
        const conditions = this.inside(element);
        if (conditions.length > 0)
          loads.push(letBe(to, constantOf(value.type, 0)), ...onlyIf(conditions, [assign(to, value)]));
        else if (value !== to) loads.push(letBe(to, value));
        bound.set(name, to);
      }
    }
    const { statements, results } = lines(given, {
      bound,
      fresh: this.names.fresh,
      computed: "f64",
      isSteady: (expr) => variables(expr).every((place) => isSteady(this.kernel.accesses.get(place))),
    });
    return { statements: [...loads, ...statements], results };
  }

  /** A local with a random number, or with 0 where parameters say that none is needed. */
  private draw(to: Local, { stream, index }: Draw, needed: DrawCondition | undefined): Statement[] {
    const key = (["seed", "counter"] as const).map((name) => this.names.number({ kind: "key", name }));
    const words = [...key, whole(stream), this.integers.value(index)].map((word) => apply("fromWhole", word));
    const drawn = call(UNIFORM.name, ...words);
    if (needed === undefined) return [letBe(to, drawn)];
    const { statements, results } = this.values([needed.condition]);
    const [isNeeded, isNot] = needed.when
      ? [results[0]!, apply("not", results[0]!)]
      : [apply("not", results[0]!), results[0]!];
    return [
      ...statements,
      letBe(to, number(0)),
      ...onlyIf([isNeeded], [assign(to, apply("select", isNot, to, drawn))]),
    ];
  }
}

/** Whether a place stands in expressions as a float32 number alone. */
const isOnlySingle = (place: Expr, roots: readonly Expr[]): boolean =>
  !roots.includes(place) && topological(roots).every(({ op, args }) => op === "single" || !args.includes(place));

/** Whether a number is the same for all elements of a function: a parameter, or a size. */
const isSteady = (access: Access | undefined): boolean =>
  access === undefined ||
  (access.kind === "integer" &&
    integerParts(access.value).every(({ kind }) => kind !== "position" && kind !== "element"));
