/**
 * Reads functions by running them on symbols. Where the source branches on a condition both branches are run, and every
 * variable that they leave behind becomes a choice between its two values; so does what they return.
 */
import { quote, refusal, type Reason, type Span } from "../place.js";
import { createEvaluator, nameOf } from "./expressions.js";
import type { Dialect } from "./reals.js";
import { createJournal, createScope, functionScope, lookUp, type Changes } from "./scopes.js";
import type { Argument, FunctionNode, Pattern, Source, Statement, StatementOf } from "./syntax.js";
import { LOOP, REASSIGNED, TOO_DEEP, TOO_LARGE } from "./unreadable.js";
import { FALSE, NOTHING, TRUE, type Cell, type Scope, type Truth, type Value } from "./values.js";

export interface Reader {
  readonly module: Scope;
  /** What a function of the file returns for the arguments; undefined is one that is not given. */
  readonly call: (node: FunctionNode, args: readonly (Value | undefined)[]) => Value;
  /** Runs a statement for what it assigns. */
  readonly execute: (statement: Statement, scope: Scope) => void;
}

/** Steps of the reading, for one function and for all of a file. */
const MOST_STEPS = 100_000;
const MOST_STEPS_OF_FILE = 2_000_000;
/** Steps inside each other: each takes a few frames of the stack. */
const DEEPEST = 500;

/** How a statement ends: whether the function has returned by then, and what; or that it has thrown. */
type Outcome = { readonly returned: Truth; readonly value?: Value } | "throws";
const CONTINUES: Outcome = { returned: FALSE };

const reason = (message: string, hint: string): Reason => ({ message, hint });
const RECURSION = reason("this calls itself, and recursion is not read", "write the function as one expression");
const NO_RETURN = reason("this function does not return a number on every path", 'end every path with "return"');
const ALWAYS_THROWS = reason("this function always throws", "return a number");
const OUTER = reason("this assigns to a variable outside the function, which is not read", "use a local variable");
const CIRCULAR = reason("this is defined by itself", "define it by something else");
const CONSTANT = reason("this is a constant and cannot be assigned to", 'declare it with "let"');
const TARGET = reason("this is not a variable of the function", "assign to a local variable");

export function createReader(source: Source, dialect: Dialect): Reader {
  const refuse = (place: Span, why: Reason): never => {
    throw refusal(source.text, place, why);
  };

  let depth = 0;
  let steps = 0;
  let stepsOfFile = 0;
  const step = <Result>(place: Span, action: () => Result): Result => {
    if (depth >= DEEPEST) refuse(place, TOO_DEEP);
    if (steps++ >= MOST_STEPS || stepsOfFile++ >= MOST_STEPS_OF_FILE) refuse(place, TOO_LARGE);
    depth += 1;
    try {
      return action();
    } finally {
      depth -= 1;
    }
  };

  const module = createScope({});
  const journal = createJournal();

  /** Constants of the module are worked out when they are first read. */
  const read = (cell: Cell, place: Span): Value => {
    const { content } = cell;
    if (typeof content !== "function") return content;
    cell.content = () => refuse(place, CIRCULAR);
    try {
      return (cell.content = content());
    } catch (error) {
      cell.content = content;
      throw error;
    }
  };

  const active = new Set<FunctionNode>();
  /** What functions of the file returned so far, by their arguments. */
  let known = new Map<FunctionNode, Map<string, Value>>();

  const call = (
    { node, scope }: { readonly node: FunctionNode; readonly scope: Scope },
    args: readonly (Value | undefined)[],
    place: Span,
  ): Value => {
    if (node.reason !== undefined) refuse(node, node.reason);
    if (active.has(node)) refuse(place, RECURSION);
    // Only what the arguments decide can be kept: a local function also sees variables that change.
    const key = scope === module ? keyOf(args) : undefined;
    const results = known.get(node) ?? new Map<string, Value>();
    known.set(node, results);
    const kept = key === undefined ? undefined : results.get(key);
    if (kept !== undefined) return kept;
    active.add(node);
    try {
      const result = run(node, scope, args, place);
      if (key !== undefined) results.set(key, result);
      return result;
    } finally {
      active.delete(node);
    }
  };

  const run = (node: FunctionNode, outer: Scope, args: readonly (Value | undefined)[], place: Span): Value => {
    if (args.length > node.args.length)
      refuse(
        place,
        reason(`${args.length} arguments are given, and the function takes ${node.args.length}`, "remove the others"),
      );
    const scope = createScope({}, outer);
    node.args.forEach((argument, i) => bindArgument(argument, args[i], scope, place));
    const outcome = execute(node.body, createScope(scope.owner, scope));
    if (outcome === "throws") return refuse(node, ALWAYS_THROWS);
    if (outcome.returned !== TRUE || outcome.value === undefined) return refuse(endOf(node), NO_RETURN);
    return outcome.value;
  };

  const bindArgument = ({ target, initial }: Argument, given: Value | undefined, scope: Scope, place: Span): void => {
    const value = given === undefined || given.kind === "nothing" ? initial && evaluate(initial, scope) : given;
    if (value === undefined)
      refuse(place, reason("an argument is missing in this call", "give every argument that has no default"));
    bind(target, value!, "let", scope);
  };

  const bind = (target: Pattern, value: Value | undefined, how: "const" | "let" | "var", scope: Scope): void => {
    const declare = (name: string, content: Value): void => {
      const home = how === "var" ? functionScope(scope) : scope;
      const cell = how === "var" ? home.cells.get(name) : undefined;
      if (cell !== undefined) return value === undefined ? undefined : journal.assign(cell, content);
      const created: Cell = { content: NOTHING, constant: how === "const", owner: scope.owner };
      home.cells.set(name, created);
      journal.assign(created, content);
    };
    if (target.kind === "unreadable") refuse(target, target.reason);
    if (target.kind === "name") declare(target.name, value ?? NOTHING);
    if (target.kind !== "fields") return;
    for (const field of target.fields) {
      const given = value !== undefined && "member" in value ? value.member?.(field.key) : undefined;
      const content = given ?? (field.initial && evaluate(field.initial, scope));
      if (content === undefined)
        refuse(field, reason(`${quote(field.key)} is not known here`, "give it a default, as in { alpha = 1 }"));
      else if (content.kind === "refused") refuse(field, content.reason);
      else declare(field.local, content);
    }
  };

  const assign = ({ target, operator, value, ...place }: StatementOf<"assign">, scope: Scope): Outcome => {
    const name = nameOf(target);
    const cell = name === undefined ? undefined : lookUp(scope, name);
    if (target.kind === "unreadable") refuse(target, target.reason);
    if (cell === undefined) return refuse(target, TARGET);
    if (cell.constant) refuse(target, CONSTANT);
    if (cell.owner !== scope.owner) refuse(target, OUTER);
    const right = { place: value, value: () => evaluate(value, scope) };
    const left = { place: target, value: () => evaluate(target, scope) };
    journal.assign(cell, operator === undefined ? right.value() : combine(place, operator, left, right));
    return CONTINUES;
  };

  const choice = (statement: StatementOf<"if">, scope: Scope): Outcome => {
    const condition = truth(statement.condition, scope);
    const taken = (which: Statement | undefined): Outcome =>
      which === undefined ? CONTINUES : execute(which, createScope(scope.owner, scope));
    if (condition.kind === "truth") return taken(condition.value ? statement.yes : statement.no);
    const [yes, no] = [journal.attempt(() => taken(statement.yes)), journal.attempt(() => taken(statement.no))];
    // Whoever reads on has come through a branch that neither threw nor returned.
    if (leaves(yes.result)) keep(no.changes);
    else if (leaves(no.result)) keep(yes.changes);
    else
      for (const cell of new Set([...yes.changes.keys(), ...no.changes.keys()])) {
        const before = cell.content as Value;
        const [a, b] = [yes.changes.get(cell) ?? before, no.changes.get(cell) ?? before];
        journal.assign(cell, merge(statement, condition, a, b));
      }
    if (yes.result === "throws") return no.result;
    if (no.result === "throws") return yes.result;
    return both(statement, condition, yes.result, no.result);
  };

  const leaves = (outcome: Outcome): boolean => outcome === "throws" || outcome.returned === TRUE;
  const keep = (changes: Changes): void => changes.forEach((value, cell) => journal.assign(cell, value));

  const both = (
    place: Span,
    condition: Truth,
    yes: Exclude<Outcome, "throws">,
    no: Exclude<Outcome, "throws">,
  ): Outcome => {
    const returned = merge(place, condition, yes.returned, no.returned) as Truth;
    if (yes.value === undefined || no.value === undefined) {
      const value = yes.value ?? no.value;
      return value === undefined ? { returned } : { returned, value };
    }
    return { returned, value: merge(place, condition, yes.value, no.value) };
  };

  const sequence = (body: readonly Statement[], scope: Scope): Outcome => {
    /** Outcomes after which some inputs go on, in order. */
    const partial: { readonly place: Span; readonly outcome: Exclude<Outcome, "throws"> }[] = [];
    let last: Outcome = CONTINUES;
    for (const statement of body) {
      last = execute(statement, scope);
      if (last === "throws" || last.returned === TRUE) break;
      if (last.returned !== FALSE) partial.push({ place: statement, outcome: last });
      last = CONTINUES;
    }
    return partial.reduceRight<Outcome>(
      (rest, { place, outcome }) =>
        rest === "throws"
          ? { ...outcome, returned: TRUE }
          : both(place, outcome.returned, { ...outcome, returned: TRUE }, rest),
      last,
    );
  };

  type Table = { readonly [K in Statement["kind"]]: (statement: StatementOf<K>, scope: Scope) => Outcome };
  const STATEMENTS: Table = {
    declare: ({ target, value, how }, scope) => {
      bind(target, value && evaluate(value, scope), how, scope);
      return CONTINUES;
    },
    assign,
    if: choice,
    block: ({ body }, scope) => sequence(body, createScope(scope.owner, scope)),
    return: (statement, scope) => {
      const value = statement.value && evaluate(statement.value, scope);
      return value === undefined || value.kind === "nothing"
        ? refuse(statement.value ?? statement, NO_RETURN)
        : { returned: TRUE, value };
    },
    throw: () => "throws",
    for: (place) => refuse(place, LOOP),
    unreadable: (place) => refuse(place, place.reason),
  };

  const execute = (statement: Statement, scope: Scope): Outcome =>
    step(statement, () =>
      (STATEMENTS[statement.kind] as (statement: Statement, scope: Scope) => Outcome)(statement, scope),
    );

  const { evaluate, truth, combine, merge } = createEvaluator({ source, dialect, refuse, step, read, call });

  for (const statement of source.statements) if (statement.kind === "declare") declareInModule(statement);

  return {
    module,
    call: (node, args) => {
      steps = 0;
      known = new Map();
      return call({ node, scope: module }, args, node);
    },
    execute: (statement, scope) => {
      steps = 0;
      execute(statement, scope);
    },
  };

  function declareInModule({ target, value, how }: StatementOf<"declare">): void {
    const names = target.kind === "name" ? [target] : target.kind === "fields" ? target.fields : [];
    for (const name of names) {
      const local = "local" in name ? name.local : name.name;
      const content = (): Value => {
        if (how !== "const" && source.reassigned.has(local)) refuse(name, REASSIGNED);
        const scope = createScope(module.owner, module);
        // Its own scope, so that reading the name again is not answered by a half-made variable.
        bind(target, value && evaluate(value, module), how === "var" ? "let" : how, scope);
        return scope.cells.get(local)!.content as Value;
      };
      module.cells.set(local, { content, constant: how === "const", owner: module.owner });
    }
  }
}

const endOf = ({ start, end }: FunctionNode): Span => ({ start: Math.max(start, end - 1), end });

/** Arguments as text, when they are nothing but expressions. */
function keyOf(args: readonly (Value | undefined)[]): string | undefined {
  const keys = args.map((arg) => {
    if (arg?.kind === "truth") return String(arg.value);
    return arg?.kind === "number" || arg?.kind === "condition" ? `${arg.kind}${arg.expr.id}` : undefined;
  });
  return keys.includes(undefined) ? undefined : keys.join(" ");
}
