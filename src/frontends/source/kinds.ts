/** Questions about TypeScript's syntax that it has no word for itself. */
import type { ts as typescript } from "ts-morph";
import type { Span } from "../place.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;
export const span = (node: Node): Span => ({ start: node.getStart(), end: node.end });

type Step = typescript.PrefixUnaryExpression | typescript.PostfixUnaryExpression;
type Wrapper =
  | typescript.ParenthesizedExpression
  | typescript.AsExpression
  | typescript.SatisfiesExpression
  | typescript.NonNullExpression
  | typescript.TypeAssertion;

export interface Kinds {
  readonly isAssignment: (node: Node) => node is typescript.BinaryExpression;
  /** `++` and `--`. */
  readonly isStep: (node: Node) => node is Step;
  /** Syntax around a value that changes nothing about it. */
  readonly isWrapper: (node: Node) => node is Wrapper;
  readonly isFunction: (node: Node) => node is typescript.ArrowFunction | typescript.FunctionExpression;
}

export const kindsOf = (ts: TypeScript): Kinds => ({
  isAssignment: (node): node is typescript.BinaryExpression =>
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment,
  isStep: (node): node is Step =>
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken),
  isWrapper: (node): node is Wrapper =>
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node),
  isFunction: (node): node is typescript.ArrowFunction | typescript.FunctionExpression =>
    ts.isArrowFunction(node) || ts.isFunctionExpression(node),
});
