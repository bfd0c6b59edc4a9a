/**
 * The parser of mathjs, and nothing else of it.
 *
 * `import("mathjs")` takes a second and `import("mathjs/number")` more than half of one, nearly all of it for functions
 * that evaluate. The factory `createParse` alone loads in 0.04 s. It takes the classes of the nodes from its caller, so
 * it gets plain records: no syntax tree that it returns can be evaluated or compiled.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export type SyntaxNode =
  | { readonly type: "ConstantNode"; readonly value: number }
  | { readonly type: "SymbolNode"; readonly name: string }
  | { readonly type: "ParenthesisNode"; readonly content: SyntaxNode }
  | { readonly type: "OperatorNode"; readonly op: string; readonly fn: string; readonly args: readonly SyntaxNode[] }
  | { readonly type: "FunctionNode"; readonly fn: SyntaxNode; readonly args: readonly SyntaxNode[] }
  | {
      readonly type: "ConditionalNode";
      readonly condition: SyntaxNode;
      readonly trueExpr: SyntaxNode;
      readonly falseExpr: SyntaxNode;
    }
  | {
      readonly type: "RelationalNode";
      readonly conditionals: readonly string[];
      readonly params: readonly SyntaxNode[];
    };

export type Parse = (text: string) => SyntaxNode;

/** The fields of the nodes that a formula can have, in the order of their constructors' arguments. */
const FIELDS: Readonly<Record<SyntaxNode["type"], readonly string[]>> = {
  ConstantNode: ["value"],
  SymbolNode: ["name"],
  ParenthesisNode: ["content"],
  OperatorNode: ["op", "fn", "args"],
  FunctionNode: ["fn", "args"],
  ConditionalNode: ["condition", "trueExpr", "falseExpr"],
  RelationalNode: ["conditionals", "params"],
};

const UNUSED = [
  "AccessorNode",
  "ArrayNode",
  "AssignmentNode",
  "BlockNode",
  "FunctionAssignmentNode",
  "IndexNode",
  "ObjectNode",
  "RangeNode",
] as const;

/** A class as mathjs asks for: it tells nodes by flags on the prototype. */
function nodeClass(type: string, fields: readonly string[]): new (...values: unknown[]) => object {
  class PlainNode {
    constructor(...values: unknown[]) {
      Object.assign(this, { type }, Object.fromEntries(fields.map((field, i) => [field, values[i]])));
    }
  }
  Object.assign(PlainNode.prototype, { isNode: true, [`is${type}`]: true });
  return PlainNode;
}

function refusedClass(type: string): new () => object {
  return class {
    constructor() {
      throw new SyntaxError(`a formula has no ${type}`);
    }
  };
}

/** mathjs wraps the signatures of a function by argument type; only the one for a string is needed. */
const typed = Object.assign((_: string, signatures: { readonly string: Parse }): Parse => signatures.string, {
  addConversion: (): void => undefined,
});

interface ParseModule {
  readonly createParse: (dependencies: object) => Parse;
}

export const parserOf = ({ createParse }: ParseModule): Parse =>
  createParse({
    typed,
    numeric: (text: string) => Number(text),
    config: { number: "number", numberFallback: "number" },
    ...Object.fromEntries(Object.entries(FIELDS).map(([type, fields]) => [type, nodeClass(type, fields)])),
    ...Object.fromEntries(UNUSED.map((type) => [type, refusedClass(type)])),
  });

async function load(): Promise<Parse> {
  const packageFile = pathToFileURL(createRequire(import.meta.url).resolve("mathjs/package.json"));
  const factory = new URL("lib/esm/expression/parse.js", packageFile).href;
  // Another version may keep the factory elsewhere; the package's own entry exports it in any case.
  const module: unknown = await import(factory).catch(() => import("mathjs/number"));
  return parserOf(module as ParseModule);
}

let loading: Promise<Parse> | undefined;

export const loadParser = (): Promise<Parse> => (loading ??= load());
