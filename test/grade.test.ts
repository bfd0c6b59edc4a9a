/** Grades of measured accuracy: what is wrong, what is off, what is right. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { judge, shortfalls, type Grade } from "../src/codegen/grade.js";
import type { Accuracy, AccuracyReport } from "../src/codegen/target.js";
import { targets, type TargetName } from "../src/registry.js";
import type { Precision } from "../src/symbolic/arithmetic.js";
import { LOST } from "../src/symbolic/score.js";
import { GENERATED } from "./helpers/modules.js";

const place = (at: number) => ({ at, parameters: {}, got: 1, right: 2 });
const measured = (ulp: number, more: Partial<Accuracy> = {}): Accuracy => ({ ulp, ...place(3), ...more });
const near = (absolute: number) => measured(1, { nearZeros: { zeros: [1], absolute, worst: place(1.25) } });

const CASES: readonly (readonly [why: string, accuracy: Accuracy, precision: Precision, grade: Grade, at: number])[] = [
  ["a few roundings", measured(3), "float64", "right", 3],
  ["more than a few", measured(60), "float32", "right", 3],
  ["a quarter of the digits of a float32", measured(70), "float32", "off", 3],
  ["half of the digits of a float64", measured(2 ** 28), "float64", "wrong", 3],
  ["less than half of them", measured(2 ** 26), "float64", "off", 3],
  ["half of the digits of a float32", measured(2 ** 13), "float32", "wrong", 3],
  ["a NaN", measured(LOST), "float64", "wrong", 3],
  ["a NaN at inputs that no float32 holds", measured(LOST, { counted: { ulp: 2, ...place(7) } }), "float64", "off", 3],
  ["a NaN there, and one nearer", measured(LOST, { counted: { ulp: LOST, ...place(7) } }), "float64", "wrong", 7],
  [
    "an error of the input's last digits",
    measured(2 ** 40, { isOfInput: true, counted: { ulp: 2, ...place(7) } }),
    "float64",
    "off",
    3,
  ],
  ["digits near a zero", near(1e-16), "float64", "right", 3],
  ["no digits near a zero", near(1e-3), "float64", "wrong", 1.25],
];

describe("a function with", () => {
  it.each(CASES)("%s", (_, accuracy, precision, grade, at) => {
    expect(judge(accuracy, precision)).toMatchObject({ grade, at });
  });
});

describe("a report", () => {
  const report = {
    value: measured(1),
    derivative: measured(LOST),
    secondDerivative: measured(2 ** 9),
    forward: measured(1),
  };

  it("names functions that are wrong at the same place together, and before those that are off", () => {
    const found = shortfalls({ ...report, backward: measured(LOST) }, { computed: "float32" });
    expect(found.map(({ grade, functions }) => [grade, ...functions])).toEqual([
      ["wrong", "derivative", "backward"],
      ["off", "secondDerivative"],
    ]);
  });
});

/** Waves of a product that overflows: there is no float32 of it to take the sine of. */
const KNOWN: readonly string[] = ["wgsl", "keras2", "keras3"].map((target) => `snake in ${target}`);

it("the catalogue is wrong nowhere else than is known", () => {
  const accuracy = JSON.parse(readFileSync(new URL("../accuracy.json", GENERATED), "utf8")) as Readonly<
    Record<string, Readonly<Record<TargetName, AccuracyReport & { readonly saves: string; readonly rules: object }>>>
  >;
  const wrong = Object.entries(accuracy).flatMap(([id, byTarget]) =>
    Object.entries(byTarget)
      .filter(([name, { saves, rules, ...report }]) =>
        shortfalls(report, targets[name as TargetName]).some(({ grade }) => grade === "wrong"),
      )
      .map(([name]) => `${id} in ${name}`),
  );
  expect(wrong.sort()).toEqual([...KNOWN].sort());
});
