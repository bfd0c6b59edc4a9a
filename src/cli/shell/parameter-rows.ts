/** Parameters as rows of a table: the default, the range, and whether it is learnable. */
import type { Parameter } from "../../ir/definition.js";

export const parameterRows = (parameters: readonly Parameter[]): string[][] =>
  parameters.map(({ name, default: value, range: [low, high], learnable }) => [
    `${name} = ${value}`,
    low === -Infinity && high === Infinity ? "any value" : `${low} to ${high}`,
    learnable ? "learnable" : "",
  ]);
