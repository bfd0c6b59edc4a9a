/** Functions around a whole module, called where they are written: their bodies are read as if they were the file. */
import type { ts as typescript } from "ts-morph";
import type { Kinds } from "./kinds.js";

type TypeScript = typeof typescript;
type Node = typescript.Node;
export type Wrapper = (typescript.FunctionExpression | typescript.ArrowFunction) & { readonly body: typescript.Block };

/** A wrapper within others, from the outside in, with what it is called with. */
export interface Region {
  readonly wrappers: readonly Wrapper[];
  /** The statement of the file, or of the wrapper around, in which each stands. */
  readonly statements: ReadonlyMap<Node, Wrapper>;
}

const MOST_REGIONS = 50;

/** The wrappers of a file: `(function () {...})()`, and functions given to one, or to `define`. */
export function regionsOf(ts: TypeScript, file: typescript.SourceFile, kinds: Kinds): readonly Region[] {
  const found: Region[] = [];
  const isWrapper = (node: Node): node is Wrapper => kinds.isFunction(node) && ts.isBlock(node.body);
  const bare = (node: Node): Node => {
    let at = node;
    while (kinds.isWrapper(at) || ts.isPrefixUnaryExpression(at) || ts.isVoidExpression(at))
      at = ts.isPrefixUnaryExpression(at) ? at.operand : at.expression;
    return at;
  };
  /** `f` of `f.call(this)`. */
  const calleeOf = ({ expression }: typescript.CallExpression): Node => {
    const callee = bare(expression);
    return ts.isPropertyAccessExpression(callee) && /^(?:call|apply)$/.test(callee.name.text)
      ? bare(callee.expression)
      : callee;
  };
  const wrappersIn = (value: Node): readonly Wrapper[] => {
    const call = bare(value);
    if (!ts.isCallExpression(call)) return [];
    const callee = calleeOf(call);
    if (!isWrapper(callee) && !(ts.isIdentifier(callee) && callee.text === "define")) return [];
    return [callee, ...call.arguments.map(bare)].filter(isWrapper);
  };
  const valuesOf = (statement: Node): readonly Node[] => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ initializer }) => initializer ?? []);
    if (!ts.isExpressionStatement(statement)) return [];
    return [kinds.isAssignment(statement.expression) ? statement.expression.right : statement.expression];
  };
  const visit = (statements: readonly Node[], around: Region): void => {
    for (const statement of statements)
      for (const wrapper of valuesOf(statement).flatMap(wrappersIn)) {
        if (found.length >= MOST_REGIONS) return;
        const region: Region = {
          wrappers: [...around.wrappers, wrapper],
          statements: new Map([...around.statements, [statement, wrapper]]),
        };
        found.push(region);
        visit(wrapper.body.statements, region);
      }
  };
  visit([...file.statements], { wrappers: [], statements: new Map() });
  return found;
}
