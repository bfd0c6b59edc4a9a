/** The parser's statements to ours: a table of what is read; the rest becomes `unreadable`. */
import { TOO_DEEP, WAITING } from "../interpreter/refusals.js";
import type { Reason, Span } from "../place.js";
import { createExpressions } from "./convert-expressions.js";
import type { ClassNode, Expression, FunctionNode, Imported, Statement } from "./syntax.js";
import { childrenOf, listOf, span, spanOf, splitAt, type Node } from "./tree.js";
import * as why from "./unreadable.js";

/** Each `elif` is nested in the one before. */
const MOST_BRANCHES = 100;

const REASONS: ReadonlyMap<string, Reason> = new Map([
  ["ForStatement", why.LOOP],
  ["WhileStatement", why.LOOP],
  ["BreakStatement", why.LOOP],
  ["ContinueStatement", why.LOOP],
  ["TryStatement", why.TRY],
  ["MatchStatement", why.MATCH],
  ["YieldStatement", WAITING],
  ["PrintStatement", why.PRINT],
  ["DeleteStatement", why.DELETED],
]);

export function createConverter(text: string): (script: Node) => readonly Statement[] {
  const { expression, expressions, args, parameters, written, nested } = createExpressions(text);
  const textOf = (node: Node): string => text.slice(node.from, node.to);

  const statement = (node: Node): readonly Statement[] =>
    nested<readonly Statement[]>(
      () => [{ kind: "unreadable", reason: TOO_DEEP, parts: [], ...span(node) }],
      () => STATEMENTS[node.name]?.(childrenOf(node), span(node)) ?? [unreadable(node)],
    );
  const unreadable = (node: Node): Statement => ({
    kind: "unreadable",
    reason: REASONS.get(node.name) ?? why.UNKNOWN,
    parts: childrenOf(node).filter(isBody).map(block),
    ...span(node),
  });
  /** `for target in over: body`. */
  const loop = (nodes: readonly Node[]): Extract<Statement, { kind: "unreadable" }>["loop"] => {
    const at = nodes.findIndex(({ name }) => name === "in");
    const body = nodes.find(isBody);
    if (nodes[0]!.name !== "for" || at < 0 || nodes.filter(isBody).length > 1) return undefined;
    const over = nodes.slice(at + 1, nodes.indexOf(body!));
    return { target: expressions(nodes.slice(1, at)), over: expressions(over), body: block(body!) };
  };
  const isBody = ({ name }: Node): boolean => name === "Body";
  const block = (body: Node): Statement => ({
    kind: "block",
    body: childrenOf(body)
      .filter(({ name }) => name !== ":")
      .flatMap(statement),
    ...span(body),
  });

  /** One inside the other; none where there is nothing. */
  const chain = (branches: readonly Branch[]): readonly Statement[] => {
    const read = branches.reduceRight<Statement | undefined>(
      (no, { condition, ...branch }) =>
        condition === undefined ? branch.yes : { kind: "if", condition, ...branch, ...(no !== undefined && { no }) },
      undefined,
    );
    return read === undefined ? [] : [read];
  };

  /** `"relu" | "ReLU"` of a case. */
  const alternatives = (pattern: Node): Expression | undefined => {
    const parts =
      pattern.name === "OrPattern" ? childrenOf(pattern).filter(({ name }) => name !== "LogicOp") : [pattern];
    const items = parts.flatMap((part) => (part.name === "LiteralPattern" ? childrenOf(part).map(expression) : []));
    const areTexts = items.length === parts.length && items.every(({ kind }) => kind === "text");
    return areTexts ? { kind: "tuple", items, ...span(pattern) } : undefined;
  };

  type Read = (nodes: readonly Node[], place: Span) => readonly Statement[] | undefined;
  const STATEMENTS: Readonly<Record<string, Read | undefined>> = {
    StatementGroup: (nodes) => nodes.filter(({ name }) => name !== ";").flatMap(statement),
    // Text that stands alone is for people.
    ExpressionStatement: (nodes, place) =>
      nodes.length === 1 && nodes[0]!.name === "String"
        ? []
        : [{ kind: "expression", value: expressions(nodes), ...place }],
    PassStatement: () => [],
    ForStatement: (nodes, place) => {
      const read = loop(nodes);
      const parts = nodes.filter(isBody).map(block);
      return [{ kind: "unreadable", reason: why.LOOP, parts, ...(read && { loop: read }), ...place }];
    },
    // A name that is gone is not read again.
    DeleteStatement: ([, ...nodes]) =>
      nodes.every(({ name }) => name === "VariableName" || name === ",") ? [] : undefined,
    TypeDefinition: () => [],
    AssignStatement: (nodes, place) => {
      const parts = splitAt(
        nodes.filter(({ name }) => name !== "TypeDef"),
        "AssignOp",
      );
      // `alpha: float` declares a type and gives no value.
      if (parts.length < 2) return [];
      const sides = parts.map(expressions);
      return [{ kind: "assign", targets: sides.slice(0, -1), value: sides.at(-1)!, ...place }];
    },
    UpdateStatement: (nodes, place) => {
      const [left, right] = splitAt(nodes, "UpdateOp");
      const operator = textOf(nodes[left!.length]!).slice(0, -1);
      return [{ kind: "update", target: expressions(left!), operator, value: expressions(right!), ...place }];
    },
    ReturnStatement: ([, ...nodes], place) => [
      { kind: "return", ...(nodes.length > 0 && { value: expressions(nodes) }), ...place },
    ],
    RaiseStatement: (_, place) => [{ kind: "raise", ...place }],
    AssertStatement: ([, condition], place) => [{ kind: "assert", condition: expression(condition!), ...place }],
    ScopeStatement: ([, ...nodes], place) => [
      { kind: "global", names: listOf(nodes).map(([name]) => textOf(name!)), ...place },
    ],
    ImportStatement: (nodes, place) => [{ kind: "import", names: imported(nodes), ...place }],
    DecoratedStatement: (nodes) => {
      const definition = nodes.at(-1)!;
      const decorators = nodes.slice(0, -1).map(decorator);
      const inner = childrenOf(definition);
      return definition.name === "FunctionDefinition"
        ? [functionStatement(inner, span(definition), decorators)]
        : [classStatement(inner, span(definition), decorators)];
    },
    FunctionDefinition: (nodes, place) => [functionStatement(nodes, place, [])],
    ClassDefinition: (nodes, place) => [classStatement(nodes, place, [])],
    IfStatement: (nodes, place) => {
      // if c B (elif c B)* (else B)?
      const branches: { readonly condition?: Node; readonly body: Node }[] = [];
      for (const [i, node] of nodes.entries()) {
        if (!isBody(node)) continue;
        const before = nodes[i - 1]!;
        branches.push(before.name === "else" ? { body: node } : { condition: before, body: node });
      }
      if (branches.length > MOST_BRANCHES) return [{ kind: "unreadable", reason: TOO_DEEP, parts: [], ...place }];
      return chain(
        branches.map(({ condition, body }) => ({
          ...(condition !== undefined && { condition: expression(condition) }),
          yes: block(body),
          ...spanOf(condition === undefined ? [body] : [condition, body]),
        })),
      );
    },
    MatchStatement: ([, ...nodes]) => {
      const clauses = childrenOf(nodes.at(-1)!).filter(({ name }) => name === "MatchClause");
      const subject = expressions(nodes.slice(0, -1));
      if (!isPlain(subject) || clauses.length > MOST_BRANCHES) return undefined;
      const branches = clauses.map((clause, i): Branch | undefined => {
        const [, pattern, body, ...more] = childrenOf(clause);
        if (pattern === undefined || body === undefined || !isBody(body) || more.length > 0) return undefined;
        const rest = { yes: block(body), ...span(clause) };
        if (textOf(pattern) === "_" && i === clauses.length - 1) return rest;
        const texts = alternatives(pattern);
        return (
          texts && {
            condition: { kind: "binary", operator: "in", left: subject, right: texts, ...span(pattern) },
            ...rest,
          }
        );
      });
      return branches.every((each) => each !== undefined) ? chain(branches) : undefined;
    },
    WithStatement: (nodes, place) => {
      const body = nodes.find(isBody)!;
      const managers = listOf(nodes.slice(1, nodes.indexOf(body))).map((part) => splitAt(part, "as"));
      if (nodes[0]!.name === "async" || managers.some((sides) => sides.some((side) => side.length !== 1)))
        return [{ kind: "unreadable", reason: why.WITH, parts: [block(body)], ...place }];
      // A name behind "as" stands for something that values do not depend on.
      const named = managers.flatMap(([, alias]): readonly Statement[] =>
        alias === undefined
          ? []
          : [{ kind: "assign", targets: [expression(alias[0]!)], value: { kind: "ellipsis", ...place }, ...place }],
      );
      const inside: Statement = { kind: "block", body: [...named, block(body)], ...span(body) };
      return [{ kind: "with", managers: managers.map(([node]) => expression(node![0]!)), body: inside, ...place }];
    },
  };

  /** `@a.b` and `@a.b(...)`. */
  const decorator = (node: Node): Expression => {
    const nodes = childrenOf(node).slice(1);
    const names = nodes.filter(({ name }) => name === "VariableName");
    const callee = names.reduce<Expression | undefined>(
      (object, name) =>
        object === undefined
          ? expression(name)
          : { kind: "member", object, name: textOf(name), start: object.start, end: name.to },
      undefined,
    );
    const list = nodes.find(({ name }) => name === "ArgList");
    if (callee === undefined) return { kind: "unreadable", reason: why.DECORATOR, ...span(node) };
    return list === undefined ? callee : { kind: "call", callee, args: args(list), ...spanOf(nodes) };
  };

  const functionStatement = (nodes: readonly Node[], place: Span, decorators: readonly Expression[]): Statement => {
    const name = nodes.find((child) => child.name === "VariableName")!;
    const body = block(nodes.find(isBody)!);
    const waits = nodes[0]!.name === "async" || yields(body);
    const read: FunctionNode = {
      name: textOf(name),
      place: span(name),
      parameters: parameters(nodes.find((child) => child.name === "ParamList")!),
      body,
      decorators,
      locals: new Set(assignedNames([body])),
      ...(waits && { reason: WAITING }),
      ...place,
    };
    return { kind: "function", node: read, ...place };
  };

  const classStatement = (nodes: readonly Node[], place: Span, decorators: readonly Expression[]): Statement => {
    const name = nodes.find((node) => node.name === "VariableName")!;
    const given = args(nodes.find((node) => node.name === "ArgList"));
    const bases = given.filter((base) => base.name === undefined);
    const metaclass = given.find((base) => base.name !== undefined)?.value;
    const node: ClassNode = {
      name: textOf(name),
      place: span(name),
      bases: bases.map(({ value }) => value),
      ...(metaclass !== undefined && { metaclass }),
      decorators,
      body: nodes.filter(isBody).map(block),
      ...place,
    };
    return { kind: "class", node, ...place };
  };

  /** `import a.b as c, d.e` and `from a.b import c as d, e`. */
  const imported = (nodes: readonly Node[]): readonly Imported[] => {
    const at = nodes.findIndex(({ name }) => name === "import");
    const from = nodes[0]!.name === "from" ? written(spanOf(nodes.slice(1, at))).replace(/\s/g, "") : undefined;
    return listOf(nodes.slice(at + 1)).map((part): Imported => {
      const [names, alias] = splitAt(part, "as");
      const path = names!.map(textOf).join("");
      if (from !== undefined)
        return { local: textOf(alias?.[0] ?? names![0]!), path: from + (/^\.+$/.test(from) ? "" : ".") + path };
      // `import a.b` binds a.
      const first = textOf(names![0]!);
      return alias === undefined ? { local: first, path: first } : { local: textOf(alias[0]!), path };
    });
  };

  return (script) => childrenOf(script).flatMap(statement);
}

/** A way of an `if`, or of the cases of a `match`. */
interface Branch extends Span {
  readonly condition?: Expression;
  readonly yes: Statement;
}

/** It may be asked for again and again: `kind`, `self.kind`, `kind.lower()`. */
const isPlain = (subject: Expression): boolean =>
  subject.kind === "name" ||
  (subject.kind === "member" && isPlain(subject.object)) ||
  (subject.kind === "call" && subject.args.length === 0 && isPlain(subject.callee) && isOfText(subject.callee));
const isOfText = (callee: Expression): boolean =>
  callee.kind === "member" && /^(?:lower|upper|strip)$/.test(callee.name);

const yields = (statement: Statement): boolean => {
  if (statement.kind === "unreadable") return statement.reason === WAITING || statement.parts.some(yields);
  return partsOf(statement).some(yields);
};

/** The statements inside a statement, but for those of functions and classes. */
export function partsOf(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case "block":
      return statement.body;
    case "with":
      return [statement.body];
    case "if":
      return statement.no === undefined ? [statement.yes] : [statement.yes, statement.no];
    case "unreadable":
      return statement.parts;
    default:
      return [];
  }
}

export const namesOf = (target: Expression): readonly string[] =>
  target.kind === "name" ? [target.name] : target.kind === "tuple" ? target.items.flatMap(namesOf) : [];

/** The names that statements give a value to. */
export const assignedNames = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap((statement): readonly string[] => {
    switch (statement.kind) {
      case "assign":
        return statement.targets.flatMap(namesOf);
      case "update":
        return namesOf(statement.target);
      case "function":
      case "class":
        return [statement.node.name];
      case "import":
        return statement.names.map(({ local }) => local);
      default:
        return assignedNames(partsOf(statement));
    }
  });
