/** TypeScript's syntax tree to ours: two tables of what is read; the rest becomes `unreadable`. */
import type { ts as typescript } from "ts-morph";
import { createNesting } from "../nesting.js";
import type { Reason, Span } from "../place.js";
import { kindsOf, reassignedNames } from "./kinds.js";
import type { Argument, Expression, Field, FunctionNode, Member, Pattern, Source, Statement, Tag } from "./syntax.js";
import * as why from "./unreadable.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

const span = (node: Node): Span => ({ start: node.getStart(), end: node.end });

export function converter(ts: TypeScript, file: typescript.SourceFile): Omit<Source, "text"> {
  const nested = createNesting();

  const reasonFor = (node: Node): Reason =>
    why.REASONS.get(ts.SyntaxKind[node.kind]) ?? (ts.isLiteralExpression(node) ? why.TEXT : why.UNKNOWN);
  const unreadable = (node: Node, reason = reasonFor(node)): Span & { kind: "unreadable"; reason: Reason } => ({
    kind: "unreadable",
    reason,
    ...span(node),
  });

  const keyOf = (name: typescript.PropertyName): string | undefined =>
    ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isPrivateIdentifier(name) ? name.text : undefined;
  const kinds = kindsOf(ts, file);
  type Row<Result> = (node: Node) => Result | undefined;
  const row =
    <Kind extends Node, Result>(is: (node: Node) => node is Kind, read: (node: Kind) => Result): Row<Result> =>
    (node) =>
      is(node) ? read(node) : undefined;
  const ofKind =
    (kind: typescript.SyntaxKind, result: (node: Node) => Expression): Row<Expression> =>
    (node) =>
      node.kind === kind ? result(node) : undefined;
  const first = <Result>(rows: readonly Row<Result>[], node: Node): Result | undefined => {
    for (const read of rows) {
      const result = read(node);
      if (result !== undefined) return result;
    }
    return undefined;
  };

  const expression = (node: Node): Expression =>
    nested(
      () => unreadable(node, why.TOO_DEEP),
      () => first(EXPRESSIONS, node) ?? unreadable(node),
    );

  const EXPRESSIONS: readonly Row<Expression>[] = [
    row(kinds.isWrapper, (node) => expression(node.expression)),
    row(ts.isNumericLiteral, (node) => ({ kind: "number", text: node.getText(file), ...span(node) })),
    row(ts.isIdentifier, (node) => ({ kind: "name", name: node.text, ...span(node) })),
    ofKind(ts.SyntaxKind.TrueKeyword, (node) => ({ kind: "truth", value: true, ...span(node) })),
    ofKind(ts.SyntaxKind.FalseKeyword, (node) => ({ kind: "truth", value: false, ...span(node) })),
    ofKind(ts.SyntaxKind.NullKeyword, (node) => ({ kind: "nothing", ...span(node) })),
    row(ts.isVoidExpression, (node) => ({ kind: "nothing", ...span(node) })),
    row(kinds.isAssignment, (node) => unreadable(node, why.IN_EXPRESSION)),
    row(kinds.isStep, (node) => unreadable(node, why.IN_EXPRESSION)),
    row(ts.isBinaryExpression, (node) => ({
      kind: "binary",
      operator: node.operatorToken.getText(file),
      left: expression(node.left),
      right: expression(node.right),
      ...span(node),
    })),
    row(ts.isPrefixUnaryExpression, (node) => ({
      kind: "unary",
      operator: ts.tokenToString(node.operator) ?? "",
      operand: expression(node.operand),
      ...span(node),
    })),
    row(ts.isConditionalExpression, (node) => ({
      kind: "conditional",
      condition: expression(node.condition),
      yes: expression(node.whenTrue),
      no: expression(node.whenFalse),
      ...span(node),
    })),
    row(kinds.isExported, (node) => ({ kind: "name", name: exportedName(node), ...span(node) })),
    row(ts.isPropertyAccessExpression, (node) => ({
      kind: "member",
      object: expression(node.expression),
      name: node.name.text,
      ...span(node),
    })),
    row(ts.isElementAccessExpression, (node) =>
      ts.isStringLiteral(node.argumentExpression)
        ? {
            kind: "member",
            object: expression(node.expression),
            name: node.argumentExpression.text,
            ...span(node),
          }
        : {
            kind: "element",
            object: expression(node.expression),
            index: expression(node.argumentExpression),
            ...span(node),
          },
    ),
    row(kinds.isFrozen, (node) => expression(node.arguments[0]!)),
    row(ts.isCallExpression, (node) => ({
      kind: "call",
      callee: expression(node.expression),
      args: node.arguments.map(expression),
      ...span(node),
    })),
    row(kinds.isFunction, (node) => ({ kind: "function", node: functionNode(node, node.body), ...span(node) })),
    row(ts.isObjectLiteralExpression, (node) => ({
      kind: "object",
      members: node.properties.flatMap(member),
      ...span(node),
    })),
    row(ts.isArrayLiteralExpression, (node) => ({
      kind: "list",
      elements: node.elements.map(expression),
      ...span(node),
    })),
    row(ts.isClassLike, (node) => ({ kind: "object", members: node.members.flatMap(member), ...span(node) })),
  ];

  const member = (node: typescript.ObjectLiteralElementLike | typescript.ClassElement): Member[] => {
    const name = node.name === undefined ? undefined : keyOf(node.name);
    if (name === undefined) return [];
    const place = span(node.name!);
    if (ts.isShorthandPropertyAssignment(node)) return [{ name, place, value: expression(node.name) }];
    if (ts.isPropertyAssignment(node)) return [{ name, place, value: expression(node.initializer) }];
    if (ts.isPropertyDeclaration(node) && node.initializer !== undefined)
      return [{ name, place, value: expression(node.initializer) }];
    if (ts.isMethodDeclaration(node) && node.body !== undefined)
      return [{ name, place, value: { kind: "function", node: functionNode(node, node.body), ...span(node) } }];
    return [];
  };

  const functionNode = (node: typescript.SignatureDeclaration, body: Node): FunctionNode =>
    nested<FunctionNode>(
      () => ({ args: [], body: unreadable(node, why.TOO_DEEP), reason: why.TOO_DEEP, tags: [], ...span(node) }),
      () => {
        const flags = ts.getCombinedModifierFlags(node as typescript.Declaration);
        const waits =
          (flags & ts.ModifierFlags.Async) !== 0 || ("asteriskToken" in node && node.asteriskToken !== undefined);
        return {
          args: node.parameters.filter(({ name }) => name.getText(file) !== "this").map(argument),
          body: ts.isBlock(body) ? block(body) : { kind: "return", value: expression(body), ...span(body) },
          tags: ts.getJSDocTags(node).map(tag),
          ...(waits && { reason: why.WAITING }),
          ...span(node),
        };
      },
    );

  const tag = (node: typescript.JSDocTag): Tag => ({
    name: node.tagName.text,
    text: (ts.getTextOfJSDocComment(node.comment) ?? "").split("\n")[0]!.trim(),
    ...span(node),
  });

  const argument = (node: typescript.ParameterDeclaration): Argument => ({
    target: node.dotDotDotToken === undefined ? pattern(node.name) : unreadable(node, why.REST),
    ...(node.initializer !== undefined && { initial: expression(node.initializer) }),
    ...span(node.name),
  });

  const pattern = (node: typescript.BindingName): Pattern => {
    if (ts.isIdentifier(node)) return { kind: "name", name: node.text, ...span(node) };
    if (ts.isArrayBindingPattern(node)) return unreadable(node, why.PATTERN);
    const fields = node.elements.map(field);
    const strange = fields.findIndex((read) => read === undefined);
    if (strange >= 0) return unreadable(node.elements[strange]!, why.PATTERN);
    return { kind: "fields", fields: fields.filter((read) => read !== undefined), ...span(node) };
  };

  const field = (node: typescript.BindingElement): Field | undefined => {
    const key = keyOf((node.propertyName ?? node.name) as typescript.PropertyName);
    if (!ts.isIdentifier(node.name) || key === undefined || node.dotDotDotToken !== undefined) return undefined;
    return {
      key,
      local: node.name.text,
      ...(node.initializer !== undefined && { initial: expression(node.initializer) }),
      ...span(node.name),
    };
  };

  const block = (node: typescript.Block | typescript.SourceFile): Statement => ({
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

  const statement = (node: Node): readonly Statement[] =>
    nested<readonly Statement[]>(
      () => [unreadable(node, why.TOO_DEEP)],
      () => first(STATEMENTS, node) ?? [unreadable(node)],
    );

  const howDeclared = (list: typescript.VariableDeclarationList): "const" | "let" | "var" =>
    (list.flags & ts.NodeFlags.Const) !== 0 ? "const" : (list.flags & ts.NodeFlags.Let) !== 0 ? "let" : "var";

  const named = (
    node: Node,
    name: Node | undefined,
    value: Expression,
    how: "const" | "let" = "const",
    text = name?.getText(file) ?? "default",
  ): Statement => ({
    kind: "declare",
    target: { kind: "name", name: text, ...span(name ?? node) },
    value,
    how,
    ...span(node),
  });

  const exportedName = ({ name }: typescript.PropertyAccessExpression): string => `exports.${name.text}`;
  /** `exports.f = ...` and `module.exports = ...` are the declarations of CommonJS. */
  const exported = ({ left, right }: typescript.BinaryExpression): Statement | undefined => {
    if (kinds.isExported(left)) return named(left, left.name, expression(right), "const", exportedName(left));
    return left.getText(file) === "module.exports"
      ? named(left, left, expression(right), "const", "module.exports")
      : undefined;
  };

  const effect = (node: typescript.Expression): readonly Statement[] => {
    if (kinds.isAssignment(node)) {
      const operator = node.operatorToken.getText(file).slice(0, -1);
      return [
        exported(node) ?? {
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
    // Directives, and what only prints.
    if (ts.isStringLiteral(node) || /^console\.\w+\(/.test(node.getText(file).slice(0, 40))) return [];
    return [unreadable(node, ts.isCallExpression(node) ? why.BARE_CALL : reasonFor(node))];
  };

  const STATEMENTS: readonly Row<readonly Statement[]>[] = [
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
        : [named(node, node.name, { kind: "function", node: functionNode(node, node.body), ...span(node) }, "let")],
    ),
    row(ts.isClassDeclaration, (node) => [named(node, node.name, expression(node))]),
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
    ...[
      ts.isEmptyStatement,
      ts.isInterfaceDeclaration,
      ts.isTypeAliasDeclaration,
      ts.isImportDeclaration,
      ts.isExportDeclaration,
    ].map(
      (is): Row<readonly Statement[]> =>
        (node) =>
          is(node) ? [] : undefined,
    ),
  ];

  return { statements: statementsOf(file.statements), reassigned: reassignedNames(ts, file, kinds) };
}
