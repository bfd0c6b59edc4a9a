/** The plain meaning of loops, one statement after the other: the reference for texts made of them. */
import type { LoopFunction, Statement, Value } from "./loops.js";
import { LOOP_OPERATIONS, ROUNDINGS, type LoopOperation } from "./operations.js";
import { elementOf, lanesOf } from "./types.js";

/** A value as its lanes. */
type Lanes = readonly number[];

export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface Arguments {
  readonly arrays: Readonly<Record<string, NumberArray>>;
  readonly numbers: Readonly<Record<string, number>>;
  /** The host's functions. */
  readonly functions?: Readonly<Record<string, (...args: number[]) => number>>;
}

/** Runs a function; its results. */
export function interpret({ body }: LoopFunction, { arrays, numbers, functions = {} }: Arguments): readonly number[] {
  const locals = new Map<string, Lanes>(Object.entries(numbers).map(([name, value]) => [name, [value]]));
  const arrayOf = (name: string): NumberArray => arrays[name]!;
  const number = (value: Value): number => evaluate(value)[0]!;

  const evaluate = (value: Value): Lanes => {
    const lanes = lanesOf(value.type);
    const round = ROUNDINGS[elementOf(value.type)];
    const each = (of: (lane: number) => number): Lanes => Array.from({ length: lanes }, (_, lane) => round(of(lane)));
    switch (value.kind) {
      case "constant":
        return each(() => value.value);
      case "local":
        return locals.get(value.name)!;
      case "splat": {
        const only = number(value.value);
        return each(() => only);
      }
      case "numbered":
        return each((lane) => lane);
      case "load": {
        const at = number(value.index);
        return each((lane) => arrayOf(value.array)[at + Math.min(lane, value.count - 1)]!);
      }
      case "call": {
        const args = value.args.map(evaluate);
        return each((lane) => functions[value.name]!(...args.map((arg) => arg[lane]!)));
      }
      case "apply": {
        const args = value.args.map(evaluate);
        const { lane: meaning, across }: LoopOperation = LOOP_OPERATIONS[value.op];
        if (across !== undefined) return across(...args);
        return each((lane) => meaning!(...args.map((arg) => arg[lane]!)));
      }
    }
  };

  const run = (statements: readonly Statement[]): readonly number[] | undefined => {
    for (const statement of statements) {
      switch (statement.kind) {
        case "let":
        case "assign":
          locals.set(statement.local.name, evaluate(statement.value));
          break;
        case "store": {
          const at = number(statement.index);
          evaluate(statement.value)
            .slice(0, statement.count)
            .forEach((lane, i) => (arrayOf(statement.array)[at + i] = lane));
          break;
        }
        case "for": {
          const to = number(statement.to);
          for (let i = number(statement.from); i < to; i += statement.step) {
            locals.set(statement.index.name, [i]);
            run(statement.body);
          }
          break;
        }
        case "while":
          while (number(statement.condition) === 1) run(statement.body);
          break;
        case "if":
          run(number(statement.condition) === 1 ? statement.then : statement.otherwise);
          break;
        case "run": {
          const { of, arrays: given, numbers: words } = statement;
          const from = given.map(({ array, index }) => arrayOf(array).subarray(number(index)));
          interpret(of, {
            arrays: Object.fromEntries(of.arrays.map(({ name }, i) => [name, from[i]!])),
            numbers: Object.fromEntries(of.numbers.map(({ name }, i) => [name, number(words[i]!)])),
            functions,
          });
          break;
        }
        case "return":
          return statement.values.map(number);
      }
    }
    return undefined;
  };
  return run(body) ?? [];
}
