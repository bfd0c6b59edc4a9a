/** mathjs's syntax tree to an expression, by an explicit stack: a sum of ten thousand terms is ten thousand deep. */
import { nearest } from "../diagnostic.js";
import { and as both, decimal, select } from "../ir/build.js";
import { topological, type Expr } from "../ir/expr.js";
import { isCondition } from "../ir/ops.js";
import {
  EQUIVALENTS,
  FUNCTIONS,
  OPERATORS,
  usage,
  type OperandType,
  type Row,
  WITHOUT_EQUIVALENT,
} from "./functions.js";
import type { SyntaxNode } from "./mathjs.js";
import { isOutOfRange, outOfRange, reasonAgainstLength } from "./literals.js";
import { quote, refusal, type Reason, type Span } from "./place.js";
import { tokenOfConstant, tokenOfSymbol } from "./syntax.js";
import type { Token } from "./tokens.js";

/** An expression, and the first and the last token that spell it. */
interface Translated {
  readonly expr: Expr;
  readonly first: number;
  readonly last: number;
}

/** The expression that a name stands for, or why it stands for none. */
export type Resolve = (name: string) => Expr | Reason;

export function translate(text: string, tokens: readonly Token[], root: SyntaxNode, resolve: Resolve): Expr {
  const span = ({ first, last }: Pick<Translated, "first" | "last">): Span => ({
    start: tokens[first]!.start,
    end: tokens[last]!.end,
  });
  const refuse = (place: Pick<Translated, "first" | "last">, reason: Reason): never => {
    throw refusal(text, span(place), reason);
  };
  /** Where each literal stands, so that one that no float can hold is refused where the user wrote it. */
  const literals = new Map<Expr, Translated>();

  const typedOperand = (operand: Translated, type: OperandType, user: string): Expr => {
    if (type === "number") return isCondition(operand.expr) ? select(operand.expr, 1, 0) : operand.expr;
    if (isCondition(operand.expr)) return operand.expr;
    const { start, end } = span(operand);
    const written = quote(text.slice(start, end));
    return refuse(operand, {
      message: `${user} needs a condition, and ${written} is a number`,
      hint:
        user === '"not"'
          ? '"not" binds tighter than a comparison: write "not (a < b)"'
          : 'compare it with another number, such as "... > 0"',
    });
  };

  const apply = (
    row: Row,
    user: string,
    operands: readonly Translated[],
    place: Pick<Translated, "first" | "last">,
  ): Translated => {
    const args = operands.map((operand, i) => typedOperand(operand, row.types?.[i] ?? "number", user));
    const reason = row.refuse?.(...args);
    if (reason !== undefined) refuse(place, reason);
    const result = { expr: row.build(...args), first: place.first, last: place.last };
    if (result.expr.op === "rational" && !literals.has(result.expr)) literals.set(result.expr, result);
    return result;
  };

  const finish = (node: SyntaxNode, operands: readonly Translated[]): Translated => {
    const [left, right] = [operands[0], operands.at(-1)];
    switch (node.type) {
      case "ConstantNode": {
        const at = tokenOfConstant(node);
        const result = { expr: number(text, tokens[at]!), first: at, last: at };
        if (!literals.has(result.expr)) literals.set(result.expr, result);
        return result;
      }
      case "SymbolNode": {
        const at = tokenOfSymbol(node);
        const found = resolve(tokens[at]!.text);
        return "message" in found ? refuse({ first: at, last: at }, found) : { expr: found, first: at, last: at };
      }
      case "ParenthesisNode": {
        // The parentheses around the middle of a conditional are ours, and stand for no tokens.
        const written = tokens[left!.first - 1]!.text === "(";
        return written ? { expr: left!.expr, first: left!.first - 1, last: left!.last + 1 } : left!;
      }
      case "OperatorNode": {
        const first = operands.length === 1 ? left!.first - 1 : left!.first;
        const user = operands.length === 1 ? first : left!.last + 1;
        const row = OPERATORS.get(node.fn)!;
        return apply(row, quote(tokens[user]!.text), operands, { first, last: right!.last });
      }
      case "FunctionNode": {
        const first = tokenOfSymbol(node.fn as SyntaxNode & { type: "SymbolNode" });
        const place = { first, last: (right?.last ?? first + 1) + 1 };
        const name = tokens[first]!.text;
        const row = FUNCTIONS.get(name) ?? refuse({ first, last: first }, reasonAgainstCall(name));
        const reason = reasonAgainstCount(name, row.count, operands.length);
        if (reason !== undefined) refuse(place, reason);
        return apply(row, quote(name), operands, place);
      }
      case "ConditionalNode": {
        const [condition, a, b] = operands as readonly [Translated, Translated, Translated];
        return apply(FUNCTIONS.get("where")!, '"?"', [condition, a, b], { first: condition.first, last: b.last });
      }
      case "RelationalNode": {
        const parts = node.conditionals.map((fn, i) => {
          const [a, b] = [operands[i]!, operands[i + 1]!];
          return apply(OPERATORS.get(fn)!, quote(tokens[a.last + 1]!.text), [a, b], { first: a.first, last: b.last })
            .expr;
        });
        return { expr: parts.reduce(both), first: left!.first, last: right!.last };
      }
    }
  };

  const whole = walk(root, finish);
  const expr = typedOperand(whole, "number", "");
  for (const leaf of topological([expr])) {
    if (!isOutOfRange(leaf)) continue;
    const place = literals.get(leaf) ?? whole;
    const { start, end } = span(place);
    refuse(place, outOfRange(quote(text.slice(start, end))));
  }
  return expr;
}

function children(node: SyntaxNode): readonly SyntaxNode[] {
  switch (node.type) {
    case "ConstantNode":
    case "SymbolNode":
      return [];
    case "ParenthesisNode":
      return [node.content];
    case "ConditionalNode":
      return [node.condition, node.trueExpr, node.falseExpr];
    case "RelationalNode":
      return node.params;
    default:
      return node.args;
  }
}

/** Folds a tree from its leaves up, left to right. */
function walk<Result>(root: SyntaxNode, finish: (node: SyntaxNode, operands: readonly Result[]) => Result): Result {
  const results: Result[] = [];
  const stack: { readonly node: SyntaxNode; readonly operands: readonly SyntaxNode[]; next: number }[] = [];
  const enter = (node: SyntaxNode): void => void stack.push({ node, operands: children(node), next: 0 });
  enter(root);
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    if (top.next < top.operands.length) {
      enter(top.operands[top.next++]!);
      continue;
    }
    stack.pop();
    const operands = results.splice(results.length - top.operands.length);
    results.push(finish(top.node, operands));
  }
  return results[0]!;
}

function number(text: string, token: Token): Expr {
  const why = reasonAgainstLength(token.text);
  if (why !== undefined) throw refusal(text, token, why);
  try {
    return decimal(token.text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusal(text, token, outOfRange(quote(token.text)));
  }
}

function reasonAgainstCall(name: string): Reason {
  const message = `${quote(name)} is not a function`;
  const equivalent = EQUIVALENTS.get(name.toLowerCase());
  if (equivalent !== undefined) return { message: `${message} of formulas`, hint: `write "${equivalent}"` };
  if (WITHOUT_EQUIVALENT.has(name.toLowerCase()))
    return { message: `${message} of formulas`, hint: "nothing that formulas have gives its values" };
  const close =
    nearest(name, FUNCTIONS.keys()) ?? [...FUNCTIONS.keys()].find((other) => letters(other) === letters(name));
  if (close !== undefined) return { message, hint: `did you mean "${close}"?` };
  return {
    message,
    hint: `to multiply, write "*" before the parenthesis; the functions are ${[...FUNCTIONS.keys()].join(", ")}`,
  };
}

/** Two neighbouring letters exchanged are two edits, but one slip. */
const letters = (name: string): string => [...name.toLowerCase()].sort().join("");

function reasonAgainstCount(name: string, count: Row["count"], given: number): Reason | undefined {
  const fits = typeof count === "number" ? given === count : given >= count.atLeast;
  if (fits) return undefined;
  const wanted = typeof count === "number" ? String(count) : `at least ${count.atLeast}`;
  const plural = wanted === "1" ? "argument" : "arguments";
  return {
    message: `${quote(name)} takes ${wanted} ${plural}, and ${given} ${given === 1 ? "is" : "are"} given`,
    hint: name === "log" && given === 2 ? 'write "log(x) / log(base)"' : `write "${usage(name, count)}"`,
  };
}
