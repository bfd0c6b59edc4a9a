/** The scopes of a file as JavaScript has them: which declaration each name means, with hoisting and blocks. */
import type { ts as typescript } from "ts-morph";

type TypeScript = typeof typescript;
type Node = typescript.Node;

export interface LexicalScope {
  readonly names: Set<string>;
  readonly outer: LexicalScope | undefined;
  /** `var` belongs to the nearest of these. */
  readonly isFunction: boolean;
  readonly isFile: boolean;
}

/** The variable of the file or the global that a name means, or nothing: a variable of a function or of a block. */
export type Meaning = "file" | "global" | "local";

export interface Lexical {
  readonly file: LexicalScope;
  /** The scope that a node opens, if it opens one. */
  readonly opened: (node: Node) => LexicalScope | undefined;
  /** How often the file gives a value to a variable where it declares it; functions count once. */
  readonly declared: ReadonlyMap<string, number>;
}

/** Parts of TypeScript that are gone when the file runs. */
export const isErased = (ts: TypeScript, node: Node): boolean =>
  (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isTypeParameterDeclaration(node) ||
  (ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true);

/** `wrappers`: functions whose variables count as those of the file. */
export function lexicalScopes(ts: TypeScript, file: typescript.SourceFile, wrappers: readonly Node[] = []): Lexical {
  const scopes = new Map<Node, LexicalScope>();
  const declared = new Map<string, number>();
  const opens = (node: Node): boolean =>
    ts.isFunctionLike(node) ||
    ts.isBlock(node) ||
    ts.isForStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isCaseBlock(node) ||
    ts.isCatchClause(node) ||
    ts.isModuleBlock(node) ||
    ts.isClassStaticBlockDeclaration(node) ||
    ts.isClassLike(node);

  const declare = (name: Node | undefined, scope: LexicalScope, hasValue: boolean): void => {
    if (name === undefined || !ts.isIdentifier(name)) return;
    scope.names.add(name.text);
    if (scope.isFile && hasValue) declared.set(name.text, (declared.get(name.text) ?? 0) + 1);
  };
  const functionOf = (scope: LexicalScope): LexicalScope => {
    let at = scope;
    while (!at.isFunction && at.outer !== undefined) at = at.outer;
    return at;
  };

  const top: LexicalScope = { names: new Set(), outer: undefined, isFunction: true, isFile: true };
  scopes.set(file, top);
  const functions = new Set<string>();
  const stack: { readonly node: Node; readonly scope: LexicalScope }[] = [{ node: file, scope: top }];
  while (stack.length > 0) {
    const { node, scope } = stack.pop()!;
    let inner = scope;
    if (wrappers.includes(node) || (node.parent !== undefined && wrappers.includes(node.parent))) inner = top;
    else if (node !== file && opens(node)) {
      const isFunction = ts.isFunctionLike(node) || ts.isModuleBlock(node) || ts.isClassStaticBlockDeclaration(node);
      inner = { names: new Set(), outer: scope, isFunction, isFile: false };
      scopes.set(node, inner);
    }
    if (ts.isFunctionDeclaration(node)) {
      declare(node.name, scope, node.body !== undefined && !functions.has(node.name?.text ?? ""));
      if (scope.isFile && node.name !== undefined) functions.add(node.name.text);
    } else if (ts.isClassDeclaration(node) || ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node))
      declare(node.name, scope, true);
    else if (ts.isFunctionExpression(node) || ts.isClassExpression(node)) declare(node.name, inner, false);
    else if (ts.isParameter(node)) declareParameter(node.name, scope);
    else if (ts.isVariableDeclaration(node)) {
      const isVar = ts.isVariableDeclarationList(node.parent) && (node.parent.flags & ts.NodeFlags.BlockScoped) === 0;
      const loop = ts.isVariableDeclarationList(node.parent) ? node.parent.parent : undefined;
      const isOfLoop = loop !== undefined && (ts.isForOfStatement(loop) || ts.isForInStatement(loop));
      for (const name of namesIn(node.name))
        declare(name, isVar ? functionOf(scope) : scope, node.initializer !== undefined || isOfLoop);
    } else if (ts.isImportClause(node) || ts.isNamespaceImport(node) || ts.isImportSpecifier(node))
      declare(node.name, scope, true);
    else if (ts.isImportEqualsDeclaration(node)) declare(node.name, scope, true);
    ts.forEachChild(node, (child) => {
      if (!isErased(ts, child)) stack.push({ node: child, scope: inner });
    });
  }

  function namesIn(name: typescript.BindingName): typescript.Identifier[] {
    if (ts.isIdentifier(name)) return [name];
    return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)));
  }
  function declareParameter(name: typescript.BindingName, scope: LexicalScope): void {
    for (const each of namesIn(name)) declare(each, scope, false);
  }

  return { declared, file: top, opened: (node) => scopes.get(node) };
}

export function meaningOf(name: string, scope: LexicalScope): Meaning {
  for (let at: LexicalScope | undefined = scope; at !== undefined; at = at.outer)
    if (at.names.has(name)) return at.isFile ? "file" : "local";
  return "global";
}

/** Names that `var` declares in a function or a file, and functions in its blocks, but for the functions inside. */
export function hoisted(
  ts: TypeScript,
  body: Node,
): { readonly variables: readonly string[]; readonly blockFunctions: readonly string[] } {
  const variables = new Set<string>();
  const blockFunctions = new Set<string>();
  const add = (name: typescript.BindingName): void => {
    if (ts.isIdentifier(name)) variables.add(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) add(element.name);
  };
  const stack: Node[] = [body];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (ts.isFunctionDeclaration(node) && node.parent !== body && node.name !== undefined)
      blockFunctions.add(node.name.text);
    if (node !== body && (ts.isFunctionLike(node) || ts.isClassLike(node))) continue;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0)
      for (const { name } of node.declarations) add(name);
    ts.forEachChild(node, (child) => void stack.push(child));
  }
  return { variables: [...variables], blockFunctions: [...blockFunctions] };
}
