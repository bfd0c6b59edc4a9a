/** Expressions as lines: their loads first, then what is computed from them. */
import { drawCondition } from "../../../codegen/graph/draws.js";
import { schedule } from "../../../codegen/schedule.js";
import { variable } from "../../../ir/build.js";
import { rebuild, variableOf, variables, type Expr } from "../../../ir/expr.js";
import type { Integer } from "../../../ir/graph/integer.js";
import type { Access, ElementOf } from "../../../ir/kernel.js";
import { memberName } from "../names.js";
import { allOf, numberText, writeBlock } from "../spelling.js";
import { withCalls, type Call } from "./calls.js";
import { mayBeNegative } from "./integers.js";
import { guardText, indexText, placeText, type Scope } from "./scope.js";

/** A branch whose work costs at least this much is only entered when it is taken. */
const BRANCH_COST = 30;

/** Lines that compute the values; `sink` writes what is done with them. */
export function valueLines(
  roots: readonly Expr[],
  scope: Scope,
  sink: (results: readonly string[]) => readonly string[],
): string[] {
  const { accesses } = scope.kernel.kernel;
  const inner: Scope = { ...scope, locals: scope.locals.nested() };
  const compared = withIntegerConditions(roots, inner);
  const lines = variables(...compared).flatMap((place) => {
    if (inner.locals.of(place) !== undefined) return [];
    const access = accesses.get(place);
    if (access?.kind === "random") return drawLines(place, access, compared, inner);
    if (access !== undefined) return loadLines(place, access, inner);
    inner.locals.bind(place, `sizes.${memberName(variableOf(place).name)}`);
    return [];
  });
  const { callable, isOutput } = scope.kernel.module;
  const { values, calls } = withCalls(compared, callable, (operand) => {
    const access = accesses.get(operand);
    return access?.kind === "load" && isOutput(access.element.buffer);
  });
  for (const call of calls) lines.push(...callLines(call, inner));
  const block = schedule(values, { branchCost: BRANCH_COST });
  const computed = writeBlock(block, inner.locals, (results) => sink(results).join("\n"));
  return [...lines, ...computed];
}

/** The result of a call under a name. */
function callLines({ of, operands, place }: Call, scope: Scope): string[] {
  scope.kernel.module.called.add(of);
  const name = scope.locals.fresh(`${of.name}Value`);
  const text = (results: readonly string[]): string => `${of.name}(${results.join(", ")})`;
  const lines = valueLines(operands, scope, (results) => [`let ${name} = ${text(results)};`]);
  scope.locals.bind(place, name);
  const isWithin = !lines[lines.length - 1]!.startsWith("let ");
  return isWithin
    ? [`var ${name}: f32;`, ...valueLines(operands, scope, (results) => [`${name} = ${text(results)};`])]
    : lines;
}

type Draw = Extract<Access, { readonly kind: "random" }>;

function drawLines(place: Expr, { stream, index }: Draw, values: readonly Expr[], scope: Scope): string[] {
  const { accesses } = scope.kernel.kernel;
  const draw = scope.locals.fresh("draw");
  scope.locals.bind(place, draw);
  const text = `uniform_draw(${stream}u, ${placeText(index, scope)})`;
  const needed = drawCondition(place, values, (variable) => !accesses.has(variable));
  if (needed === undefined) return [`let ${draw} = ${text};`];
  const { condition, when } = needed;
  return [
    `var ${draw} = 0.0;`,
    ...valueLines([condition], scope, ([is]) => [`if (${when ? is! : `!(${is!})`}) {`, `${draw} = ${text};`, "}"]),
  ];
}

/** Lines that load what a variable stands for, and say how it is written. */
function loadLines(place: Expr, access: Exclude<Access, Draw>, scope: Scope): string[] {
  const { locals } = scope;
  if (access.kind === "integer") {
    const { kind, value } = access.value;
    locals.bind(place, kind === "constant" ? numberText(value) : `f32(${signedText(access.value, scope)})`);
    return [];
  }
  const { element } = access;
  const { buffer } = element;
  if (buffer.role === "tile" && element.guards.length === 0) {
    locals.bind(place, scope.tile(element));
    return [];
  }
  const { conditions, otherwise, text } = loadText(element, scope);
  const name = locals.fresh(`${buffer.name}Value`);
  locals.bind(place, name);
  if (conditions.length === 0) return [`let ${name} = ${text};`];
  return [`var ${name} = ${otherwise};`, `if (${allOf(conditions)}) {`, `${name} = ${text};`, "}"];
}

/** An element as f32, and what has to hold for it to be there. */
export function loadText(
  element: ElementOf,
  scope: Scope,
): { readonly conditions: readonly string[]; readonly otherwise: string; readonly text: string } {
  const { buffer, guards } = element;
  const inside = guards.map((guard) => guardText(guard, scope));
  if (buffer.role === "tile") return { conditions: inside, otherwise: "0.0", text: scope.tile(element) };
  const { module, of } = scope.kernel;
  const { name, presence, element: type } = module.bindingOf(buffer, of);
  const read = `${name}[${indexText(element, scope)}]`;
  const text = type === "f32" ? read : `f32(${read})`;
  if (presence === undefined || buffer.role !== "input") return { conditions: inside, otherwise: "0.0", text };
  // An element of an absent input is `buffer.absent`; an element outside of a buffer is 0.
  const absent = numberText(buffer.absent ?? 0);
  const otherwise = absent === "0.0" || inside.length === 0 ? absent : `select(0.0, ${absent}, ${allOf(inside)})`;
  return { conditions: [presence, ...inside], otherwise, text };
}

/** An integer as i32, or as u32 where it cannot be below 0. */
const signedText = (of: Integer, scope: Scope): string =>
  mayBeNegative(of) ? `i32(${placeText(of, scope)})` : placeText(of, scope);

/** Comparisons of places are comparisons of integers: floats do not hold all of them. */
function withIntegerConditions(roots: readonly Expr[], scope: Scope): Expr[] {
  const { accesses } = scope.kernel.kernel;
  const integerOf = (expr: Expr): Integer | undefined => {
    const access = accesses.get(expr);
    return access?.kind === "integer" ? access.value : undefined;
  };
  /** Integers are never NaN. */
  const always = new Set<Expr>();
  const results = rebuild(roots, (expr) => {
    if (expr.op === "select" && always.has(expr.args[0]!)) return expr.args[1]!;
    if (expr.op !== "lt" && expr.op !== "le" && expr.op !== "eq") return expr;
    const [a, b] = expr.args as [Expr, Expr];
    const [left, right] = [integerOf(a) ?? constantOf(a), integerOf(b) ?? constantOf(b)];
    if (left === undefined || right === undefined || (integerOf(a) ?? integerOf(b)) === undefined) return expr;
    if (expr.op === "eq" && left === right) {
      always.add(expr);
      return expr;
    }
    const text = comparison(expr.op, left, right, scope);
    const condition = variable("wildcard", `whether ${text}`);
    scope.locals.bind(condition, text);
    return condition;
  });
  return roots.map((root) => results.get(root)!);
}

function comparison(op: "lt" | "le" | "eq", left: Integer | number, right: Integer | number, scope: Scope): string {
  const isSigned = [left, right].some((side) => (typeof side === "number" ? side < 0 : mayBeNegative(side)));
  const text = (side: Integer | number): string => {
    if (typeof side === "number") return `${side}${isSigned ? "i" : "u"}`;
    // Whether there is a remainder does not depend on the sign.
    if (op === "eq" && side.kind === "mod" && isSigned)
      return `i32(${placeText(side.args[0]!, scope)}) % i32(${placeText(side.args[1]!, scope)})`;
    return isSigned ? `i32(${placeText(side, scope)})` : placeText(side, scope);
  };
  return `(${text(left)} ${{ lt: "<", le: "<=", eq: "==" }[op]} ${text(right)})`;
}

/** A whole number that an expression is. */
function constantOf({ op, payload }: Expr): number | undefined {
  if (op !== "rational" || typeof payload !== "object" || !("numerator" in payload)) return undefined;
  return payload.denominator === 1n ? Number(payload.numerator) : undefined;
}

/** The line that writes an element, where it is there. */
export function storeLines(to: ElementOf, value: string, scope: Scope): string[] {
  const { module, of } = scope.kernel;
  const { name, presence, element: type } = module.bindingOf(to.buffer, of);
  const conditions = [
    ...(to.buffer.role === "output" && presence !== undefined ? [presence] : []),
    ...to.guards.map((guard) => guardText(guard, scope)),
  ];
  const write = `${name}[${indexText(to, scope)}] = ${type === "f32" ? value : `${type}(${value})`};`;
  return conditions.length === 0 ? [write] : [`if (${allOf(conditions)}) {`, write, "}"];
}
