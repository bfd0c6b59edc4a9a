/** The names of a file: what each stands for is worked out when it is first read. */
import { canonical } from "./library.js";
import { assignedNames, namesOf, partsOf } from "./convert.js";
import { createScope } from "./scopes.js";
import type { Expression, Imported, Statement } from "./syntax.js";
import { CONDITIONAL_NAME, REASSIGNED } from "./unreadable.js";
import type { Scope, Value } from "./values.js";

export interface Module {
  readonly scope: Scope;
  /** Modules of which all names were imported. */
  readonly starred: readonly string[];
  /** The names of members that the file assigns to, other than of ctx and self. */
  readonly patched: ReadonlySet<string>;
}

export const importedValue = ({ path }: Imported): Value => ({ kind: "path", path: canonical(path) });

/** `bind` gives the value of one name that an assignment gives values to. */
export function createModule(
  statements: readonly Statement[],
  bind: (target: Expression, value: Expression, name: string, scope: Scope) => Value,
): Module {
  const scope = createScope();
  const starred: string[] = [];
  const imports = new Set(importsIn(statements));
  const declare = (name: string, content: Value | (() => Value)): void => {
    if (!imports.has(name) || scope.cells.get(name) === undefined) scope.cells.set(name, { content });
  };

  const visit = (statement: Statement, isCertain: boolean): void => {
    const orConditional = (value: () => Value): Value | (() => Value) =>
      isCertain ? value : { kind: "refused", reason: CONDITIONAL_NAME };
    switch (statement.kind) {
      case "import":
        for (const each of statement.names) {
          if (each.local === "*") starred.push(canonical(each.path).replace(/\.\*$/, ""));
          else scope.cells.set(each.local, { content: importedValue(each) });
        }
        return;
      case "function":
      case "class": {
        const { node } = statement;
        declare(
          node.name,
          orConditional(() => ({ kind: statement.kind, node, scope }) as Value),
        );
        return;
      }
      case "assign":
        for (const target of statement.targets)
          for (const name of namesOf(target))
            declare(
              name,
              orConditional(() => bind(target, statement.value, name, scope)),
            );
        return;
      case "block":
        for (const inner of statement.body) visit(inner, isCertain);
        return;
      default:
        for (const inner of partsOf(statement)) visit(inner, false);
    }
  };
  for (const statement of statements) visit(statement, true);

  for (const name of reassigned(statements))
    scope.cells.set(name, { content: { kind: "refused", reason: REASSIGNED } });
  return { scope, starred, patched: new Set(patchedIn(statements)) };
}

/** Names that are bound more than once, and those that functions change. */
function reassigned(statements: readonly Statement[]): readonly string[] {
  const counts = new Map<string, number>();
  const count = (names: readonly string[]): void =>
    names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
  const imports = new Set(importsIn(statements));
  const isBranch = ({ kind }: Statement): boolean => kind === "if" || kind === "unreadable" || kind === "with";
  count(assignedNames(statements.filter((statement) => !isBranch(statement) && statement.kind !== "import")));
  count([...imports].filter((name) => counts.has(name)));
  // What is defined where an import fails only stands in for it.
  count(assignedNames(statements.filter(isBranch)).filter((name) => !imports.has(name)));
  const often = [...counts].filter(([, times]) => times > 1).map(([name]) => name);
  return [...often, ...globalsIn(statements)];
}

const importsIn = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap((statement) =>
    statement.kind === "import" ? statement.names.map(({ local }) => local) : importsIn(partsOf(statement)),
  );

const globalsIn = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap((statement): readonly string[] => {
    if (statement.kind === "global") return statement.names;
    if (statement.kind === "function") return globalsIn([statement.node.body]);
    return globalsIn(statement.kind === "class" ? statement.node.body : partsOf(statement));
  });

/** `Swish.backward = other` and `torch.sigmoid = other` change what a name of a class or a module is. */
const patchedIn = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap((statement): readonly string[] => {
    if (statement.kind === "assign") return statement.targets.flatMap(patchedBy);
    if (statement.kind === "update") return patchedBy(statement.target);
    if (statement.kind === "function") return patchedIn([statement.node.body]);
    return patchedIn(statement.kind === "class" ? statement.node.body : partsOf(statement));
  });

const patchedBy = (target: Expression): readonly string[] => {
  if (target.kind === "tuple") return target.items.flatMap(patchedBy);
  const isOwn = target.kind === "member" && target.object.kind === "name" && /^(?:self|ctx)$/.test(target.object.name);
  return target.kind === "member" && !isOwn ? [target.name] : [];
};
