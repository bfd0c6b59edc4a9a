/** Words for the values that emitted functions get wrong: no wrong value is emitted silently, and none without being asked for. */
import type { Saving } from "../../pipeline/activation.js";
import { shortfalls, type Shortfall } from "../../codegen/grade.js";
import type { AccuracyReport } from "../../codegen/target.js";
import { targets, type TargetName } from "../../registry.js";
import { withoutControls } from "./text.js";

/** A shortfall of a definition in a target. */
export interface Miss extends Shortfall {
  readonly id: string;
  readonly target: TargetName;
}

/** Who asks for the output to be kept asks for a backward that sees its digits alone. */
export const missesOf = (id: string, target: TargetName, accuracy: Partial<AccuracyReport>, save?: Saving): Miss[] =>
  shortfalls(accuracy, targets[target]).map((found) => {
    const isOfOutput = save === "output" && found.functions.every((name) => name === "backward");
    return { id, target, ...found, ...(isOfOutput && { grade: "off" as const }) };
  });

export const isWrong = ({ grade }: Miss): boolean => grade === "wrong";

/** Misses for machines. */
export const missFields = (misses: readonly Miss[]) => {
  const fields = (of: readonly Miss[]) => of.map(({ grade, ...miss }) => miss);
  return { wrong: fields(misses.filter(isWrong)), off: fields(misses.filter((miss) => !isWrong(miss))) };
};

/** One line for each miss, with the targets that share it; wrong ones are errors unless they are accepted. */
export function missText(misses: readonly Miss[], accepted: boolean): string {
  const lines = new Map<string, string[]>();
  for (const { id, target, functions, grade, at, parameters, got, right, isOfInput } of misses) {
    const label = grade === "off" ? "note" : accepted ? "warning" : "error";
    const place = [`x = ${at}`, ...Object.entries(parameters).map(([name, value]) => `${name} = ${value}`)].join(", ");
    const [subject, it] =
      functions.length === 1
        ? [`${functions[0]} of ${id} is`, "it gives"]
        : [`${functions.join(", ")} of ${id} are`, "they give"];
    const why = isOfInput ? ", where its last digits decide" : "";
    const line = `${label}: ${subject} ${grade} at ${place}${why}: ${it} ${got}, right is ${right}`;
    lines.set(line, [...(lines.get(line) ?? []), target]);
  }
  return [...lines].map(([line, of]) => `${line} (${of.join(", ")})\n`).join("");
}

/** Advice on wrong functions. */
export function missHint(misses: readonly Miss[]): string {
  const names = [...new Set(misses.filter(isWrong).flatMap(({ parameters }) => Object.keys(parameters)))];
  const range =
    names.length === 0
      ? ""
      : `give ${names.join(", ")} a range without such values in nonlin.config.ts, so that they are not measured; `;
  return withoutControls(
    `hint: ${range}where inputs like these do not occur, --accept-inaccurate writes the code all the same\n`,
  );
}
