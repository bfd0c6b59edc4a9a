/** TypeScript's syntax tree to ours: a table of statements; the rest becomes `unreadable`. */
import type { ts as typescript } from "ts-morph";
import { createNesting } from "../nesting.js";
import { createExpressions, firstOf, hoisted, row, span, type Row } from "./convert-expressions.js";
import { effectsOf } from "./effects.js";
import { kindsOf } from "./kinds.js";
import { isErased } from "./lexical.js";
import type { Declared, Expression, Source, Statement } from "./syntax.js";
import * as why from "./unreadable.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

export function converter(ts: TypeScript, file: typescript.SourceFile): Omit<Source, "text"> {
  const nested = createNesting();
  const kinds = kindsOf(ts);
  const block = (node: typescript.Block): Statement => ({
    kind: "block",
    body: statementsOf(node.statements),
    ...span(node),
  });
  /** Functions are there from the start of their block. */
  const statementsOf = (nodes: readonly typescript.Statement[]): Statement[] => [
    ...nodes.filter(ts.isFunctionDeclaration).flatMap(statement),
    ...nodes.filter((node) => !ts.isFunctionDeclaration(node)).flatMap(statement),
  ];
  const single = (node: typescript.Statement): Statement => {
    const body = statement(node);
    return body.length === 1 ? body[0]! : { kind: "block", body, ...span(node) };
  };

  const { expression, functionNode, pattern, unreadable } = createExpressions({ ts, file, kinds, nested, block });

  const statement = (node: Node): readonly Statement[] =>
    nested<readonly Statement[]>(
      () => [unreadable(node, why.TOO_DEEP)],
      () => firstOf(STATEMENTS, node) ?? [unreadable(node)],
    );

  const howDeclared = (list: typescript.VariableDeclarationList): Declared =>
    (list.flags & ts.NodeFlags.Const) !== 0 ? "const" : (list.flags & ts.NodeFlags.Let) !== 0 ? "let" : "var";

  const named = (node: Node, name: Node | undefined, value: Expression, how: Declared = "const"): Statement => ({
    kind: "declare",
    target: { kind: "name", name: name?.getText(file) ?? "default", ...span(name ?? node) },
    value,
    how,
    ...span(node),
  });

  /** Looking at a member, or writing it as text, may run code. */
  const hasHooks = /\bget\s+[\w$"'[#]|defineProperty|\bProxy\b|\btoString\b|\bvalueOf\b|toPrimitive|toJSON/.test(
    file.text,
  );
  /** It is only looked at: nothing in it is called, made or assigned. */
  const isPure = (root: Node): boolean => {
    const stack: Node[] = [root];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (ts.isFunctionLike(node)) continue;
      const acts =
        ts.isCallLikeExpression(node) ||
        (hasHooks && (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))) ||
        ts.isDeleteExpression(node) ||
        ts.isAwaitExpression(node) ||
        ts.isYieldExpression(node) ||
        kinds.isAssignment(node) ||
        kinds.isStep(node);
      if (acts) return false;
      ts.forEachChild(node, (child) => void stack.push(child));
    }
    return true;
  };

  const effect = (node: typescript.Expression): readonly Statement[] => {
    if (kinds.isAssignment(node)) {
      const operator = node.operatorToken.getText(file).slice(0, -1);
      return [
        {
          kind: "assign",
          target: expression(node.left),
          ...(operator !== "" && { operator }),
          value: expression(node.right),
          ...span(node),
        },
      ];
    }
    if (kinds.isStep(node)) {
      const operator = (ts.tokenToString(node.operator) ?? "+").slice(1);
      const value: Expression = { kind: "number", text: "1", ...span(node) };
      return [{ kind: "assign", target: expression(node.operand), operator, value, ...span(node) }];
    }
    if (ts.isDeleteExpression(node)) return [{ kind: "delete", target: expression(node.expression), ...span(node) }];
    // Directives.
    if (ts.isStringLiteral(node)) return [];
    if (ts.isCallExpression(node))
      return [
        {
          kind: "effect",
          callee: expression(node.expression),
          isPure: node.arguments.every(isPure),
          ...span(node),
        },
      ];
    return [unreadable(node)];
  };

  const STATEMENTS: readonly Row<readonly Statement[]>[] = [
    (node) => (isErased(ts, node) ? [] : undefined),
    row(ts.isVariableStatement, ({ declarationList }) =>
      declarationList.declarations.map((node) => ({
        kind: "declare",
        target: pattern(node.name),
        ...(node.initializer !== undefined && { value: expression(node.initializer) }),
        how: howDeclared(declarationList),
        ...span(node),
      })),
    ),
    row(ts.isFunctionDeclaration, (node) =>
      node.body === undefined
        ? []
        : [
            named(
              node,
              node.name,
              { kind: "function", node: functionNode(node, node.body), ...span(node) },
              "function",
            ),
          ],
    ),
    row(ts.isClassDeclaration, (node) => [named(node, node.name, expression(node), "class")]),
    row(ts.isExportAssignment, (node) => [named(node, undefined, expression(node.expression))]),
    row(ts.isExpressionStatement, (node) => effect(node.expression)),
    row(ts.isIfStatement, (node) => [
      {
        kind: "if",
        condition: expression(node.expression),
        yes: single(node.thenStatement),
        ...(node.elseStatement !== undefined && { no: single(node.elseStatement) }),
        ...span(node),
      },
    ]),
    row(ts.isBlock, (node) => [block(node)]),
    row(ts.isReturnStatement, (node) => [
      { kind: "return", ...(node.expression !== undefined && { value: expression(node.expression) }), ...span(node) },
    ]),
    row(ts.isThrowStatement, (node) => [{ kind: "throw", ...span(node) }]),
    row(ts.isForStatement, (node) => [
      {
        kind: "for",
        header: file.text.slice(node.getStart(file), node.statement.getStart(file)),
        body: single(node.statement),
        ...span(node),
      },
    ]),
    row(ts.isImportDeclaration, (node) => [foreign(node, node.importClause)]),
    row(ts.isImportEqualsDeclaration, (node) => [foreign(node, node)]),
    row(ts.isEnumDeclaration, (node) => [foreign(node, node)]),
    row(ts.isModuleDeclaration, (node) => [foreign(node, node)]),
    (node) => (ts.isEmptyStatement(node) || ts.isExportDeclaration(node) ? [] : undefined),
  ];

  /** The names that an import, an enumeration or a namespace declares. */
  const foreign = (node: Node, declared: Node | undefined): Statement => {
    const names: string[] = [];
    const visit = (inner: Node): void => {
      const name = (inner as { readonly name?: Node }).name;
      if (name !== undefined && ts.isIdentifier(name)) names.push(name.text);
      if (ts.isImportClause(inner) || ts.isNamedImports(inner)) ts.forEachChild(inner, visit);
    };
    if (declared !== undefined) visit(declared);
    return { kind: "foreign", names, ...span(node) };
  };

  return {
    statements: statementsOf(file.statements),
    variables: hoisted(ts, file).variables,
    effects: effectsOf(ts, file, kinds),
  };
}
