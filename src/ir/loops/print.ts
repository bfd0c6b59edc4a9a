/** Loops as text for people: `--trace` and messages of tests. */
import type { LoopFunction, Statement, Value } from "./loops.js";

const placeText = (array: string, index: Value, count: number): string =>
  `${array}[${valueText(index)}${count === 1 ? "" : `, ${count} places`}]`;

export function valueText(value: Value): string {
  switch (value.kind) {
    case "local":
      return value.name;
    case "constant":
      return Object.is(value.value, -0) ? "-0" : String(value.value);
    case "apply":
      return `${value.op}(${value.args.map(valueText).join(", ")})`;
    case "call":
      return `host.${value.name}(${value.args.map(valueText).join(", ")})`;
    case "splat":
      return `${value.type}(${valueText(value.value)})`;
    case "numbered":
      return `${value.type}(0, 1, ...)`;
    case "load":
      return placeText(value.array, value.index, value.count);
  }
}

const block = (statements: readonly Statement[]): string[] =>
  statements.flatMap(statementLines).map((line) => `  ${line}`);

function statementLines(statement: Statement): string[] {
  switch (statement.kind) {
    case "let":
      return [`let ${statement.local.name}: ${statement.local.type} = ${valueText(statement.value)}`];
    case "assign":
      return [`${statement.local.name} = ${valueText(statement.value)}`];
    case "store":
      return [`${placeText(statement.array, statement.index, statement.count)} = ${valueText(statement.value)}`];
    case "for": {
      const { index, from, to, step, body } = statement;
      return [`for ${index.name} from ${valueText(from)} to ${valueText(to)} by ${step}`, ...block(body)];
    }
    case "while":
      return [`while ${valueText(statement.condition)}`, ...block(statement.body)];
    case "if":
      return [
        `if ${valueText(statement.condition)}`,
        ...block(statement.then),
        ...(statement.otherwise.length === 0 ? [] : ["else", ...block(statement.otherwise)]),
      ];
    case "run": {
      const places = statement.arrays.map(({ array, index }) => placeText(array, index, 1));
      return [`${statement.of.name}(${[...places, ...statement.numbers.map(valueText)].join(", ")})`];
    }
    case "return":
      return [`return ${statement.values.map(valueText).join(", ")}`];
  }
}

/** A function as lines of text. */
export function printLoops({ name, arrays, numbers, results, body }: LoopFunction): string {
  const given = [
    ...arrays.map((array) => `${array.name}: ${array.element}[]`),
    ...numbers.map(({ name: number, type }) => `${number}: ${type}`),
  ];
  return [`${name}(${given.join(", ")})${results.length === 0 ? "" : `: ${results.join(", ")}`}`, ...block(body)].join(
    "\n",
  );
}
