/**
 * Functions of several kinds: `kind` of `activation(x, kind)` is one of the texts, or members of enumerations, that it is
 * compared with. Running the function tells them; it is then read for each.
 */
import { Diagnostic } from "../../diagnostic.js";
import type { Expr } from "../../ir/expr.js";
import { reason, type Reason, type Refuse, type Span } from "../place.js";
import { unlessRefused } from "./refusals.js";

/** A value that an argument may be, and its name. */
export interface Choice<Value> {
  readonly name: string;
  readonly value: Value;
}

export interface Choices<Value> {
  /** The kind that an argument is read for, where one has been chosen; `initial`: that where it is left out. */
  readonly chosenFor: (argument: Expr, initial?: Choice<Value>) => Choice<Value> | undefined;
  /** An argument has to be of some kind: what is read without one is refused. */
  readonly refuseWithout: (argument: Expr, place: Span, reason: Reason) => void;
  /** From here on an argument is read as another symbol. */
  readonly readAs: (argument: Expr, symbol: Expr) => void;
  /** Whether a symbol is an argument that may turn out to be of some kind. */
  readonly isOpen: (symbol: Expr) => boolean;
  /** Asks whether an argument that is open is one of these: it is none, as long as nothing is chosen. */
  readonly ask: (symbol: Expr, choices: readonly Choice<Value>[]) => void;
  /** The results of reading for each choice; those that are refused are reported, unless all are. */
  readonly forEach: <Result>(place: Span, read: () => readonly Result[], report: Report) => readonly Result[];
  /** The kinds that a function asks an argument for that stands for anything. */
  readonly askedBy: (argument: Expr, run: () => unknown) => readonly Choice<Value>[];
}
type Report = (place: Span, reason: Reason) => void;

const MOST_CHOICES = 50;
const MANY_CHOICES = reason("this is asked for by too many names", "give each a function of its own");

interface Questions<Value> {
  readonly chosen: ReadonlyMap<Expr, Choice<Value>>;
  /** The arguments that may be of some kind, and what they are where they are left out. */
  readonly open: Map<Expr, Choice<Value> | undefined>;
  readonly asked: Map<Expr, Map<string, Choice<Value>>>;
  /** The arguments that are read as other symbols. */
  readonly meant: Map<Expr, Expr>;
  /** The reasons against arguments of no kind. */
  readonly refusals: Map<Expr, () => never>;
}
const asking = <Value>(chosen: Questions<Value>["chosen"] = new Map()): Questions<Value> => ({
  chosen,
  open: new Map(),
  asked: new Map(),
  meant: new Map(),
  refusals: new Map(),
});

export function createChoices<Value>(refuse: Refuse): Choices<Value> {
  let current = asking<Value>();
  const during = <Result>(questions: Questions<Value>, action: () => Result): Result | Diagnostic => {
    const before = current;
    current = questions;
    try {
      return unlessRefused(action, (error) => error);
    } finally {
      current = before;
    }
  };

  const forEach: Choices<Value>["forEach"] = (place, read, report) => {
    let count = 0;
    const errors: Diagnostic[] = [];
    const results: ReturnType<typeof read>[number][] = [];
    const waiting: Questions<Value>["chosen"][] = [new Map()];
    for (let chosen = waiting.pop(); chosen !== undefined; chosen = waiting.pop()) {
      const questions = asking(chosen);
      const outcome = during(questions, read);
      const initial = [...questions.open].flatMap(([argument, choice]) =>
        choice === undefined || questions.chosen.has(argument) ? [] : [[argument, choice] as const],
      );
      const [first] = questions.asked;
      if (first !== undefined) {
        const [argument, names] = first;
        const leftOut = questions.open.get(argument);
        const choices = leftOut === undefined ? names : new Map([[leftOut.name, leftOut], ...names]);
        count += choices.size;
        if (count > MOST_CHOICES) return refuse(place, MANY_CHOICES);
        const each = [...choices.values()].map((choice) => new Map([...questions.chosen, [argument, choice]]));
        waiting.push(...each.reverse());
      } else if (initial.length > 0) waiting.push(new Map([...questions.chosen, ...initial]));
      else {
        const [refusal] = questions.refusals.values();
        const judged = refusal === undefined ? outcome : during(questions, refusal);
        if (judged instanceof Diagnostic) errors.push(judged);
        else results.push(...judged);
      }
    }
    const [error] = errors;
    if (error !== undefined && results.length === 0) throw error;
    for (const { message, hint = "", start = 0, end = start } of errors) report({ start, end }, { message, hint });
    return results;
  };

  return {
    chosenFor: (argument, initial) => {
      if (initial !== undefined || !current.open.has(argument)) current.open.set(argument, initial);
      return current.chosen.get(argument);
    },
    refuseWithout: (argument, place, reason) => {
      if (!current.chosen.has(argument)) current.refusals.set(argument, () => refuse(place, reason));
    },
    readAs: (argument, symbol) => void current.meant.set(symbol, argument),
    isOpen: (symbol) => current.open.has(current.meant.get(symbol) ?? symbol),
    ask: (symbol, choices) => {
      const argument = current.meant.get(symbol) ?? symbol;
      const names = current.asked.get(argument) ?? new Map<string, Choice<Value>>();
      current.asked.set(argument, names);
      for (const choice of choices) if (!names.has(choice.name)) names.set(choice.name, choice);
    },
    forEach,
    askedBy: (argument, run) => {
      const questions = asking<Value>();
      questions.open.set(argument, undefined);
      during(questions, run);
      const choices = [...(questions.asked.get(argument)?.values() ?? [])];
      return choices.length > MOST_CHOICES ? [] : choices;
    },
  };
}
