/**
 * Changes that a file may make, wherever it does so: variables that get another value, members that are written, and the
 * names that each piece of it mentions. What may change is no constant; what cannot be read may change all that it mentions.
 */
import type { ts as typescript } from "ts-morph";
import { indexed } from "../interpreter/mentions.js";
import type { Span } from "../place.js";
import { createIndices } from "./indices.js";
import type { Kinds } from "./kinds.js";
import { isErased, lexicalScopes, meaningOf, type LexicalScope } from "./lexical.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;

/** A variable of the file or a global, and what is done with it or with a member of it. */
export interface Mention {
  readonly name: string;
  readonly path: readonly string[];
  /** `f` of `table[kind].f`: what goes elsewhere is that of one of the members. */
  readonly ofEach?: string;
  /** `assign`: the variable gets another value. `bare`: it goes elsewhere, under another name perhaps. `passed`: to a function that is not of this file. */
  readonly use: "read" | "call" | "bare" | "passed" | "write" | "assign";
  readonly start: number;
  readonly isInFunction: boolean;
  readonly isGlobal: boolean;
}

export interface Effects {
  /** Variables that get a value other than where they are declared. */
  readonly reassigned: ReadonlySet<string>;
  readonly mentions: readonly Mention[];
  readonly mentionsIn: (place: Span) => readonly Mention[];
  /** Names of members that functions write, of whatever object. */
  readonly written: ReadonlySet<string>;
  /** Names of members that methods of classes write of the object that they are called of, other than while it is made. */
  readonly ownWritten: ReadonlySet<string>;
  /** Functions write members whose names are known when they run. */
  readonly writesAny: boolean;
  /** Functions write elements by their numbers, or change lists by their methods. */
  readonly writesElements: boolean;
  /** Where code is made of text, or names are looked up in an object. */
  readonly dynamic: Span | undefined;
}

const MUTATORS: ReadonlySet<string> = new Set(
  "push pop shift unshift splice sort reverse fill copyWithin set add delete clear".split(" "),
);
/** Of globals that only look at what they are given. */
const HARMLESS =
  /^(?:console\.\w+|Object\.(?:freeze|keys|values|entries|is|isFrozen|hasOwn)|JSON\.stringify|Number(?:\.\w+)?|String|Boolean|isNaN|isFinite|Math\.\w+|Array\.isArray)$/;
/** Of globals that write to what they are given. */
const WRITERS = /^(?:Object\.(?:assign|defineProperty|defineProperties|setPrototypeOf)|Reflect\.\w+)$/;

export function effectsOf(
  ts: TypeScript,
  file: typescript.SourceFile,
  kinds: Kinds,
  wrappers: readonly Node[] = [],
): Effects {
  const lexical = lexicalScopes(ts, file, wrappers);
  const reassigned = new Set([...lexical.declared].filter(([, times]) => times > 1).map(([name]) => name));
  const mentions: Mention[] = [];
  const written = new Set<string>();
  const ownWritten = new Set<string>();
  let writesAny = false;
  let writesElements = false;
  let dynamic: Span | undefined;
  const targets = new Set<Node>();

  const collectTargets = (left: Node): void => {
    const waiting: Node[] = [left];
    while (waiting.length > 0) {
      const node = waiting.pop()!;
      if (kinds.isWrapper(node) || ts.isSpreadElement(node) || ts.isSpreadAssignment(node))
        waiting.push(node.expression);
      else if (ts.isArrayLiteralExpression(node)) waiting.push(...node.elements);
      else if (ts.isObjectLiteralExpression(node)) waiting.push(...node.properties);
      else if (ts.isPropertyAssignment(node)) waiting.push(node.initializer);
      else if (ts.isShorthandPropertyAssignment(node)) targets.add(node.name);
      else if (ts.isBinaryExpression(node)) waiting.push(node.left);
      else targets.add(node);
    }
  };

  const isIndex = createIndices(ts, file, kinds);
  const passesThis = /\.\s*(?:call|apply|bind)\b/.test(file.text);
  /** `function Elu(alpha) {...}` that is used as a class is. */
  const isMaker = (node: Node): boolean => {
    const name = ts.isFunctionDeclaration(node)
      ? node.name?.text
      : ts.isFunctionExpression(node) && ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)
        ? node.parent.name.text
        : undefined;
    return name !== undefined && classes.has(name);
  };
  const classes = new Set(
    [...file.text.matchAll(/\bnew\s+([\w$]+)|(?<![\w$])([\w$]+)\s*\.\s*prototype\b/g)].map(
      ([, made, shared]) => made ?? shared!,
    ),
  );
  const isOfPrototype = ({ parent }: Node): boolean =>
    kinds.isAssignment(parent) && /\.\s*prototype\s*\.[^.]+$/.test(parent.left.getText(file));

  /**
   * Every callback of a class sees an object of its own as "this", unless somebody passes another. "making": while the
   * object is made; undefined: it may be any object.
   */
  const ownThis = (root: Node): "making" | "later" | undefined => {
    if (root.kind !== ts.SyntaxKind.ThisKeyword || passesThis) return undefined;
    let isLater = false;
    for (let at: Node | undefined = root.parent; at !== undefined; at = at.parent) {
      if (ts.isArrowFunction(at)) isLater = true;
      if (ts.isClassElement(at) && ts.isClassLike(at.parent)) {
        if (ts.canHaveModifiers(at) && ts.getModifiers(at)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword))
          return undefined;
        return ts.isConstructorDeclaration(at) && !isLater ? "making" : "later";
      }
      if (ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at))
        return isMaker(at) ? (isLater ? "later" : "making") : isOfPrototype(at) ? "later" : undefined;
      if (ts.isObjectLiteralElement(at)) return undefined;
    }
    return undefined;
  };

  /** `Function.prototype`, `x instanceof Function`. */
  const isLookedAt = (parent: Node): boolean =>
    ts.isPropertyAccessExpression(parent) ||
    (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword);

  const rootOf = (node: Node): Node => {
    let at = node;
    while (kinds.isWrapper(at) || ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at))
      at = at.expression;
    return at;
  };
  const noteWrite = (target: Node): void => {
    if (ts.isPropertyAccessExpression(target)) {
      const own = ownThis(rootOf(target));
      // Of an object inside it, whoever has that object sees the change, too.
      if (own === undefined || target.expression.kind !== ts.SyntaxKind.ThisKeyword) written.add(target.name.text);
      else if (own === "later") ownWritten.add(target.name.text);
    } else if (ts.isElementAccessExpression(target)) {
      const key = target.argumentExpression;
      if (ts.isStringLiteral(key)) written.add(key.text);
      else if (isIndex(key)) writesElements = true;
      else writesAny = writesElements = true;
    }
  };

  const pathText = (node: Node): string =>
    ts.isIdentifier(node)
      ? node.text
      : ts.isPropertyAccessExpression(node)
        ? `${pathText(node.expression)}.${node.name.text}`
        : "?";
  const isOfGlobal = (callee: Node, pattern: RegExp, scope: LexicalScope): boolean => {
    const root = rootOf(callee);
    return ts.isIdentifier(root) && meaningOf(root.text, scope) === "global" && pattern.test(pathText(callee));
  };

  const mention = (node: typescript.Identifier, isInFunction: boolean, scope: LexicalScope): void => {
    const meaning = meaningOf(node.text, scope);
    if (meaning === "local") return;
    const path: string[] = [];
    let at: Node = node;
    let isKnownPath = true;
    const behind: string[] = [];
    for (;;) {
      const { parent }: Node = at;
      if (kinds.isWrapper(parent)) at = parent;
      else if (ts.isPropertyAccessExpression(parent) && parent.expression === at) {
        (isKnownPath ? path : behind).push(parent.name.text);
        at = parent;
      } else if (ts.isElementAccessExpression(parent) && parent.expression === at) {
        if (ts.isStringLiteral(parent.argumentExpression) && isKnownPath) path.push(parent.argumentExpression.text);
        else {
          if (!isKnownPath) behind.push("", "");
          isKnownPath = false;
        }
        at = parent;
      } else break;
    }
    const { parent } = at;
    const add = (use: Mention["use"], further: readonly string[] = []): void =>
      void mentions.push({
        name: node.text,
        path: [...path, ...further],
        ...(behind.length === 1 && { ofEach: behind[0]! }),
        use,
        start: node.getStart(file),
        isInFunction,
        isGlobal: meaning === "global",
      });
    const isWritten = targets.has(at) || ts.isDeleteExpression(parent);
    if (isWritten && at === node) {
      reassigned.add(node.text);
      return add("assign");
    }
    if (isWritten) return add("write");
    if (!isKnownPath) return add("bare");
    if ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === at) return add("call");
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      const root = rootOf(parent.expression);
      if (isOfGlobal(parent.expression, HARMLESS, scope)) return;
      const isOfFile =
        ts.isIdentifier(parent.expression) && ts.isIdentifier(root) && meaningOf(root.text, scope) === "file";
      if (isOfGlobal(parent.expression, WRITERS, scope)) return add(parent.arguments?.[0] === at ? "write" : "bare");
      return add(isOfFile ? "bare" : "passed");
    }
    if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
      for (const { propertyName, name, dotDotDotToken } of parent.name.elements) {
        const key = propertyName ?? name;
        const isKnown = dotDotDotToken === undefined && (ts.isIdentifier(key) || ts.isStringLiteral(key));
        if (isKnown && ts.isIdentifier(name)) add("read", [key.text]);
        else add("bare");
      }
      return;
    }
    // It is only asked what it is.
    if (ts.isTypeOfExpression(parent)) return;
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) return;
    add(path.length > 0 ? "read" : "bare");
  };

  const isReference = (node: typescript.Identifier): boolean => {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
    if (ts.isShorthandPropertyAssignment(parent)) return true;
    if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
    if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent))
      return parent.initializer === node;
    if (ts.isPropertyDeclaration(parent) || ts.isEnumMember(parent)) return parent.initializer === node;
    return !(
      (ts.isFunctionLike(parent) && parent.name === node) ||
      ts.isClassLike(parent) ||
      ts.isImportClause(parent) ||
      ts.isImportSpecifier(parent) ||
      ts.isNamespaceImport(parent) ||
      ts.isExportSpecifier(parent) ||
      ts.isLabeledStatement(parent) ||
      ts.isBreakOrContinueStatement(parent) ||
      ts.isMetaProperty(parent) ||
      ts.isJsxAttribute(parent) ||
      ts.isModuleDeclaration(parent) ||
      ts.isEnumDeclaration(parent)
    );
  };

  type Waiting = { readonly node: Node; readonly isInFunction: boolean; readonly scope: LexicalScope };
  const stack: Waiting[] = [{ node: file, isInFunction: false, scope: lexical.file }];
  while (stack.length > 0) {
    const { node, isInFunction, scope } = stack.pop()!;
    const inner = lexical.opened(node) ?? scope;
    if (kinds.isAssignment(node)) collectTargets(node.left);
    else if (kinds.isStep(node)) collectTargets(node.operand);
    else if (
      (ts.isForOfStatement(node) || ts.isForInStatement(node)) &&
      !ts.isVariableDeclarationList(node.initializer)
    )
      collectTargets(node.initializer);
    if (ts.isWithStatement(node)) dynamic ??= { start: node.getStart(file), end: node.end };
    if (isInFunction) {
      if (targets.has(node)) noteWrite(node);
      if (ts.isDeleteExpression(node)) noteWrite(node.expression);
      if (ts.isCallExpression(node)) {
        if (ts.isPropertyAccessExpression(node.expression) && MUTATORS.has(node.expression.name.text))
          writesElements = true;
        const isFresh = node.arguments[0] !== undefined && ts.isObjectLiteralExpression(node.arguments[0]);
        if (isOfGlobal(node.expression, WRITERS, inner) && !isFresh) writesAny = true;
      }
    }
    if (ts.isIdentifier(node) && isReference(node)) {
      const isCode = node.text === "eval" || (node.text === "Function" && !isLookedAt(node.parent));
      if (isCode && meaningOf(node.text, inner) === "global") dynamic ??= { start: node.getStart(file), end: node.end };
      mention(node, isInFunction, inner);
    }
    // Fields of instances are evaluated later, too, as the bodies of functions are.
    const isOfInstance =
      ts.isPropertyDeclaration(node) &&
      !ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
    const isInside = isInFunction || (ts.isFunctionLike(node) && !wrappers.includes(node)) || isOfInstance;
    const children: Node[] = [];
    ts.forEachChild(node, (child) => {
      if (!isErased(ts, child)) children.push(child);
    });
    for (const child of children.reverse()) stack.push({ node: child, isInFunction: isInside, scope: inner });
  }

  return {
    reassigned,
    ...indexed(mentions),
    written,
    ownWritten,
    writesAny,
    writesElements,
    dynamic,
  };
}
