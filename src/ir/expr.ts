/**
 * The scalar expression.
 *
 * An `Expr` is immutable and hash-consed: equal expressions are the same object, so `===` decides equality and common
 * subexpressions are shared from birth. Its meaning is its value over the reals. In float64, NaN in gives NaN out: a
 * comparison with NaN is itself NaN, and a `select` on it is NaN.
 *
 * Expressions are DAGs, possibly very deep: walk them with `topological`, never by recursion.
 */
import type { OperationName } from "./ops.js";
import type { Rational } from "./rational.js";

/** A free variable. `range` is what callers promise about it, ends included; proofs and guards may rely on it. */
export interface Variable {
  readonly name: string;
  readonly role: "input" | "output" | "gradient" | "parameter" | "wildcard";
  readonly range: readonly [low: number, high: number];
}

/**
 * The payload of a leaf: a rational, a float that is no rational (NaN, -0, an infinity), a constant's name, a variable.
 */
export type Payload = Rational | number | string | Variable | undefined;

export interface Expr {
  readonly id: number;
  readonly op: OperationName;
  readonly args: readonly Expr[];
  readonly payload: Payload;
  /** A hash of the structure, the same in every run: it orders operands, `id` must not. */
  readonly hash: number;
  /** No variable occurs in it: a constant such as sqrt(2/pi). */
  readonly closed: boolean;
  /** The length of the longest path down to a leaf. */
  readonly height: number;
}

const NO_ARGS: readonly Expr[] = Object.freeze([]);

/** The interner: with what is remembered of its nodes, the only state in the library. Open addressing over node ids. */
const nodes: Expr[] = [];
let table = new Int32Array(1 << 16).fill(-1);
const leaves = new Map<string, Expr>();
/** Rational numbers by denominator and numerator: to write them as text takes longer than anything else done with them. */
const rationals = new Map<bigint, Map<bigint, Expr>>();

const mix = (hash: number, value: number): number => {
  let h = Math.imul(hash ^ value, 0x9e3779b1);
  h ^= h >>> 15;
  return Math.imul(h, 0x85ebca77) ^ (h >>> 13);
};

const hashText = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
};

const operationHashes = new Map<string, number>();
const hashOperation = (op: string): number => {
  let h = operationHashes.get(op);
  if (h === undefined) operationHashes.set(op, (h = hashText(op)));
  return h;
};

const isRational = (payload: Payload): payload is Rational => typeof payload === "object" && "numerator" in payload;

/** A key that tells -0 from 0 and one variable from another by everything that is known of it. */
function payloadKey(op: string, payload: Payload): string {
  if (typeof payload === "number") return `${op}:${Object.is(payload, -0) ? "-0" : payload}`;
  if (isRational(payload)) return `${op}:${payload.numerator}/${payload.denominator}`;
  if (typeof payload === "object") return `${op}:${payload.role}:${payload.name}:${payload.range.join(",")}`;
  return `${op}:${payload ?? ""}`;
}

function create(op: OperationName, args: readonly Expr[], payload: Payload, hash: number): Expr {
  const closed = op !== "variable" && args.every((arg) => arg.closed);
  let height = 0;
  for (const arg of args) height = Math.max(height, arg.height + 1);
  const node = Object.freeze({ id: nodes.length, op, args, payload, hash, closed, height });
  nodes.push(node);
  return node;
}

/** The leaf with this operation and payload. */
export function leaf(op: OperationName, payload: Payload): Expr {
  if (op === "rational" && isRational(payload)) return rationalLeaf(payload);
  const key = payloadKey(op, payload);
  let node = leaves.get(key);
  if (node === undefined) {
    if (typeof payload === "object") Object.freeze(payload);
    leaves.set(key, (node = create(op, NO_ARGS, payload, hashText(key))));
  }
  return node;
}

function rationalLeaf(value: Rational): Expr {
  let known = rationals.get(value.denominator);
  if (known === undefined) rationals.set(value.denominator, (known = new Map()));
  let node = known.get(value.numerator);
  if (node === undefined) {
    const hash = hashText(payloadKey("rational", value));
    known.set(value.numerator, (node = create("rational", NO_ARGS, Object.freeze(value), hash)));
  }
  return node;
}

/** Whether two lists hold the same expressions. */
function isSame(a: readonly Expr[], b: readonly Expr[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The node with this operation and these arguments: the same object whenever they are the same. */
export function node(op: OperationName, ...args: Expr[]): Expr {
  let hash = hashOperation(op);
  let slot = hash;
  for (const arg of args) {
    hash = mix(hash, arg.hash);
    slot = mix(slot, arg.id);
  }
  const mask = table.length - 1;
  for (let index = slot & mask; ; index = (index + 1) & mask) {
    const id = table[index]!;
    if (id < 0) {
      const created = create(op, Object.freeze(args), undefined, hash);
      table[index] = created.id;
      if (nodes.length * 2 > table.length) grow();
      return created;
    }
    const candidate = nodes[id]!;
    if (candidate.op === op && isSame(candidate.args, args)) return candidate;
  }
}

function grow(): void {
  table = new Int32Array(table.length * 4).fill(-1);
  const mask = table.length - 1;
  for (const { id, op, args } of nodes) {
    if (args.length === 0) continue;
    let slot = hashOperation(op);
    for (const arg of args) slot = mix(slot, arg.id);
    let index = slot & mask;
    while (table[index]! >= 0) index = (index + 1) & mask;
    table[index] = id;
  }
}

/** The same operation on other arguments; the node itself when nothing changed. */
export function withArgs(expr: Expr, args: readonly Expr[]): Expr {
  return isSame(args, expr.args) ? expr : node(expr.op, ...args);
}

/** Marks of `topological` by id: a node is seen when its mark is the number of the pass. */
let marks = new Int32Array(1 << 16);
let passes = 0;

/**
 * Every node below the roots, arguments before users, in an order that only the structure decides; without those that are
 * known, and what only they use.
 */
export function topological(roots: readonly Expr[], known?: ReadonlyMap<Expr, unknown>): Expr[] {
  const order: Expr[] = [];
  const stack: Expr[] = [];
  if (marks.length < nodes.length || passes === 2 ** 31 - 1) {
    marks = new Int32Array(nodes.length * 2);
    passes = 0;
  }
  const [seen, pass] = [marks, ++passes];
  for (const root of roots) {
    stack.push(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (seen[top.id] === pass) {
        stack.pop();
        continue;
      }
      if (known?.has(top) === true) {
        stack.pop();
        seen[top.id] = pass;
        continue;
      }
      let ready = true;
      for (let i = top.args.length - 1; i >= 0; i--) {
        const arg = top.args[i]!;
        if (seen[arg.id] !== pass) {
          stack.push(arg);
          ready = false;
        }
      }
      if (ready) {
        stack.pop();
        seen[top.id] = pass;
        order.push(top);
      }
    }
  }
  return order;
}

/** Rebuilds a DAG bottom-up: `visit` gets each node once that has no result yet, its arguments already rebuilt. */
export function rebuild(
  roots: readonly Expr[],
  visit: (expr: Expr, original: Expr) => Expr,
  result = new Map<Expr, Expr>(),
): Map<Expr, Expr> {
  for (const expr of topological(roots, result))
    result.set(
      expr,
      visit(
        withArgs(
          expr,
          expr.args.map((arg) => result.get(arg)!),
        ),
        expr,
      ),
    );
  return result;
}

/** The expression with nodes replaced: keys of `replacements` stand for their values, everywhere. */
export function substitute(expr: Expr, replacements: ReadonlyMap<Expr, Expr>): Expr {
  return rebuild([expr], (rebuilt, original) => replacements.get(original) ?? rebuilt).get(expr)!;
}

/** The variables of an expression, in structural order. */
export const variables = (...roots: readonly Expr[]): Expr[] =>
  topological(roots).filter((expr) => expr.op === "variable");

export const variableOf = (expr: Expr): Variable => expr.payload as Variable;
