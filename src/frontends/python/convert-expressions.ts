/** The parser's expressions to ours: a table of what is read; the rest becomes `unreadable`. */
import { TOO_DEEP, WAITING } from "../interpreter/refusals.js";
import { createNesting, type Nesting } from "../nesting.js";
import type { Reason, Span } from "../place.js";
import type { Argument, Entry, Expression, ExpressionOf, FunctionNode, Parameter } from "./syntax.js";
import { TESTS, readTest, testParts } from "./tests.js";
import { childrenOf, listOf, span, spanOf, splitAt, type Node } from "./tree.js";
import * as why from "./unreadable.js";

export interface Expressions {
  readonly expression: (node: Node) => Expression;
  /** One expression, or a tuple of those between commas. */
  readonly expressions: (nodes: readonly Node[]) => Expression;
  readonly args: (list: Node | undefined) => readonly Argument[];
  readonly parameters: (list: Node) => readonly Parameter[];
  readonly written: (place: Span) => string;
  /** Does one step down the tree, or the other thing where that would be too deep. */
  readonly nested: Nesting;
}

const REASONS: ReadonlyMap<string, Reason> = new Map(
  (
    [
      ["FormatString", why.FORMAT],
      [
        "ComprehensionExpression ArrayComprehensionExpression DictionaryComprehensionExpression SetComprehensionExpression",
        why.COMPREHENSION,
      ],
      ["SetExpression", why.TABLE],
      ["AwaitExpression YieldExpression", WAITING],
      ["NamedExpression", why.WALRUS],
    ] as const
  ).flatMap(([names, reason]) => names.split(" ").map((name) => [name, reason] as const)),
);

export function createExpressions(text: string): Expressions {
  const nested = createNesting();
  const written = ({ start, end }: Span): string => text.slice(start, end);
  const textOf = (node: Node): string => text.slice(node.from, node.to);
  const unreadable = (place: Span, reason: Reason): Expression => ({ kind: "unreadable", reason, ...place });

  const expression = (node: Node): Expression =>
    nested(
      () => unreadable(span(node), TOO_DEEP),
      () => {
        const read = EXPRESSIONS[node.name];
        const place = span(node);
        return read === undefined
          ? unreadable(place, REASONS.get(node.name) ?? why.UNKNOWN)
          : read(childrenOf(node), place, node);
      },
    );

  const item = (part: readonly Node[]): Expression => {
    if (part.length === 1) return expression(part[0]!);
    return unreadable(spanOf(part), part[0]!.name === "*" ? why.STARRED : why.UNKNOWN);
  };

  const expressions: Expressions["expressions"] = (nodes) => {
    const parts = listOf(nodes);
    const isTuple = parts.length !== 1 || nodes.some(({ name }) => name === ",");
    return isTuple ? { kind: "tuple", items: parts.map(item), ...spanOf(nodes) } : item(parts[0]!);
  };

  const tuple = (nodes: readonly Node[], place: Span): ExpressionOf<"tuple"> & Span => ({
    kind: "tuple",
    items: listOf(nodes).map(item),
    ...place,
  });

  type Read = (nodes: readonly Node[], place: Span, node: Node) => Expression;
  const EXPRESSIONS: Readonly<Record<string, Read | undefined>> = {
    VariableName: (_, place) => ({ kind: "name", name: written(place), ...place }),
    Number: (_, place) => ({ kind: "number", text: written(place), ...place }),
    String: (_, place) => {
      const plain = /^[rRuU]?(?:'''([^\\]*)'''|"""([^\\]*)"""|'([^\\]*)'|"([^\\]*)")$/.exec(written(place));
      return plain === null
        ? unreadable(place, why.TEXT)
        : { kind: "text", text: plain.slice(1).find((part) => part !== undefined) ?? "", ...place };
    },
    ContinuedString: (_, place) => ({ kind: "text", text: written(place), ...place }),
    Boolean: (_, place) => ({ kind: "truth", value: written(place) === "True", ...place }),
    // "yield" of nothing is parsed as if it were None.
    None: (_, place) =>
      written(place) === "None"
        ? { kind: "none", ...place }
        : unreadable({ start: place.start, end: place.start + "yield".length }, WAITING),
    Ellipsis: (_, place) => ({ kind: "ellipsis", ...place }),
    ParenthesizedExpression: (nodes, place) => {
      const [inner, ...others] = nodes.filter(({ name }) => name !== "(" && name !== ")");
      return inner === undefined || others.length > 0 ? unreadable(place, why.STARRED) : expression(inner);
    },
    TupleExpression: tuple,
    ArrayComprehensionExpression: (nodes, place) => {
      const inner = nodes.slice(1, -1);
      const [first, second] = ["for", "in"].map((word) => inner.findIndex(({ name }) => name === word));
      const isPlain = inner.filter(({ name }) => /^(?:for|in|if|async)$/.test(name)).length === 2;
      if (!isPlain || first! < 1 || second! < first!) return unreadable(place, why.COMPREHENSION);
      const each = {
        item: expressions(inner.slice(0, first)),
        target: expressions(inner.slice(first! + 1, second)),
        over: expressions(inner.slice(second! + 1)),
      };
      return { kind: "unreadable", reason: why.COMPREHENSION, each, ...place };
    },
    DictionaryExpression: (nodes, place) => {
      const parts = listOf(nodes.slice(1, -1));
      const entries = parts.flatMap(([key, colon, ...value]): Entry[] => {
        const name = key?.name === "String" && colon?.name === ":" ? expression(key) : undefined;
        return name?.kind === "text" && value.length === 1 ? [{ key: name.text, value: expression(value[0]!) }] : [];
      });
      return { kind: "unreadable", reason: why.TABLE, entries, isWhole: entries.length === parts.length, ...place };
    },
    ArrayExpression: (nodes, place) => ({ ...tuple(nodes, place), isList: true }),
    UnaryExpression: ([operator, operand], place, node) =>
      operator!.name === "not"
        ? test(node)
        : textOf(operator!) === "*"
          ? unreadable(place, why.STARRED)
          : { kind: "unary", operator: textOf(operator!), operand: expression(operand!), ...place },
    BinaryExpression: ([left, ...rest], place, node) =>
      rest.some(({ name }) => TESTS.has(name))
        ? test(node)
        : {
            kind: "binary",
            operator: textOf(rest[0]!),
            left: expression(left!),
            right: expression(rest.at(-1)!),
            ...place,
          },
    ConditionalExpression: ([yes, , condition, , no], place) => ({
      kind: "conditional",
      condition: expression(condition!),
      yes: expression(yes!),
      no: expression(no!),
      ...place,
    }),
    CallExpression: ([callee, list], place) => ({
      kind: "call",
      callee: expression(callee!),
      args: args(list),
      ...place,
    }),
    MemberExpression: ([object, sign, ...rest], place) => {
      if (sign!.name === ".")
        return { kind: "member", object: expression(object!), name: rest.map(textOf).join(""), ...place };
      const parts = listOf(rest);
      const read = parts.map(index);
      const whole = { start: sign!.to, end: place.end - 1 };
      return {
        kind: "element",
        object: expression(object!),
        index: read.length === 1 ? read[0]! : { kind: "tuple", items: read, ...whole },
        ...place,
      };
    },
    LambdaExpression: (nodes, place) => {
      const body = nodes.at(-1)!;
      const list = nodes.find(({ name }) => name === "ParamList");
      const node: FunctionNode = {
        name: "lambda",
        place,
        parameters: list === undefined ? [] : parameters(list),
        body: { kind: "return", value: expression(body), ...span(body) },
        decorators: [],
        locals: new Set(),
        ...place,
      };
      return { kind: "function", node, ...place };
    },
  };

  const index = (part: readonly Node[]): Expression =>
    part.some(({ name }) => name === ":")
      ? { kind: "slice", whole: part.every(({ name }) => name === ":"), ...spanOf(part) }
      : item(part);

  const args: Expressions["args"] = (list) =>
    list === undefined ? [] : listOf(childrenOf(list)).map((part): Argument => argument(part));

  const argument = (part: readonly Node[]): Argument => {
    const place = spanOf(part);
    const [first, second, ...rest] = part as [Node, ...Node[]];
    if (part.length === 1) return { spread: false, value: expression(first), ...place };
    if (first.name === "*" && rest.length === 0) return { spread: true, value: expression(second!), ...place };
    if (second!.name === "AssignOp" && textOf(second!) === "=" && rest.length === 1)
      return { name: textOf(first), spread: false, value: expression(rest[0]!), ...place };
    return { spread: false, value: unreadable(place, first.name === "**" ? why.SPREAD : why.COMPREHENSION), ...place };
  };

  const KINDS: Readonly<Record<string, Parameter["kind"]>> = { "*": "list", "**": "table" };

  const parameters: Expressions["parameters"] = (list) => {
    let kind: Parameter["kind"] = "plain";
    return listOf(childrenOf(list)).flatMap((part): Parameter[] => {
      const star = KINDS[part[0]!.name];
      const rest = star === undefined ? part : part.slice(1);
      // After `*` or `*args` arguments are given by name; `/` ends those that cannot be.
      if (star === "list") kind = "keyword";
      const name = rest.find((node) => node.name === "VariableName");
      if (name === undefined) return [];
      const type = rest.find((node) => node.name === "TypeDef");
      const initial = splitAt(rest, "AssignOp")[1];
      return [
        {
          name: textOf(name),
          kind: star ?? kind,
          ...(type !== undefined && { type: textOf(type).replace(/^:\s*/, "") }),
          ...(initial?.[0] !== undefined && { initial: expression(initial[0]) }),
          ...span(name),
        },
      ];
    });
  };

  /** The grammar does not say how "not" binds beside comparisons, "and" and "or": their parts are put in order here. */
  const test = (node: Node): Expression => {
    const parts = testParts(node, textOf);
    return parts === undefined
      ? unreadable(span(node), TOO_DEEP)
      : readTest(parts.map((part) => ("operator" in part ? part : expression(part.operand))));
  };

  return { expression, expressions, args, parameters, written, nested };
}
