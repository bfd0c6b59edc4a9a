/** Warnings about forms that are known to be wrong: no wrong value is emitted silently. */
import { isLost } from "../codegen/documentation.js";
import type { AccuracyReport } from "../codegen/target.js";

export interface Loss {
  readonly id: string;
  readonly target: string;
  readonly function: string;
  /** An input at which it has no correct digit. */
  readonly at: number;
  readonly parameters: Readonly<Record<string, number>>;
}

export const lossesOf = (id: string, target: string, accuracy: AccuracyReport): Loss[] =>
  Object.entries(accuracy).flatMap(([name, found]) =>
    isLost(found) ? [{ id, target, function: name, at: found.at, parameters: found.parameters }] : [],
  );

/** One line for each function and input, with the targets that share them. */
export function lossText(losses: readonly Loss[]): string {
  const lines = new Map<string, string[]>();
  for (const { id, target, function: name, at, parameters } of losses) {
    const set = Object.entries(parameters).map(([key, value]) => `, ${key} = ${value}`);
    const line = `${name} of ${id} is wrong at x = ${at}${set.join("")}`;
    lines.set(line, [...(lines.get(line) ?? []), target]);
  }
  return [...lines].map(([line, targets]) => `warning: ${line} (${targets.join(", ")})\n`).join("");
}
