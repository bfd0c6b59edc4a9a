/** The well-formedness of loops: types fit, locals are defined before they are used, stores go where they may. */
import { allValues, type LoopFunction, type Local, type Statement, type Value } from "./loops.js";
import { LOOP_OPERATIONS } from "./operations.js";
import { elementOf, lanesOf, type Type } from "./types.js";

/** Everything that is wrong with a function, as sentences; nothing for one that is well-formed. */
export function faultsOf({ arrays, numbers, results, body }: LoopFunction): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string): void => void (holds || faults.push(fault));

  const checkPlace = (array: string, type: Type, index: Value, count: number): void => {
    const found = arrays.find(({ name }) => name === array);
    expect(found !== undefined, `there is no array ${array}`);
    expect(found === undefined || elementOf(type) === found.element, `${array} holds ${found?.element}, not ${type}`);
    expect(index.type === "i32", `the place in ${array} is ${index.type}`);
    expect(count >= 1 && count <= lanesOf(type), `${count} of the lanes of ${type}`);
  };
  const checkValue = (root: Value, scope: ReadonlyMap<string, Type>): void => {
    for (const value of allValues(root)) {
      if (value.kind === "local")
        expect(scope.get(value.name) === value.type, `${value.name} is no ${value.type} here`);
      if (value.kind === "load") checkPlace(value.array, value.type, value.index, value.count);
      if (value.kind === "splat")
        expect(
          lanesOf(value.value.type) === 1 && elementOf(value.value.type) === elementOf(value.type),
          `${value.value.type} in the lanes of ${value.type}`,
        );
      if (value.kind === "numbered") expect(elementOf(value.type) === "f64", `${value.type} in lanes`);
      if (value.kind === "call")
        expect(
          value.args.every(({ type }) => type === value.type && elementOf(type) === "f64"),
          `${value.name} of other than f64`,
        );
      if (value.kind === "apply") {
        const types = value.args.map(({ type }) => type);
        expect(
          LOOP_OPERATIONS[value.op].type(...types) === value.type,
          `${value.op}(${types.join(", ")}): ${value.type}`,
        );
      }
    }
  };
  const define = ({ name, type }: Local, scope: Map<string, Type>): void => {
    expect(!scope.has(name), `${name} is defined twice`);
    scope.set(name, type);
  };
  const check = (statements: readonly Statement[], outer: ReadonlyMap<string, Type>, isWhole: boolean): void => {
    const scope = new Map(outer);
    statements.forEach((statement, i) => {
      switch (statement.kind) {
        case "let":
        case "assign": {
          const { kind, local, value } = statement;
          checkValue(value, scope);
          expect(value.type === local.type, `${local.name}: ${local.type} = ${value.type}`);
          if (kind === "let") define(local, scope);
          else expect(scope.get(local.name) === local.type, `${local.name} is assigned before it is defined`);
          break;
        }
        case "store":
          checkPlace(statement.array, statement.type, statement.index, statement.count);
          checkValue(statement.index, scope);
          checkValue(statement.value, scope);
          expect(statement.value.type === statement.type, `${statement.value.type} stored as ${statement.type}`);
          break;
        case "for": {
          const { index, from, to, step, body: inner } = statement;
          for (const end of [from, to]) {
            checkValue(end, scope);
            expect(end.type === "i32", `a loop to ${end.type}`);
          }
          expect(index.type === "i32" && step >= 1 && Number.isInteger(step), `a loop over ${index.type} by ${step}`);
          const inside = new Map(scope);
          define(index, inside);
          check(inner, inside, false);
          break;
        }
        case "while":
          checkValue(statement.condition, scope);
          expect(statement.condition.type === "bool", `while ${statement.condition.type}`);
          check(statement.body, scope, false);
          break;
        case "if":
          checkValue(statement.condition, scope);
          expect(statement.condition.type === "bool", `if ${statement.condition.type}`);
          check(statement.then, scope, false);
          check(statement.otherwise, scope, false);
          break;
        case "run": {
          const { of, arrays: given, numbers: words } = statement;
          const elementsOf = (names: readonly string[]): string =>
            names.map((name) => arrays.find((array) => array.name === name)?.element).join();
          for (const { index } of given) {
            checkValue(index, scope);
            expect(index.type === "i32", `a beginning at ${index.type}`);
          }
          for (const word of words) checkValue(word, scope);
          expect(
            elementsOf(given.map(({ array }) => array)) === of.arrays.map(({ element }) => element).join() &&
              words.map(({ type }) => type).join() === of.numbers.map(({ type }) => type).join(),
            `${of.name} is not made for what it is given`,
          );
          expect(of.results.length === 0, `${of.name} has results`);
          faults.push(...faultsOf(of));
          break;
        }
        case "return":
          for (const value of statement.values) checkValue(value, scope);
          expect(isWhole && i === statements.length - 1, "return is not the last statement");
          expect(
            statement.values.map(({ type }) => type).join() === results.join(),
            `returns ${statement.values.map(({ type }) => type).join()} instead of ${results.join()}`,
          );
      }
    });
  };
  check(body, new Map(numbers.map(({ name, type }) => [name, type])), true);
  expect(results.length === 0 || body.at(-1)?.kind === "return", "nothing is returned");
  return faults;
}
