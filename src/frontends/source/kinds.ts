/** Questions about TypeScript's syntax that it has no word for itself, and which names a file assigns to. */
import type { ts as typescript } from "ts-morph";

type TypeScript = typeof typescript;
type Node = typescript.Node;
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
  /** What changes nothing about the value inside it. */
  readonly isWrapper: (node: Node) => node is Wrapper;
  readonly isFunction: (node: Node) => node is typescript.ArrowFunction | typescript.FunctionExpression;
  readonly isFrozen: (node: Node) => node is typescript.CallExpression;
  /** `exports.f` and `module.exports.f`, which is a variable in all but spelling. */
  readonly isExported: (node: Node) => node is typescript.PropertyAccessExpression;
}

export const kindsOf = (ts: TypeScript, file: typescript.SourceFile): Kinds => ({
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
  isFrozen: (node): node is typescript.CallExpression =>
    ts.isCallExpression(node) && node.arguments.length === 1 && node.expression.getText(file) === "Object.freeze",
  isExported: (node): node is typescript.PropertyAccessExpression =>
    ts.isPropertyAccessExpression(node) && /^(?:module\s*\.\s*)?exports$/.test(node.expression.getText(file)),
});

/** The names that a function declares; assignments to them inside it are its own affair. */
interface Locals {
  readonly names: Set<string>;
  readonly outer: Locals | undefined;
}

/** The variables of the file that are assigned to after their declaration, wherever. */
export function reassignedNames(ts: TypeScript, file: typescript.SourceFile, kinds: Kinds): ReadonlySet<string> {
  const assignments: { readonly name: string; readonly locals: Locals | undefined }[] = [];
  const stack: { readonly node: Node; readonly target: boolean; readonly locals: Locals | undefined }[] = [
    { node: file, target: false, locals: undefined },
  ];
  while (stack.length > 0) {
    const { node, target, locals } = stack.pop()!;
    if (target && ts.isIdentifier(node)) assignments.push({ name: node.text, locals });
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    )
      locals?.names.add(node.name.text);
    const inner = ts.isFunctionLike(node) ? { names: new Set<string>(), outer: locals } : locals;
    const assigned = kinds.isAssignment(node)
      ? node.left
      : kinds.isStep(node)
        ? node.operand
        : ts.isForOfStatement(node) || ts.isForInStatement(node)
          ? node.initializer
          : undefined;
    ts.forEachChild(
      node,
      (child) => void stack.push({ node: child, target: target || child === assigned, locals: inner }),
    );
  }
  return new Set(
    assignments.flatMap(({ name, locals }) => {
      for (let at = locals; at !== undefined; at = at.outer) if (at.names.has(name)) return [];
      return [name];
    }),
  );
}
