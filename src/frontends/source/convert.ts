/** TypeScript's syntax tree to ours: a table of statements; the rest becomes `unreadable`. */
import type { ts as typescript } from "ts-morph";
import { TOO_DEEP } from "../interpreter/refusals.js";
import { createNesting } from "../nesting.js";
import { createExpressions, firstOf, row, type Row } from "./convert-expressions.js";
import { effectsOf } from "./effects.js";
import { isMethodOfText } from "./choices.js";
import { kindsOf, span } from "./kinds.js";
import { enumeration } from "./enumerations.js";
import { hoisted, isErased } from "./lexical.js";
import type { Region } from "./regions.js";
import type { Declared, Expression, Loop, Source, Statement } from "./syntax.js";
import type { Imported } from "./tensors.js";
import * as why from "./unreadable.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

/** The syntax of a file; that of a region is what is inside its wrappers, as if it stood in the file. */
export function converter(ts: TypeScript, file: typescript.SourceFile, region?: Region): Omit<Source, "text"> {
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
  /** The statements of the file, with those of wrappers in their places: what is given to them is not known. */
  const unwrapped = (nodes: readonly typescript.Statement[]): Statement[] => {
    const parts = nodes.map((node): readonly Statement[] => {
      const wrapper = region?.statements.get(node);
      if (wrapper === undefined) return ts.isFunctionDeclaration(node) ? [] : statement(node);
      const names = wrapper.parameters.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
      return [{ kind: "foreign", names, ...span(node) }, ...unwrapped(wrapper.body.statements)];
    });
    return [...nodes.filter(ts.isFunctionDeclaration).flatMap(statement), ...parts.flat()];
  };
  const single = (node: typescript.Statement): Statement => {
    const body = statement(node);
    return body.length === 1 ? body[0]! : { kind: "block", body, ...span(node) };
  };

  const { expression, functionNode, pattern, unreadable } = createExpressions({
    ts,
    file,
    kinds,
    nested,
    block,
    effect: (node) => effect(node),
  });

  const statement = (node: Node): readonly Statement[] =>
    nested<readonly Statement[]>(
      () => [unreadable(node, TOO_DEEP)],
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
          args: node.arguments.map(expression),
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
    row(ts.isSwitchStatement, (node) => [chain(node) ?? unreadable(node, why.SWITCH)]),
    row(ts.isBlock, (node) => [block(node)]),
    // A wrapper returns its exports.
    (node) =>
      ts.isReturnStatement(node) && region?.wrappers.some(({ body }) => body === node.parent) === true
        ? node.expression === undefined
          ? []
          : [named(node, undefined, expression(node.expression))]
        : undefined,
    row(ts.isReturnStatement, (node) => [
      { kind: "return", ...(node.expression !== undefined && { value: expression(node.expression) }), ...span(node) },
    ]),
    row(ts.isThrowStatement, (node) => [{ kind: "raise", ...span(node) }]),
    row(ts.isForStatement, (node) => [
      {
        kind: "for",
        header: file.text.slice(node.getStart(file), node.statement.getStart(file)),
        body: single(node.statement),
        ...loopOf(node),
        ...span(node),
      },
    ]),
    row(ts.isForOfStatement, (node) => {
      const [only, ...others] = ts.isVariableDeclarationList(node.initializer) ? node.initializer.declarations : [];
      if (only === undefined || !ts.isIdentifier(only.name) || others.length > 0 || node.awaitModifier !== undefined)
        return [unreadable(node)];
      const loop = { name: only.name.text, isOfItems: true, over: expression(node.expression), others: [] };
      return [{ kind: "for", header: "", body: single(node.statement), loop, ...span(node) }];
    }),
    row(ts.isImportDeclaration, (node) => [foreign(node, node.importClause)]),
    row(ts.isImportEqualsDeclaration, (node) => [foreign(node, node)]),
    row(ts.isEnumDeclaration, (node) => [enumeration(ts, node) ?? foreign(node, node)]),
    row(ts.isModuleDeclaration, (node) => [foreign(node, node)]),
    (node) => (ts.isEmptyStatement(node) || ts.isExportDeclaration(node) ? [] : undefined),
  ];

  /** A loop that counts from 0 to a number, one by one. */
  const loopOf = (node: typescript.ForStatement): { readonly loop?: Loop } => {
    const { initializer, condition, incrementor } = node;
    if (initializer === undefined || !ts.isVariableDeclarationList(initializer) || condition === undefined) return {};
    const [first, ...others] = initializer.declarations;
    if (first === undefined || !ts.isIdentifier(first.name) || first.initializer?.getText(file) !== "0") return {};
    const name = first.name.text;
    const isCount = ts.isBinaryExpression(condition) && condition.operatorToken.kind === ts.SyntaxKind.LessThanToken;
    const step = incrementor?.getText(file).replaceAll(" ", "");
    if (!isCount || condition.left.getText(file) !== name) return {};
    if (![`${name}++`, `++${name}`, `${name}+=1`].includes(step ?? "")) return {};
    const further = others.map((each) =>
      ts.isIdentifier(each.name) && each.initializer !== undefined
        ? { name: each.name.text, value: expression(each.initializer) }
        : undefined,
    );
    const known = further.filter((each) => each !== undefined);
    if (known.length < further.length) return {};
    return { loop: { name, isOfItems: false, over: expression(condition.right), others: known } };
  };

  /** `switch` as `if` and `else if`, where nothing falls through from one way to the next. */
  const chain = (node: typescript.SwitchStatement): Statement | undefined => {
    const subject = expression(node.expression);
    // It is evaluated once.
    const once = subject.kind === "call" && isMethodOfText(subject) ? subject.callee : subject;
    if (once.kind !== "name" && once.kind !== "member" && once.kind !== "truth") return undefined;
    const ways: { readonly tests: Expression[]; readonly isDefault: boolean; readonly body: Statement }[] = [];
    let [tests, isDefault]: [Expression[], boolean] = [[], false];
    const clauses = node.caseBlock.clauses;
    for (const [i, clause] of clauses.entries()) {
      if (ts.isDefaultClause(clause)) isDefault = true;
      else {
        const right = expression(clause.expression);
        tests.push({ kind: "binary", operator: "===", left: subject, right, ...span(clause.expression) });
      }
      const isLast = i === clauses.length - 1;
      if (clause.statements.length === 0 && !isLast) continue;
      const body = wayOf(clause.statements, isLast);
      if (body === undefined) return undefined;
      ways.push({ tests, isDefault, body: { kind: "block", body: statementsOf(body), ...span(clause) } });
      [tests, isDefault] = [[], false];
    }
    const start: Statement = { kind: "block", body: [], ...span(node) };
    const others = ways.find((way) => way.isDefault)?.body ?? start;
    return ways
      .filter((way) => !way.isDefault)
      .reduceRight<Statement>((no, way) => {
        const condition = way.tests.reduce((left, right) => ({
          kind: "binary",
          operator: "||",
          left,
          right,
          ...span(node.expression),
        }));
        return { kind: "if", condition, yes: way.body, no, ...span(node) };
      }, others);
  };
  /** The statements of a way of `switch` without the "break" at its end; undefined where it goes on into the next. */
  const wayOf = (
    statements: readonly typescript.Statement[],
    isLast: boolean,
  ): readonly typescript.Statement[] | undefined => {
    const [only] = statements;
    if (statements.length === 1 && only !== undefined && ts.isBlock(only)) return wayOf(only.statements, isLast);
    const last = statements.at(-1);
    if (last !== undefined && ts.isBreakStatement(last) && last.label === undefined) return statements.slice(0, -1);
    return isLast || (last !== undefined && (ts.isReturnStatement(last) || ts.isThrowStatement(last)))
      ? statements
      : undefined;
  };

  /** The names that an import, an enumeration or a namespace declares. */
  const foreign = (node: Node, declared: Node | undefined): Statement => {
    const names: string[] = [];
    const visit = (inner: Node): void => {
      const name = (inner as { readonly name?: Node }).name;
      if (name !== undefined && ts.isIdentifier(name)) names.push(name.text);
      if (ts.isImportClause(inner) || ts.isNamedImports(inner)) ts.forEachChild(inner, visit);
    };
    if (declared !== undefined) visit(declared);
    return { kind: "foreign", names, imports: importsOf(node), ...span(node) };
  };

  const importsOf = (node: Node): readonly Imported[] => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return [];
    const from = node.moduleSpecifier.text;
    const bindings = node.importClause?.namedBindings;
    const whole = bindings !== undefined && ts.isNamespaceImport(bindings) ? [bindings.name.text] : [];
    const parts = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
    return [
      ...(node.importClause?.name === undefined ? [] : [{ local: node.importClause.name.text, name: "default", from }]),
      ...whole.map((local) => ({ local, name: "*", from })),
      ...parts.map(({ name, propertyName }) => ({ local: name.text, name: (propertyName ?? name).text, from })),
    ];
  };

  const wrappers = region?.wrappers ?? [];
  return {
    statements: unwrapped([...file.statements]),
    variables: [file, ...wrappers.map(({ body }) => body)].flatMap((body) => hoisted(ts, body).variables),
    effects: effectsOf(ts, file, kinds, wrappers),
  };
}
