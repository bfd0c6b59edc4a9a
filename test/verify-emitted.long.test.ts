/** Our own modules as `nonlin verify` reads them, as it reads anyone's: each class and function, and how its claims end. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { answer } from "../src/cli/verify/claim.js";
import { claimsOfPython } from "../src/cli/verify/python.js";
import { createOracle, createProver, type Prover } from "../src/pipeline/activation.js";
import { GENERATED } from "./helpers/modules.js";

let prover: Prover;
beforeAll(async () => {
  prover = createProver(await createOracle());
});

const FOLDERS = ["pytorch", "keras/keras3", "keras/keras2"] as const;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Gradients that are summed over the axes along which a tensor was repeated, which are found by a comprehension. */
const NOT_READ: ReadonlySet<string> = new Set(
  ["keras/keras3", "keras/keras2"].flatMap((folder) => ["prelu", "poly_relu", "xielu"].map((id) => `${folder}/${id}`)),
);
/** Forms that are nowhere approximated or rounded: they are derivatives at every input, for all parameters. */
const PROVED_OF_ALL = words(`
  relu keras_relu leaky_relu rrelu rrelu_training thresholded_relu threshold hard_sigmoid_keras2 softshrink hardshrink linear
  relu_squared sparse_plus exponential sigmoid tanh logsigmoid`);
const PROVED: Readonly<Record<(typeof FOLDERS)[number], readonly string[]>> = {
  pytorch: [...PROVED_OF_ALL, ...words("prelu relu6 hardtanh elu softcap sqrtsoftplus poly_relu")],
  "keras/keras3": [...PROVED_OF_ALL, "squareplus"],
  "keras/keras2": [...PROVED_OF_ALL, "squareplus"],
};

/** Where inputs are held, and how much less than what is right the rounding of constants makes. */
const [HELD, ROUNDED] = [2 ** 40, 2 ** -22];

describe.each(FOLDERS)("generated/%s", (folder) => {
  const proved: string[] = [];

  it.each(catalogue.map((definition) => [definition.id, definition] as const))("%s", async (id, definition) => {
    const path = `${folder}/${id}.py`;
    const text = readFileSync(new URL(`../${path}`, GENERATED), "utf8");
    const { claims, problems } = await claimsOfPython(text, path);
    expect(problems.map(({ message }) => message)).toHaveLength(NOT_READ.has(`${folder}/${id}`) ? 1 : 0);
    expect(claims.length).toBeGreaterThan(0);
    const answers = claims.map((claim) => answer(claim, prover).proof);
    if (problems.length === 0 && answers.every(({ verdict }) => verdict === "proved")) proved.push(id);
    const ranges = new Map(definition.parameters.map(({ name, range }) => [name, range]));
    for (const proof of answers) {
      if (proof.verdict !== "refuted") continue;
      const { x, parameters, expected, actual } = proof.witness;
      const isOutside = Object.entries(parameters).some(([name, value]) => {
        const [low, high] = ranges.get(name.replace(/_$/, "")) ?? [-Infinity, Infinity];
        return value < low || value > high;
      });
      const isNear = Math.abs(actual - expected) <= ROUNDED * Math.abs(expected);
      expect(isOutside || isNear || Math.abs(x) > HELD, JSON.stringify(proof.witness)).toBe(true);
    }
  });

  it("has those of which every claim is proved", () => {
    expect(proved.sort()).toEqual([...PROVED[folder]].sort());
  });
});
