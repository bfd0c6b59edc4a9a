/** Bounds that cannot act, in emitted code: `2 ** 300 < p ? 2 ** 300 : p` after p was held below that. */
import ts from "typescript";

type Range = readonly [low: number, high: number];
const EVERYTHING: Range = [-Infinity, Infinity];

/** The texts of bounds, in statements `const name = ...`, that their operand keeps anyway. */
export function idleBounds(code: string): string[] {
  const file = ts.createSourceFile("code.js", code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const known = new Map<string, Range>();
  const found: string[] = [];
  const text = (node: ts.Node): string => node.getText(file);

  /** `c ? a : b`, which WGSL writes as select(b, a, c). */
  const choice = (node: ts.Expression): readonly [ts.Expression, ts.Expression, ts.Expression] | undefined => {
    if (ts.isConditionalExpression(node)) return [node.condition, node.whenTrue, node.whenFalse];
    if (!ts.isCallExpression(node) || text(node.expression) !== "select" || node.arguments.length !== 3)
      return undefined;
    const [no, yes, condition] = node.arguments;
    return [condition!, yes!, no!];
  };
  const bounded = (node: ts.Expression): Range | undefined => {
    const [condition, yes, no] = choice(node) ?? [];
    if (condition === undefined || !ts.isBinaryExpression(condition)) return undefined;
    if (condition.operatorToken.kind !== ts.SyntaxKind.LessThanToken) return undefined;
    const { left, right } = condition;
    const isLower = text(left) === text(no!) && text(right) === text(yes!);
    const isUpper = text(right) === text(no!) && text(left) === text(yes!);
    const bound = numberOf(text(yes!));
    if (bound === undefined || !(isLower || isUpper)) return undefined;
    const [low, high] = rangeOf(no!);
    if (isLower ? low >= bound : high <= bound) found.push(text(node));
    return isLower ? [Math.max(low, bound), Math.max(high, bound)] : [Math.min(low, bound), Math.min(high, bound)];
  };
  const rangeOf = (node: ts.Expression): Range => {
    const value = numberOf(text(node));
    if (value !== undefined) return [value, value];
    if (ts.isParenthesizedExpression(node)) return rangeOf(node.expression);
    if (ts.isIdentifier(node)) return known.get(node.text) ?? EVERYTHING;
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
      const [low, high] = rangeOf(node.operand);
      return [-high, -low];
    }
    if (ts.isCallExpression(node) && /^(Math\.)?abs$/.test(text(node.expression))) {
      const [low, high] = rangeOf(node.arguments[0]!);
      return [low > 0 ? low : high < 0 ? -high : 0, Math.max(-low, high)];
    }
    return bounded(node) ?? EVERYTHING;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node)) known.clear();
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
      const range = rangeOf(node.initializer);
      // Two functions may have the same name for different things.
      known.set(text(node.name), range);
      if (bounded(node.initializer) !== undefined) return;
    } else if (ts.isExpression(node) && choice(node) !== undefined) bounded(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...new Set(found)];
}

/** `-(2 ** 300)`, `1e-5`. */
function numberOf(text: string): number | undefined {
  const [, sign, base, exponent] = /^(-?)\(?(\d[\d.e+-]*)(?: \*\* (-?\d+))?\)?$/.exec(text) ?? [];
  if (base === undefined) return undefined;
  const value = exponent === undefined ? Number(base) : Number(base) ** Number(exponent);
  return sign === "-" ? -value : value;
}
