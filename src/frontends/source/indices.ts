/** Which keys of elements are surely numbers, so that who writes an element by one writes no member of an object by its name. */
import type { ts as typescript } from "ts-morph";
import type { Kinds } from "./kinds.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

/** A literal, a difference, `i++`, and a variable of a function that only ever gets such. */
export function createIndices(ts: TypeScript, file: typescript.SourceFile, kinds: Kinds): (node: Node) => boolean {
  const isIndex = (node: Node): boolean =>
    ts.isNumericLiteral(node) ||
    kinds.isStep(node) ||
    (kinds.isWrapper(node) && isIndex(node.expression)) ||
    (ts.isIdentifier(node) && isCounter(node)) ||
    (ts.isBinaryExpression(node) &&
      (/^[-*/%|&]$/.test(node.operatorToken.getText(file)) ||
        (node.operatorToken.kind === ts.SyntaxKind.PlusToken && isIndex(node.left) && isIndex(node.right))));

  /** By function and name. A variable counts while it is looked at: what it gets of itself is what it had. */
  const found = new Map<Node, Map<string, boolean>>();
  const isCounter = (node: typescript.Identifier): boolean => {
    const owner = ts.findAncestor(node, (at) => ts.isFunctionLike(at));
    if (owner === undefined) return false;
    const known = found.get(owner) ?? new Map<string, boolean>();
    found.set(owner, known);
    if (!known.has(node.text)) {
      known.set(node.text, true);
      known.set(node.text, onlyCounts(owner, node.text));
    }
    return known.get(node.text)!;
  };

  const onlyCounts = (owner: Node, name: string): boolean => {
    const isNamed = (node: Node | undefined): boolean =>
      node !== undefined && ts.isIdentifier(node) && node.text === name;
    let isDeclared = false;
    const stack: Node[] = [owner];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if ((ts.isParameter(node) || ts.isBindingElement(node)) && isNamed(node.name)) return false;
      if (ts.isVariableDeclaration(node) && isNamed(node.name)) {
        if (node.initializer === undefined || !isIndex(node.initializer)) return false;
        isDeclared = true;
      }
      if ((ts.isForInStatement(node) || ts.isForOfStatement(node)) && isNamed(node.initializer)) return false;
      if (kinds.isAssignment(node)) {
        const isPattern = ts.isArrayLiteralExpression(node.left) || ts.isObjectLiteralExpression(node.left);
        if (
          isPattern &&
          node.left
            .getText(file)
            .split(/[^\w$]+/)
            .includes(name)
        )
          return false;
        if (isNamed(node.left) && !isIndex(node.right)) return false;
      }
      ts.forEachChild(node, (child) => void stack.push(child));
    }
    return isDeclared;
  };

  return isIndex;
}
