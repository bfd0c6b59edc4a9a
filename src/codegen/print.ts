/** Expressions as text with as few parentheses as precedence allows; nodes that have a name print as it. */
import type { Expr } from "../ir/expr.js";

/** How an operation is written: its precedence, the least precedence that each operand needs, and the text. */
export interface Spelling {
  readonly precedence: number;
  readonly operands: readonly number[];
  readonly write: (...operands: string[]) => string;
}

export const ATOM = 100;

export const infix = (symbol: string, precedence: number): Spelling => ({
  precedence,
  operands: [precedence, precedence + 1],
  write: (a, b) => `${a} ${symbol} ${b}`,
});

export const prefix = (symbol: string, precedence: number): Spelling => ({
  precedence,
  operands: [precedence],
  write: (a) => `${symbol}${a}`,
});

export const call = (name: string): Spelling => ({
  precedence: ATOM,
  operands: [0, 0, 0],
  write: (...operands) => `${name}(${operands.join(", ")})`,
});

export interface Printer {
  readonly spelling: (expr: Expr) => Spelling;
  /** The operands to print; default `expr.args`. */
  readonly operands?: (expr: Expr) => readonly Expr[];
  /** A leaf's text, and its precedence: a negative literal binds like a prefix minus. */
  readonly leaf: (expr: Expr) => { readonly text: string; readonly precedence: number };
}

interface Text {
  readonly text: string;
  readonly precedence: number;
}

/** Prints one expression; `name` gives the names of what was computed before, never of `expr` itself. */
export function printExpr(expr: Expr, printer: Printer, name: (expr: Expr) => string | undefined): string {
  const texts = new Map<Expr, Text>();
  const operandsOf = printer.operands ?? ((node: Expr) => node.args);
  const print = (node: Expr): Text => {
    const known = node === expr ? undefined : name(node);
    if (known !== undefined) return { text: known, precedence: ATOM };
    if (node.args.length === 0) return printer.leaf(node);
    const spelling = printer.spelling(node);
    const operands = operandsOf(node).map((arg, i) => {
      const { text, precedence } = texts.get(arg)!;
      return precedence < spelling.operands[i]! ? `(${text})` : text;
    });
    return { text: spelling.write(...operands), precedence: spelling.precedence };
  };
  for (const node of inlineNodes(expr, name, operandsOf)) texts.set(node, print(node));
  return texts.get(expr)!.text;
}

/** The nodes that are written in this line: those below `root` that have no name of their own. */
function inlineNodes(
  root: Expr,
  name: (expr: Expr) => string | undefined,
  operandsOf: (expr: Expr) => readonly Expr[],
): Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const stack = [root];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (seen.has(top)) {
      stack.pop();
      continue;
    }
    const waiting = top !== root && name(top) !== undefined ? [] : operandsOf(top).filter((arg) => !seen.has(arg));
    if (waiting.length === 0) {
      stack.pop();
      seen.add(top);
      order.push(top);
    } else stack.push(...waiting.reverse());
  }
  return order;
}
