/** Comparisons, "not", "and" and "or": from the parts in their order to a tree, by the precedences of Python. */
import type { Span } from "../place.js";
import type { Expression } from "./syntax.js";
import { childrenOf, span, type Node } from "./tree.js";

type Operator = Span & { readonly operator: string };

/** The names of nodes that are operators of tests. */
export const TESTS: ReadonlySet<string> = new Set(["CompareOp", "in", "not", "is", "and", "or"]);

const MOST_PARTS = 300;

const isTest = (node: Node): boolean =>
  (node.name === "BinaryExpression" || node.name === "UnaryExpression") &&
  childrenOf(node).some(({ name }) => TESTS.has(name));

/** The operands and operators of nested tests as they are written; undefined where there are too many. */
export function testParts(
  root: Node,
  textOf: (node: Node) => string,
): readonly (Operator | { readonly operand: Node })[] | undefined {
  const parts: (Operator | { readonly operand: Node })[] = [];
  const waiting: Node[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (parts.length > MOST_PARTS) return undefined;
    if (isTest(node)) waiting.push(...[...childrenOf(node)].reverse());
    else if (TESTS.has(node.name)) parts.push({ operator: textOf(node), ...span(node) });
    else parts.push({ operand: node });
  }
  return parts;
}

/** or < and < not < comparisons, which come in chains. */
export function readTest(parts: readonly (Operator | Expression)[]): Expression {
  let at = 0;
  const operatorAt = (index: number): string => {
    const part = parts[index];
    return part !== undefined && "operator" in part && !("kind" in part) ? part.operator : "";
  };
  const binary = (operator: string, inner: () => Expression) => (): Expression => {
    let left = inner();
    while (operatorAt(at) === operator) {
      at += 1;
      const right = inner();
      left = { kind: "binary", operator, left, right, start: left.start, end: right.end };
    }
    return left;
  };
  const negation = (): Expression => {
    if (operatorAt(at) !== "not") return comparison();
    const { start } = parts[at]!;
    at += 1;
    const operand = negation();
    return { kind: "unary", operator: "not", operand, start, end: operand.end };
  };
  const comparison = (): Expression => {
    let left = parts[at++] as Expression;
    let chain: Expression | undefined;
    for (let operator = comparisonAt(); operator !== undefined; operator = comparisonAt()) {
      const right = parts[at++] as Expression;
      const link: Expression = { kind: "binary", operator, left, right, start: left.start, end: right.end };
      // `a < b < c` means `a < b and b < c`.
      chain =
        chain === undefined
          ? link
          : { kind: "binary", operator: "and", left: chain, right: link, start: chain.start, end: right.end };
      left = right;
    }
    return chain ?? left;
  };
  /** `<`, `is not`, `not in`. */
  const comparisonAt = (): string | undefined => {
    const first = operatorAt(at);
    if (first === "" || first === "and" || first === "or") return undefined;
    const second = operatorAt(at + 1);
    const isPair = (first === "is" && second === "not") || (first === "not" && second === "in");
    at += isPair ? 2 : 1;
    return isPair ? `${first} ${second}` : first;
  };
  const conjunction = binary("and", negation);
  return binary("or", conjunction)();
}
