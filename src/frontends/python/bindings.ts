/** Names that a function of Python gives values to, wherever in it. */
import { childrenOf, type Node } from "./tree.js";

/** The names that a function gives values to: its own, unless it says that they are others'. */
export function boundIn(root: Node, textOf: (node: Node) => string): ReadonlySet<string> {
  const bound = new Set<string>();
  const others = new Set<string>();
  const stack: Node[] = [root];
  const addNames = (node: Node): void => {
    if (node.name === "VariableName") bound.add(textOf(node));
    if (/^(?:Tuple|Array|Parenthesized)Expression$/.test(node.name)) childrenOf(node).forEach(addNames);
  };
  const addUntil = (node: Node, sign: string): void => {
    for (const child of childrenOf(node)) {
      if (child.name === sign) return;
      addNames(child);
    }
  };
  while (stack.length > 0) {
    const node = stack.pop()!;
    const isInner = node !== root && /^(?:FunctionDefinition|LambdaExpression|ClassDefinition)$/.test(node.name);
    if (isInner) {
      const name = childrenOf(node).find((child) => child.name === "VariableName");
      if (name !== undefined && node.name !== "LambdaExpression") bound.add(textOf(name));
      continue;
    }
    switch (node.name) {
      case "ParamList":
        for (const child of childrenOf(node))
          if (child.name === "VariableName" && child.prevSibling?.name !== "AssignOp") bound.add(textOf(child));
        break;
      case "AssignStatement": {
        const children = childrenOf(node);
        const last = children.findLastIndex(({ name }) => name === "AssignOp");
        children.slice(0, Math.max(last, 0)).forEach(addNames);
        break;
      }
      case "UpdateStatement":
        addUntil(node, "UpdateOp");
        break;
      case "NamedExpression":
        addUntil(node, "AssignOp");
        break;
      case "ForStatement":
        addUntil(node, "in");
        break;
      case "WithStatement":
      case "TryStatement":
        for (const child of childrenOf(node)) if (child.prevSibling?.name === "as") addNames(child);
        break;
      case "ImportStatement":
        for (const child of childrenOf(node)) if (child.name === "VariableName") bound.add(textOf(child));
        break;
      case "ScopeStatement":
        for (const child of childrenOf(node)) if (child.name === "VariableName") others.add(textOf(child));
        break;
    }
    stack.push(...childrenOf(node));
  }
  for (const name of others) bound.delete(name);
  return bound;
}
