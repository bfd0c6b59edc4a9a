/** Runs statements: assignments, branches, and what changes tensors in place. */
import type { Reason, Span } from "../place.js";
import type { Calls, Refuse } from "./calls.js";
import { choose, chooseContent } from "./choice.js";
import { setAttribute } from "./context.js";
import type { Evaluator, Machine } from "./expressions.js";
import { importedValue } from "./module.js";
import type { Operators } from "./operators.js";
import type { Changes, Journal } from "./scopes.js";
import type { Expression, Statement, StatementOf } from "./syntax.js";
import { GLOBAL, NOT_LOCAL, PARTLY, WITH, reason } from "./unreadable.js";
import { FALSE, NONE, TRUE, opposite, type Cell, type Scope, type Truth, type Value } from "./values.js";
import { Diagnostic } from "../../diagnostic.js";

export interface Executor {
  readonly execute: (statement: Statement, scope: Scope) => Outcome;
  readonly assign: (target: Expression, value: Value, scope: Scope) => void;
}

/** How a statement ends: whether the function has returned by then, and what; or that it has raised. */
export type Outcome = { readonly returned: Truth; readonly value: Value } | "raises";
type Ending = Exclude<Outcome, "raises">;
const CONTINUES: Ending = { returned: FALSE, value: NONE };

interface Parts extends Evaluator {
  readonly refuse: Refuse;
  readonly step: Machine["step"];
  readonly journal: Journal;
  readonly calls: Calls;
  readonly operators: Operators;
  /** The function raises where this does not hold; `isCertain`: whatever came before. */
  readonly promise: (truth: Truth, place: Span, isCertain: boolean) => void;
  readonly pathOf: (expression: Expression, scope: Scope) => string;
}

/** What is computed inside is the same as without. */
const MANAGERS =
  /^(?:torch\.(?:no_grad|enable_grad|inference_mode|set_grad_enabled|autocast|(?:cuda\.|cpu\.)?amp\.(?:autocast_mode\.)?autocast|cuda\.(?:device|stream|nvtx\.range)|(?:autograd\.)?profiler\.\w+)|tensorflow\.(?:name_scope|device|control_dependencies)|contextlib\.nullcontext)$/;

const COUNT = (wanted: number, found: number): Reason =>
  reason(`${wanted} names are given ${found} values`, "give each name one value");

export function createExecutor(parts: Parts): Executor {
  const { evaluate, truth, refuse, journal, calls, operators } = parts;
  /** Branches around, each taken for some parameters only. */
  let branches = 0;

  const declare = (name: string, value: Value, scope: Scope): void => {
    const cell: Cell = scope.cells.get(name) ?? { content: { kind: "refused", reason: PARTLY } };
    scope.cells.set(name, cell);
    journal.assign(cell, value);
  };

  const assign = (target: Expression, value: Value, scope: Scope): void => {
    switch (target.kind) {
      case "name":
        return declare(target.name, value, scope);
      case "tuple": {
        if (value.kind !== "tuple") return refuse(target, NOT_TUPLE);
        if (value.items.length !== target.items.length) refuse(target, COUNT(target.items.length, value.items.length));
        return target.items.forEach((item, i) => assign(item, value.items[i]!, scope));
      }
      case "member": {
        const object = evaluate(target.object, scope);
        return object.kind === "context"
          ? setAttribute(object.context, target.name, value, journal)
          : refuse(target, NOT_LOCAL);
      }
      case "element": {
        const object = evaluate(target.object, scope);
        if (object.kind !== "tensor") return refuse(target, NOT_LOCAL);
        return calls.assignElement(object, evaluate(target.index, scope), value, target);
      }
      case "unreadable":
        return refuse(target, target.reason);
      default:
        return refuse(target, NOT_LOCAL);
    }
  };

  const update = (statement: StatementOf<"update">, scope: Scope): Outcome => {
    const { target, operator } = statement;
    const old = evaluate(target, scope);
    const result = operators.binary(statement, operator, old, evaluate(statement.value, scope));
    // A tensor of torch is changed where it is; anything else gets a new value.
    if (target.kind === "name" && old.kind === "tensor" && result.kind === "tensor" && calls.isMutable())
      calls.write(old, result.memory.content, statement);
    else assign(target, result, scope);
    return CONTINUES;
  };

  const attempt = (statement: Statement | undefined, scope: Scope) => {
    branches += 1;
    try {
      return journal.attempt(() => (statement === undefined ? CONTINUES : execute(statement, scope)));
    } finally {
      branches -= 1;
    }
  };

  const choice = (statement: StatementOf<"if">, scope: Scope): Outcome => {
    const condition = truth(statement.condition, scope);
    if (condition.kind === "truth") {
      const taken = condition.value ? statement.yes : statement.no;
      return taken === undefined ? CONTINUES : execute(taken, scope);
    }
    const [yes, no] = [attempt(statement.yes, scope), attempt(statement.no, scope)];
    // Whoever reads on has come through a branch that neither raised nor returned.
    if (leaves(yes.result)) keep(no.changes);
    else if (leaves(no.result)) keep(yes.changes);
    else merge(condition, yes.changes, no.changes);
    const promised = yes.result === "raises" ? opposite(condition) : no.result === "raises" ? condition : undefined;
    if (promised !== undefined) parts.promise(promised, statement.condition, branches === 0);
    if (yes.result === "raises") return no.result;
    return no.result === "raises" ? yes.result : both(condition, yes.result, no.result);
  };

  const leaves = (outcome: Outcome): boolean => outcome === "raises" || outcome.returned === TRUE;
  const keep = ({ cells, memories }: Changes): void => {
    cells.forEach((value, cell) => journal.assign(cell, value));
    memories.forEach((content, memory) => journal.write(memory, content));
  };
  const merge = (condition: Truth, yes: Changes, no: Changes): void => {
    for (const cell of new Set([...yes.cells.keys(), ...no.cells.keys()])) {
      const before = cell.content as Value;
      journal.assign(cell, choose(condition, yes.cells.get(cell) ?? before, no.cells.get(cell) ?? before));
    }
    if (condition.kind !== "condition") return;
    for (const memory of new Set([...yes.memories.keys(), ...no.memories.keys()])) {
      const [a, b] = [yes, no].map((side) => side.memories.get(memory) ?? memory.content);
      journal.write(memory, chooseContent(condition.expr, a!, b!));
    }
  };

  const both = (condition: Truth, yes: Ending, no: Ending): Ending => {
    const returned = choose(condition, yes.returned, no.returned) as Truth;
    if (yes.returned === FALSE || no.returned === FALSE)
      return { returned, value: (yes.returned === FALSE ? no : yes).value };
    return { returned, value: choose(condition, yes.value, no.value) };
  };

  const sequence = (body: readonly Statement[], scope: Scope): Outcome => {
    /** Outcomes after which some parameters go on, in order. */
    const partial: Ending[] = [];
    let last: Outcome = CONTINUES;
    const before = branches;
    for (const statement of body) {
      last = execute(statement, scope);
      if (last === "raises" || last.returned === TRUE) break;
      if (last.returned !== FALSE) {
        partial.push(last);
        // What follows is reached for some parameters only.
        branches += 1;
      }
      last = CONTINUES;
    }
    branches = before;
    return partial.reduceRight<Outcome>(
      (rest, { returned, value }) =>
        rest === "raises" ? { returned: TRUE, value } : both(returned, { returned: TRUE, value }, rest),
      last,
    );
  };

  type Table = { readonly [K in Statement["kind"]]: (statement: StatementOf<K>, scope: Scope) => Outcome };
  const STATEMENTS: Table = {
    assign: ({ targets, value }, scope) => {
      const result = evaluate(value, scope);
      for (const target of targets) assign(target, result, scope);
      return CONTINUES;
    },
    update,
    expression: ({ value }, scope) => {
      if (value.kind !== "text") evaluate(value, scope);
      return CONTINUES;
    },
    if: choice,
    block: ({ body }, scope) => sequence(body, scope),
    with: ({ managers, body }, scope) => {
      for (const manager of managers) if (!MANAGERS.test(parts.pathOf(manager, scope))) refuse(manager, WITH);
      return execute(body, scope);
    },
    return: ({ value }, scope) => ({ returned: TRUE, value: value === undefined ? NONE : evaluate(value, scope) }),
    raise: () => "raises",
    assert: ({ condition }, scope) => {
      const said = checked(condition, scope);
      if (said !== undefined) parts.promise(said, condition, branches === 0);
      return CONTINUES;
    },
    function: ({ node }, scope) => {
      declare(node.name, { kind: "function", node, scope }, scope);
      return CONTINUES;
    },
    class: ({ node }, scope) => {
      declare(node.name, { kind: "class", node, scope }, scope);
      return CONTINUES;
    },
    import: ({ names }, scope) => {
      for (const each of names) declare(each.local, importedValue(each), scope);
      return CONTINUES;
    },
    global: (at) => refuse(at, GLOBAL),
    unreadable: (at) => refuse(at, at.reason),
  };

  /** What an assertion says of parameters; those about tensors and types are for people. */
  const checked = (condition: Expression, scope: Scope): Truth | undefined => {
    try {
      return journal.attempt(() => truth(condition, scope)).result;
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      return undefined;
    }
  };

  const execute = (statement: Statement, scope: Scope): Outcome =>
    parts.step(statement, () =>
      (STATEMENTS[statement.kind] as (statement: Statement, scope: Scope) => Outcome)(statement, scope),
    );

  return { execute, assign };
}

const NOT_TUPLE = reason("this takes several values, and one is given", "give each name one value");
