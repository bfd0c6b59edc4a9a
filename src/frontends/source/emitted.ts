/**
 * Emitted JavaScript to plain syntax, by the parser that has formatted it: the few constructs that nonlin writes. Everything
 * else is unreadable, so that a module with more in it is not taken for what was planned.
 */
import { WAITING } from "../interpreter/refusals.js";
import { refusal, type Span } from "../place.js";
import type { Effects } from "./effects.js";
import type { Argument, Expression, Field, FunctionNode, Member, Pattern, Source, Statement } from "./syntax.js";
import * as why from "./unreadable.js";

/** A node of Babel's tree: its kind, its place, and parts by name. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

const span = ({ start, end }: Node): Span => ({ start, end });
const part = (node: Node, name: string): Node => node[name] as Node;
const optional = (node: Node, name: string): Node | undefined => (node[name] as Node | null | undefined) ?? undefined;
const parts = (node: Node, name: string): readonly Node[] => node[name] as readonly Node[];
const textOf = (node: Node, name: string): string => node[name] as string;

/** The syntax of an emitted module; a `Diagnostic` where it is none. */
export async function parseEmitted(text: string): Promise<Source> {
  const { parsers } = await import("prettier/plugins/babel");
  let program: Node;
  try {
    const tree = (await parsers.babel.parse(text, {} as never)) as { readonly program: Node };
    ({ program } = tree);
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    throw refusal(
      text,
      { start: 0, end: 0 },
      { message: `this is not JavaScript: ${message}`, hint: "build the module again" },
    );
  }
  return { text, statements: statementsOf(program, text), variables: [], effects: effectsOf(program) };
}

const unreadable = (node: Node) => ({
  kind: "unreadable" as const,
  reason: /Template|String/.test(node.type) ? why.TEXT : why.UNKNOWN,
  ...span(node),
});

/** Functions are there from the start of their block. */
function statementsOf(block: Node, text: string): Statement[] {
  const read = (node: Node): readonly Statement[] => {
    const place = span(node);
    const one = (name: string): Statement => {
      const body = read(part(node, name));
      return body.length === 1 ? body[0]! : { kind: "block", body, ...span(part(node, name)) };
    };
    switch (node.type) {
      case "ExportNamedDeclaration": {
        const declaration = optional(node, "declaration");
        return declaration === undefined ? [unreadable(node)] : read(declaration);
      }
      case "FunctionDeclaration": {
        const id = part(node, "id");
        const value: Expression = { kind: "function", node: functionOf(node, text), ...place };
        const target: Pattern = { kind: "name", name: textOf(id, "name"), ...span(id) };
        return [{ kind: "declare", target, value, how: "function", ...place }];
      }
      case "VariableDeclaration": {
        const how = textOf(node, "kind");
        if (how !== "const" && how !== "let") return [unreadable(node)];
        return parts(node, "declarations").map((declared): Statement => {
          const value = optional(declared, "init");
          const target = patternOf(part(declared, "id"), text);
          return {
            kind: "declare",
            target,
            ...(value !== undefined && { value: expressionOf(value, text) }),
            how,
            ...span(declared),
          };
        });
      }
      case "ExpressionStatement":
        return [effectOf(part(node, "expression"), text)];
      case "IfStatement": {
        const condition = expressionOf(part(node, "test"), text);
        const no = optional(node, "alternate");
        return [
          {
            kind: "if",
            condition,
            yes: one("consequent"),
            ...(no !== undefined && { no: one("alternate") }),
            ...place,
          },
        ];
      }
      case "BlockStatement":
        return [{ kind: "block", body: statementsOf(node, text), ...place }];
      case "ReturnStatement": {
        const value = optional(node, "argument");
        return [{ kind: "return", ...(value !== undefined && { value: expressionOf(value, text) }), ...place }];
      }
      case "ThrowStatement":
        return [{ kind: "raise", ...place }];
      case "ForStatement":
        return [{ kind: "for", header: text.slice(node.start, part(node, "body").start), body: one("body"), ...place }];
      default:
        return [unreadable(node)];
    }
  };
  const isFunction = ({ type, declaration }: Node): boolean =>
    type === "FunctionDeclaration" || (declaration as Node | null | undefined)?.type === "FunctionDeclaration";
  const body = parts(block, "body");
  return [...body.filter(isFunction), ...body.filter((node) => !isFunction(node))].flatMap(read);
}

function effectOf(node: Node, text: string): Statement {
  if (node.type !== "AssignmentExpression") return unreadable(node);
  const operator = textOf(node, "operator").slice(0, -1);
  return {
    kind: "assign",
    target: expressionOf(part(node, "left"), text),
    ...(operator !== "" && { operator }),
    value: expressionOf(part(node, "right"), text),
    ...span(node),
  };
}

function functionOf(node: Node, text: string): FunctionNode {
  const body = part(node, "body");
  const isBlock = body.type === "BlockStatement";
  return {
    args: parts(node, "params").map((parameter): Argument => {
      const [target, initial] = withInitial(parameter);
      return {
        target: patternOf(target, text),
        ...(initial !== undefined && { initial: expressionOf(initial, text) }),
        ...span(target),
      };
    }),
    body: isBlock
      ? { kind: "block", body: statementsOf(body, text), ...span(body) }
      : { kind: "return", value: expressionOf(body, text), ...span(body) },
    variables: [],
    blockFunctions: [],
    isArrow: false,
    tags: [],
    ...(node["async"] === true || node["generator"] === true ? { reason: WAITING } : {}),
    ...span(node),
  };
}

const withInitial = (node: Node): readonly [target: Node, initial: Node | undefined] =>
  node.type === "AssignmentPattern" ? [part(node, "left"), part(node, "right")] : [node, undefined];

function patternOf(node: Node, text: string): Pattern {
  if (node.type === "Identifier") return { kind: "name", name: textOf(node, "name"), ...span(node) };
  if (node.type !== "ObjectPattern") return unreadable(node);
  const fields: Field[] = [];
  for (const property of parts(node, "properties")) {
    if (property.type !== "ObjectProperty" || property["computed"] === true) return unreadable(property);
    const [local, initial] = withInitial(part(property, "value"));
    if (local.type !== "Identifier") return unreadable(property);
    fields.push({
      key: textOf(part(property, "key"), "name"),
      local: textOf(local, "name"),
      ...(initial !== undefined && { initial: expressionOf(initial, text) }),
      ...span(local),
    });
  }
  return { kind: "fields", isList: false, fields, ...span(node) };
}

/** Expressions, which nest no deeper than lines are long. */
function expressionOf(node: Node, text: string): Expression {
  const read = (name: string): Expression => expressionOf(part(node, name), text);
  const place = span(node);
  switch (node.type) {
    case "ParenthesizedExpression":
      return read("expression");
    case "NumericLiteral":
      return { kind: "number", text: text.slice(node.start, node.end), ...place };
    case "BooleanLiteral":
      return { kind: "truth", value: node["value"] === true, ...place };
    case "Identifier":
      return { kind: "name", name: textOf(node, "name"), ...place };
    case "UnaryExpression":
      return { kind: "unary", operator: textOf(node, "operator"), operand: read("argument"), ...place };
    case "BinaryExpression":
    case "LogicalExpression":
      return {
        kind: "binary",
        operator: textOf(node, "operator"),
        left: read("left"),
        right: read("right"),
        ...place,
      };
    case "ConditionalExpression":
      return { kind: "conditional", condition: read("test"), yes: read("consequent"), no: read("alternate"), ...place };
    case "MemberExpression":
      return node["computed"] === true
        ? { kind: "element", object: read("object"), index: read("property"), ...place }
        : { kind: "member", object: read("object"), name: textOf(part(node, "property"), "name"), ...place };
    case "CallExpression":
      return {
        kind: "call",
        callee: read("callee"),
        args: parts(node, "arguments").map((argument) => expressionOf(argument, text)),
        ...place,
      };
    case "ArrowFunctionExpression":
      return { kind: "function", node: functionOf(node, text), ...place };
    case "ObjectExpression":
      return {
        kind: "object",
        members: parts(node, "properties").map((property): Member =>
          property.type === "ObjectProperty" && property["computed"] !== true
            ? {
                kind: "value",
                name: textOf(part(property, "key"), "name"),
                place: span(part(property, "key")),
                value: expressionOf(part(property, "value"), text),
              }
            : { kind: "unknown", place: span(property) },
        ),
        ...place,
      };
    default:
      return unreadable(node);
  }
}

/** The names that get another value though no function declares them, and the members that are written. */
function effectsOf(program: Node): Effects {
  const assigned = new Set<string>();
  const declared = new Set<string>();
  const written = new Set<string>();
  let writesElements = false;
  const stack: Node[] = [program];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.type === "VariableDeclaration" && node["kind"] === "let")
      for (const { id } of parts(node, "declarations") as readonly (Node & { readonly id: Node })[])
        if (id.type === "Identifier") declared.add(textOf(id, "name"));
    if (node.type === "AssignmentExpression" || node.type === "UpdateExpression") {
      const target = part(node, node.type === "UpdateExpression" ? "argument" : "left");
      if (target.type === "Identifier") assigned.add(textOf(target, "name"));
      else if (target.type === "MemberExpression" && target["computed"] !== true)
        written.add(textOf(part(target, "property"), "name"));
      else writesElements = true;
    }
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
        if (typeof child === "object" && child !== null && "type" in child) stack.push(child as Node);
  }
  return {
    reassigned: new Set([...assigned].filter((name) => !declared.has(name))),
    mentions: [],
    mentionsIn: () => [],
    written,
    ownWritten: new Set(),
    writesAny: false,
    writesElements,
    dynamic: undefined,
  };
}
