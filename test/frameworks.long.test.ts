/** The frameworks themselves, run: what is recorded of them, and what the definitions say. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { versionText, type FrameworkVersion } from "../src/frameworks/version.js";
import { evaluate } from "../src/ir/evaluate.js";
import {
  allVersions,
  caseKey,
  casesOf,
  isNear,
  isRecorded,
  kinksAt,
  mergedLine,
  readNumber,
  recordedCases,
  resultLine,
  runPython,
  type Case,
} from "./helpers/frameworks.js";

const fixtures = resolve(import.meta.dirname, "fixtures");
const read = <Shape>(path: string): Shape => JSON.parse(readFileSync(join(fixtures, path), "utf8")) as Shape;

/** The Pythons that have a version: one for the current ones, and for any other NONLIN_PYTHON_TORCH_1_13 and the like. */
const pythonFor = (at: FrameworkVersion): string | undefined =>
  process.env[`NONLIN_PYTHON_${`${at.framework}_${at.version}`.toUpperCase().replace(".", "_")}`] ??
  (["torch@2.13", "keras@3.15"].includes(`${at.framework}@${at.version}`) ? process.env["NONLIN_PYTHON"] : undefined);

const runnable = allVersions.filter((at) => pythonFor(at) !== undefined);

describe.skipIf(process.env["NONLIN_PYTHON"] === undefined)("the frameworks themselves (NONLIN_PYTHON)", () => {
  it.each(runnable.map((at) => [versionText(at), at] as const))(
    "%s gives what is recorded and what the definitions say",
    (text, at) => {
      const recorded = recordedCases(at);
      const dense = casesOf(at, (definition, parameters) => densePoints(kinksAt(definition, parameters)));
      const { versions, results } = runPython(pythonFor(at)!, at, [...recorded, ...dense]);
      const major = `${at.version}.`;
      expect(Object.values(versions).some((version) => version.startsWith(major))).toBe(true);

      const linesOf = (answers: Results) =>
        recorded.map((run, index) => [caseKey(run), lineOf(run, answers[index]!)] as const);
      if (process.env["NONLIN_RECORD"] !== undefined)
        for (const capability of [undefined, "default", "avx2"] as const)
          record(text, versions, linesOf(runPython(pythonFor(at)!, at, recorded, capability).results));
      const known = read<Runs>("signatures/runs.json")[text]!.results;
      const lines = linesOf(results);
      expect([...new Set(lines.map(([key]) => key))].sort()).toEqual(Object.keys(known).sort());
      expect(lines.filter(([key, line]) => !isRecorded(known[key]!, line))).toEqual([]);

      dense.forEach((run, index) => {
        const result = results[recorded.length + index]!;
        if ("error" in result) throw new Error(`${caseKey(run)}: ${result.error}`);
        const { formula } = catalogue.find(({ id }) => id === run.id)!;
        result.forEach(([one], i) => {
          const [value] = one!;
          const x = Number(run.inputs[i]);
          const expected = evaluate(formula, { ...run.parameters, x });
          expect(isNear(readNumber(value), expected), `${caseKey(run)} at ${x}: ${value}, not ${expected}`).toBe(true);
        });
      });
    },
  );

  type Results = ReturnType<typeof runPython>["results"];
  const lineOf = (run: Case, result: Results[number]): string => {
    if ("error" in result) throw new Error(`${caseKey(run)}: ${result.error}`);
    return resultLine(run, result);
  };

  /** Both sides of each kink, and what lies between. */
  const densePoints = (kinks: readonly number[]): number[] => {
    const near = kinks.filter(Number.isFinite).flatMap((kink) => [kink - 0.125, kink + 0.125]);
    return [...near, -20, -4.25, -2.75, -1, -0.375, 0.25, 0.75, 1.5, 2.625, 5, 7.5];
  };

  type Versions = ReturnType<typeof runPython>["versions"];
  type Runs = Readonly<
    Record<string, { readonly versions: Versions; readonly results: Readonly<Record<string, string>> }>
  >;

  /** Adds to what is known of these versions; what is known of others goes. */
  function record(text: string, versions: Versions, lines: readonly (readonly [string, string])[]): void {
    const all = read<Runs>("signatures/runs.json");
    const isSame = JSON.stringify(all[text]?.versions) === JSON.stringify(versions);
    const known = isSame ? all[text]!.results : {};
    const results = Object.fromEntries(lines.map(([key, line]) => [key, mergedLine(known[key], line)]));
    const runs = { ...all, [text]: { versions, results } };
    writeFileSync(join(fixtures, "signatures", "runs.json"), `${JSON.stringify(runs, null, 2)}\n`);
  }
});
