/** TypeScript's expressions to ours: a table of what is read; the rest becomes `unreadable`. */
import type { ts as typescript } from "ts-morph";
import { TOO_DEEP, WAITING } from "../interpreter/refusals.js";
import type { Nesting } from "../nesting.js";
import type { Reason, Span } from "../place.js";
import { span, type Kinds } from "./kinds.js";
import { hoisted } from "./lexical.js";
import { createPatterns } from "./patterns.js";
import type { Argument, Expression, FunctionNode, Member, Pattern, Statement, Tag } from "./syntax.js";
import * as why from "./unreadable.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

/** A row of a table: what a kind of syntax becomes; nothing for every other kind. */
export type Row<Result> = (node: Node) => Result | undefined;
export const row =
  <Kind extends Node, Result>(is: (node: Node) => node is Kind, read: (node: Kind) => Result): Row<Result> =>
  (node) =>
    is(node) ? read(node) : undefined;
export const firstOf = <Result>(rows: readonly Row<Result>[], node: Node): Result | undefined => {
  for (const read of rows) {
    const result = read(node);
    if (result !== undefined) return result;
  }
  return undefined;
};

export interface Expressions {
  readonly expression: (node: Node) => Expression;
  readonly functionNode: (node: typescript.SignatureDeclaration, body: Node) => FunctionNode;
  readonly pattern: (node: typescript.BindingName) => Pattern;
  readonly unreadable: (node: Node, reason?: Reason) => Span & { kind: "unreadable"; reason: Reason };
}

export interface Parts {
  readonly ts: TypeScript;
  readonly file: typescript.SourceFile;
  readonly kinds: Kinds;
  readonly nested: Nesting;
  readonly block: (node: typescript.Block) => Statement;
  /** The statements that an expression is, where nobody asks for its value. */
  readonly effect: (node: typescript.Expression) => readonly Statement[];
}

export function createExpressions({ ts, file, kinds, nested, block, effect }: Parts): Expressions {
  const reasonFor = (node: Node): Reason =>
    why.REASONS.get(ts.SyntaxKind[node.kind]) ?? (ts.isLiteralExpression(node) ? why.TEXT : why.UNKNOWN);
  const unreadable: Expressions["unreadable"] = (node, reason = reasonFor(node)) => ({
    kind: "unreadable",
    reason,
    ...span(node),
  });

  /** `this.data`, which is only looked at. */
  const isPlace = (node: Node): boolean =>
    ts.isPropertyAccessExpression(node)
      ? isPlace(node.expression)
      : ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword;

  const keyOf = (name: typescript.PropertyName): string | undefined =>
    ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isPrivateIdentifier(name) ? name.text : undefined;
  /** `tanh` of `[Kind.tanh]`. */
  const wordIn = ({ expression: key }: typescript.ComputedPropertyName): string | undefined =>
    ts.isPropertyAccessExpression(key) && ts.isIdentifier(key.expression)
      ? key.name.text
      : ts.isIdentifier(key)
        ? key.text
        : undefined;
  const hasOwnSymbol = /(?:\b(?:const|let|var|class|function|import)\b[^;\n]*|[(,]\s*)\bSymbol\b\s*[=,){;]/.test(
    file.text,
  );
  const isSymbol = ({ expression: key }: typescript.ComputedPropertyName): boolean =>
    !hasOwnSymbol && /^Symbol\.\w+(?:\(["'][\w.]+["']\))?$/.test(key.getText(file));
  const ofKind =
    (kind: typescript.SyntaxKind, result: (node: Node) => Expression): Row<Expression> =>
    (node) =>
      node.kind === kind ? result(node) : undefined;

  const expression = (node: Node): Expression =>
    nested(
      () => unreadable(node, TOO_DEEP),
      () => firstOf(EXPRESSIONS, node) ?? unreadable(node),
    );

  const EXPRESSIONS: readonly Row<Expression>[] = [
    row(kinds.isWrapper, (node) => expression(node.expression)),
    row(ts.isNumericLiteral, (node) => ({ kind: "number", text: node.getText(file), ...span(node) })),
    row(ts.isIdentifier, (node) => ({ kind: "name", name: node.text, ...span(node) })),
    row(ts.isStringLiteralLike, (node) => ({ kind: "text", text: node.text, ...span(node) })),
    ofKind(ts.SyntaxKind.ThisKeyword, (node) => ({ kind: "name", name: "this", ...span(node) })),
    ofKind(ts.SyntaxKind.SuperKeyword, (node) => ({ kind: "name", name: "super", ...span(node) })),
    ofKind(ts.SyntaxKind.TrueKeyword, (node) => ({ kind: "truth", value: true, ...span(node) })),
    ofKind(ts.SyntaxKind.FalseKeyword, (node) => ({ kind: "truth", value: false, ...span(node) })),
    ofKind(ts.SyntaxKind.NullKeyword, (node) => ({ kind: "null", ...span(node) })),
    row(ts.isVoidExpression, (node) =>
      ts.isNumericLiteral(node.expression) ? { kind: "nothing", ...span(node) } : unreadable(node),
    ),
    row(ts.isTemplateExpression, (node) => ({
      ...unreadable(node),
      // It is given to somebody, who need not look at it.
      ...(!ts.isArrowFunction(node.parent) &&
        !ts.isReturnStatement(node.parent) &&
        node.templateSpans.every((each) => isPlace(each.expression)) && { isValue: true }),
    })),
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
    row(ts.isTypeOfExpression, (node) => ({
      kind: "unary",
      operator: "typeof",
      operand: expression(node.expression),
      ...span(node),
    })),
    row(ts.isConditionalExpression, (node) => ({
      kind: "conditional",
      condition: expression(node.condition),
      yes: expression(node.whenTrue),
      no: expression(node.whenFalse),
      ...span(node),
    })),
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
    row(ts.isCallExpression, (node) => ({
      kind: "call",
      callee: expression(node.expression),
      args: node.arguments.map(expression),
      ...span(node),
    })),
    row(ts.isNewExpression, (node) => ({
      kind: "new",
      callee: expression(node.expression),
      args: (node.arguments ?? []).map(expression),
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
    row(ts.isClassLike, (node) => {
      const isStatic = (each: typescript.ClassElement): boolean => has(each, ts.SyntaxKind.StaticKeyword);
      const own = node.members.filter((each) => isStatic(each) || ts.isClassStaticBlockDeclaration(each));
      const others = node.members.filter((each) => !own.includes(each));
      // A class that derives from another has its static members too, and decorators may change all.
      const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
      const changed: Member[] = isChanged(node) ? [{ kind: "unknown", place: span(node) }] : [];
      const hidden: Member[] = base === undefined ? changed : [{ kind: "unknown", place: span(node) }];
      const maker = others.filter(ts.isConstructorDeclaration).find(({ body }) => body !== undefined);
      return {
        kind: "class",
        statics: [...hidden, ...own.flatMap(member)],
        methods: [...changed, ...others.filter((each) => !ts.isPropertyDeclaration(each)).flatMap(member)],
        fields: others.filter(ts.isPropertyDeclaration).flatMap(member),
        ...(maker?.body !== undefined && { maker: makerOf(maker, maker.body) }),
        ...(base !== undefined && { base: expression(base.expression) }),
        ...span(node),
      };
    }),
  ];

  const has = (node: Node, kind: typescript.SyntaxKind): boolean =>
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) === true;
  const isChanged = (node: Node): boolean => ts.canHaveDecorators(node) && (ts.getDecorators(node)?.length ?? 0) > 0;

  const member = (node: typescript.ObjectLiteralElementLike | typescript.ClassElement): Member[] => {
    if (ts.isSpreadAssignment(node)) return [{ kind: "spread", place: span(node), value: expression(node.expression) }];
    if (ts.isSemicolonClassElement(node) || ts.isConstructorDeclaration(node) || ts.isIndexSignatureDeclaration(node))
      return [];
    const name = node.name === undefined ? undefined : keyOf(node.name);
    const computed = node.name !== undefined && ts.isComputedPropertyName(node.name) ? wordIn(node.name) : undefined;
    // No name is a symbol.
    if (node.name !== undefined && ts.isComputedPropertyName(node.name) && isSymbol(node.name)) return [];
    if (computed !== undefined && ts.isPropertyAssignment(node))
      return [{ kind: "computed", name: computed, place: span(node.name), value: expression(node.initializer) }];
    // A setter, a computed name, a static block, "__proto__": what the object has then is known when it runs.
    if (name === undefined || name === "__proto__" || ts.isSetAccessorDeclaration(node))
      return [{ kind: "unknown", place: span(node) }];
    const place = span(node.name!);
    const value = (read: Expression): Member[] => [
      { kind: "value", name, place, value: isChanged(node) ? unreadable(node, why.DECORATED) : read },
    ];
    if (ts.isShorthandPropertyAssignment(node)) return value(expression(node.name));
    if (ts.isPropertyAssignment(node)) return value(expression(node.initializer));
    if (ts.isPropertyDeclaration(node))
      return value(node.initializer === undefined ? { kind: "nothing", ...place } : expression(node.initializer));
    if (ts.isMethodDeclaration(node) && node.body !== undefined)
      return value({ kind: "function", node: functionNode(node, node.body), ...span(node) });
    if (ts.isGetAccessorDeclaration(node) && node.body !== undefined)
      return [
        {
          kind: "getter",
          name,
          place,
          value: { kind: "function", node: functionNode(node, node.body), ...span(node) },
        },
      ];
    return [];
  };

  /** `constructor(private alpha) {}` gives each instance a member as well. */
  const makerOf = (node: typescript.ConstructorDeclaration, body: typescript.Block): FunctionNode => {
    const read = functionNode(node, body);
    const members = node.parameters
      .filter((parameter) => ts.isParameterPropertyDeclaration(parameter, node))
      .map(({ name }): Statement => {
        const place = span(name);
        const value: Expression = { kind: "name", name: name.getText(file), ...place };
        const object: Expression = { kind: "name", name: "this", ...place };
        return {
          kind: "assign",
          target: { kind: "member", object, name: value.name, ...place },
          value,
          ...place,
        };
      });
    return { ...read, body: { kind: "block", body: [...members, read.body], start: read.start, end: read.end } };
  };

  const functionNode = (node: typescript.SignatureDeclaration, body: Node): FunctionNode =>
    nested<FunctionNode>(
      () => ({
        args: [],
        body: unreadable(node, TOO_DEEP),
        isArrow: false,
        reason: TOO_DEEP,
        variables: [],
        blockFunctions: [],
        tags: [],
        ...span(node),
      }),
      () => {
        const flags = ts.getCombinedModifierFlags(node as typescript.Declaration);
        const waits =
          (flags & ts.ModifierFlags.Async) !== 0 || ("asteriskToken" in node && node.asteriskToken !== undefined);
        return {
          args: node.parameters.filter(({ name }) => name.getText(file) !== "this").map(argument),
          body: ts.isBlock(body) ? block(body) : ofArrow(body),
          isArrow: ts.isArrowFunction(node),
          ...(ts.isFunctionExpression(node) && node.name !== undefined && { self: node.name.text }),
          ...(ts.isBlock(body) ? hoisted(ts, body) : { variables: [], blockFunctions: [] }),
          tags: ts.getJSDocTags(node).map(tag),
          ...(waits && { reason: WAITING }),
          ...span(node),
        };
      },
    );

  /** `() => (this.grad += g)` is called for what it does. */
  const ofArrow = (body: Node): Statement => {
    const inner = kinds.isWrapper(body) ? body.expression : body;
    return kinds.isAssignment(inner) || kinds.isStep(inner)
      ? { kind: "block", body: effect(inner), ...span(body) }
      : { kind: "return", value: expression(body), ...span(body) };
  };

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

  const pattern = createPatterns(ts, { expression, keyOf, unreadable });

  return { expression, functionNode, pattern, unreadable };
}
