/** What frameworks have: the tables against each other, against signatures, against what runs gave, and by running them. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue, graphs } from "../src/catalogue.js";
import { Diagnostic } from "../src/diagnostic.js";
import { isRun } from "../src/frameworks/column.js";
import { builtInCalled, builtInOf, builtInsOf, misnamedOf } from "../src/frameworks/find.js";
import { keras3Rows } from "../src/frameworks/keras3.js";
import { kinkRecord } from "../src/frameworks/kinks.js";
import type { Argument, BuiltIn, Call } from "../src/frameworks/row.js";
import { SPECIAL_INPUTS, specialRecord, type SpecialInput } from "../src/frameworks/special.js";
import { isWithin, parseVersion, versionText, versionsOf, type FrameworkVersion } from "../src/frameworks/version.js";
import { evaluate } from "../src/ir/evaluate.js";
import type { Expr } from "../src/ir/expr.js";
import {
  allVersions,
  isNear,
  plainVersions,
  recordedCases,
  caseKey,
  definitionOf,
  kinksAt,
  parameterSets,
  readLine,
  type Case,
} from "./helpers/frameworks.js";

const fixtures = resolve(import.meta.dirname, "fixtures");
const read = <Shape>(path: string): Shape => JSON.parse(readFileSync(join(fixtures, path), "utf8")) as Shape;

const callsOf = (row: BuiltIn): readonly Call[] => [row.function, row.layer].filter((call) => call !== undefined);
const passed = ({ arguments: given }: Call): readonly string[] =>
  given.flatMap(({ value }) => ("parameter" in value ? [value.parameter] : []));

describe("rows", () => {
  it("pass or fix every parameter of the definition, and nothing else", () => {
    for (const at of plainVersions)
      for (const row of builtInsOf(at)) {
        const known = definitionOf(row)?.parameters.map(({ name }) => name) ?? [];
        for (const call of callsOf(row)) {
          const named = [...passed(call), ...Object.keys(row.fixed ?? {})];
          expect([...named].sort(), `${row.id} as ${call.path} in ${versionText(at)}`).toEqual([...known].sort());
        }
      }
  });

  it("name ids of the catalogue, each once in a version", () => {
    const ids = new Set([...catalogue, ...graphs].map(({ id }) => id));
    for (const at of plainVersions) {
      const rows = builtInsOf(at).map(({ id }) => id);
      for (const id of rows) expect(ids).toContain(id);
      expect(new Set(rows).size, versionText(at)).toBe(rows.length);
      expect(rows.length).toBeGreaterThan(20);
    }
  });

  it("come with the version that brought them", () => {
    const has = (id: string, text: string): boolean => builtInOf(id, parseVersion(text)) !== undefined;
    const FIRST: Readonly<Record<string, readonly [without: string, first: string]>> = {
      mish: ["torch@1.8", "torch@1.9"],
      gelu_tanh: ["torch@1.11", "torch@1.12"],
      hardswish: ["keras@3.0", "keras@3.1"],
      celu: ["keras@3.6", "keras@3.7"],
      sparse_plus: ["keras@3.7", "keras@3.8"],
      sparse_sigmoid: ["keras@3.9", "keras@3.10"],
    };
    for (const [id, [without, first]] of Object.entries(FIRST))
      expect([has(id, without), has(id, first)], id).toEqual([false, true]);
  });
});

describe("names", () => {
  it.each([
    ["hard_sigmoid", "keras@2.4", "hard_sigmoid_keras2"],
    ["hard_sigmoid", "keras@3.15", "hardsigmoid"],
    ["hard_sigmoid", "torch@2.13", "hardsigmoid"],
    ["nn.Hardtanh", "torch@2.13", "hardtanh"],
    ["torch.nn.Hardtanh", "torch@2.13", "hardtanh"],
    ["F.gelu", "torch@1.7", "gelu_erf"],
    ["F.softmax", "torch@1.7", "softmax"],
    ["nn.Threshold", "torch@2.13", "threshold"],
    ["layers.LeakyReLU", "keras@3.15", "leaky_relu"],
    ["LeakyReLU", "keras@2.4", "leaky_relu"],
    ["tf.keras.activations.swish", "keras@2.4", "silu"],
    ["activations.swish", "keras@3.0", "silu"],
    ["activations.relu", "keras@3.15", "relu"],
    ["backend.relu", "keras@2.4", "keras_relu"],
    ["layers.ReLU", "keras@3.15", "relu"],
    ["gelu", "keras@3.15", "gelu_erf"],
    ["keras.ops.gelu", "keras@3.15", "gelu_tanh"],
    ["gelu_tanh", "keras@3.15", "gelu_tanh"],
    ["thresholded_relu", "keras@3.15", "thresholded_relu"],
    [" SOFTSIGN ", "keras@3.15", "softsign"],
  ])("%s in %s is %s", (name, text, id) => {
    expect(builtInCalled(name, parseVersion(text))?.id).toBe(id);
  });

  it.each([
    ["nn.Mish", "torch@1.7"],
    ["constructor", "torch@2.13"],
    ["__proto__", "keras@3.15"],
    ["", "torch@2.13"],
    ["layers.ThresholdedReLU", "keras@3.15"],
  ])("%s in %s is nothing", (name, text) => {
    expect(builtInCalled(name, parseVersion(text))).toBeUndefined();
  });

  it("of functions that are another are said to be", () => {
    expect(misnamedOf("sparsemax", parseVersion("keras@3.15"))?.why).toMatch(/cumulative sums/);
    expect(misnamedOf("sparsemax", parseVersion("keras@3.7"))).toBeUndefined();
  });
});

describe("versions", () => {
  it.each([
    ["torch", "torch@2.13"],
    ["torch@2.13", "torch@2.13"],
    ["torch@2.13.1", "torch@2.13"],
    ["PyTorch@1.7", "torch@1.7"],
    ["torch@1", "torch@1.13"],
    ["keras@2", "keras@2.4"],
    ["tf.keras@2.4", "keras@2.4"],
    ["keras@3", "keras@3.15-tensorflow"],
    ["keras@3.0-jax", "keras@3.0-jax"],
    ["keras@3-torch", "keras@3.15-torch"],
  ])("%s is %s", (text, expected) => {
    expect(versionText(parseVersion(text))).toBe(expected);
  });

  it.each([
    ["tourch@2.13", /unknown framework/, /did you mean torch/],
    ["", /unknown framework/, /such as/],
    ["constructor@1", /unknown framework/, /such as/],
    ["torch@1.6", /torch "1.6" is not known/, /1\.7 to 1\.13, 2\.0 to 2\.13/],
    ["keras@2.13", /is not known/, /2\.4, 3\.0 to 3\.15/],
    ["torch@2.13-jax", /has no backends/, /write torch@2\.13/],
    ["keras@2.4-jax", /has no backends/, /write keras@2\.4/],
    ["keras@3-mxnet", /unknown backend/, /one of tensorflow, jax, torch/],
    ["torch@", /is not a framework and its version/, /such as/],
    ["torch@2.x", /is not a framework and its version/, /such as/],
    [`torch@${"9".repeat(5000)}`, /is not known/, /1\.7/],
    ["torch@1.7\u001b[31m", /is not a framework and its version/, /such as/],
  ])("%j is refused", (text, message, hint) => {
    const error = ((): unknown => {
      try {
        return parseVersion(text);
      } catch (thrown) {
        return thrown;
      }
    })() as Diagnostic;
    expect(error).toBeInstanceOf(Diagnostic);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(200);
    expect(error.message).not.toContain("\u001b");
    expect(error.hint).toMatch(hint);
  });
});

describe("signatures", () => {
  const SIGNATURES = [
    ["torch@1.7", "torch-1.7.json"],
    ["keras@2.4", "keras-2.4.json"],
  ] as const;
  const numberText = (value: number | string): string => (typeof value === "number" ? String(value) : value);
  /** A signature's arguments and their defaults, of all its overloads. */
  const argumentsIn = (signature: string): Map<string, string> =>
    new Map(
      signature
        .split(/ \| |, /)
        .map((text) => [text.split("=")[0]!.replace(/^\*+/, ""), text.split("=")[1] ?? ""] as const),
    );
  const sameDefault = ({ default: own, infinityIsNone }: Argument, theirs: string): boolean => {
    if (own === undefined) return true;
    if (own === Infinity && infinityIsNone === true) return theirs === "None";
    if (typeof own === "string") return theirs.replaceAll("'", '"') === own;
    return Number(theirs) === own || theirs.toLowerCase() === "'zeros'" || numberText(own) === theirs;
  };

  it.each(SIGNATURES)("of %s have every name and argument of the rows, with these defaults", (text, file) => {
    const { names } = read<{ readonly names: Readonly<Record<string, string>> }>(join("signatures", file));
    const at = parseVersion(text);
    for (const row of builtInsOf(at)) {
      for (const name of row.names ?? []) expect(names, `${row.id} as ${name}`).toHaveProperty([name]);
      for (const call of callsOf(row)) {
        expect(names, row.id).toHaveProperty([call.path]);
        const known = argumentsIn(names[call.path]!);
        for (const argument of call.arguments) {
          expect([...known.keys()], call.path).toContain(argument.name);
          expect(sameDefault(argument, known.get(argument.name)!), `${call.path} ${argument.name}`).toBe(true);
        }
      }
    }
  });

  it("of Keras 3 say the same of when each name came", () => {
    const { names, since } = read<{
      readonly names: Readonly<Record<string, string>>;
      readonly since: Readonly<Record<string, string>>;
    }>("signatures/keras-3.json");
    for (const version of versionsOf("keras").slice(1)) {
      const at: FrameworkVersion = { framework: "keras", version };
      const known = (name: string): boolean =>
        Object.hasOwn(names, name) && isWithin(at, { since: since[name] ?? "3.0" });
      const paths = builtInsOf(at).flatMap((row) => [...(row.names ?? []), ...callsOf(row).map(({ path }) => path)]);
      for (const path of paths) expect(known(path), `${path} in ${version}`).toBe(true);
      const absent = keras3Rows.filter((row) => !builtInsOf(at).includes(row) && row.until === undefined);
      for (const call of absent.flatMap(callsOf)) expect(known(call.path), `${call.path} in ${version}`).toBe(false);
    }
    for (const row of keras3Rows)
      for (const call of callsOf(row)) {
        const theirs = argumentsIn(names[call.path]!);
        for (const argument of call.arguments) {
          expect([...theirs.keys()], call.path).toContain(argument.name);
          expect(sameDefault(argument, theirs.get(argument.name)!), `${call.path} ${argument.name}`).toBe(true);
        }
      }
  });
});

const SPECIAL_NAMES: Readonly<Record<SpecialInput, string>> = { nan: "nan", infinity: "inf", minusInfinity: "-inf" };

/** The limits of the gradient are told from far away. */
const gradientLimit = (formula: Expr, parameters: Readonly<Record<string, number>>, sign: number): number => {
  const at = (x: number): number => evaluate(formula, { ...parameters, x });
  return (at(sign * 81) - at(sign * 80)) * sign;
};

/** Functions whose gradient has no limit that is told so. */
const WITHOUT_LIMIT: ReadonlySet<string> = new Set(["exponential"]);

describe("what was measured", () => {
  const runs =
    read<Readonly<Record<string, { versions: Record<string, string>; results: Record<string, string> }>>>(
      "signatures/runs.json",
    );

  it("is recorded for every version that is said to be run", () => {
    const expected = allVersions.filter(isRun).map(versionText);
    expect(Object.keys(runs).sort()).toEqual([...expected].sort());
  });

  it.each(Object.keys(runs))("in %s is what the tables say", (text) => {
    const at = parseVersion(text);
    let compared = 0;
    for (const run of recordedCases(at)) {
      const line = runs[text]!.results[caseKey(run)];
      expect(line, caseKey(run)).toBeDefined();
      compared += compare(run, at, line!);
    }
    expect(compared).toBeGreaterThan(100);
  });

  /** At every kink the gradient, at every special input the value and the gradient. */
  function compare(run: Case, at: FrameworkVersion, line: string): number {
    const definition = catalogue.find(({ id }) => id === run.id)!;
    const measuredAt = readLine(line);
    const label = `${caseKey(run)} in ${versionText(at)}`;
    const record = kinkRecord(run.id, at, run.parameters);
    let compared = 0;
    kinksAt(definition, run.parameters).forEach((kink, index) => {
      if (!Number.isFinite(kink)) return;
      const [scalar, vector] = measuredAt.get(String(kink))!;
      const { scalar: one, vector: many } = record!.gradients[index]!;
      expect(isNear(scalar.gradient, one), `${label} at ${kink}: ${scalar.gradient}, not ${one}`).toBe(true);
      expect(isNear(vector.gradient, many), `${label} at ${kink}: ${vector.gradient}, not ${many}`).toBe(true);
      compared++;
    });
    // Slopes of 0 make the infinite inputs NaN in ways that nobody relies on.
    if (Object.values(run.parameters).includes(0) || (run.id === "rrelu" && run.parameters["lower"] === -1))
      return compared;
    const special = specialRecord(run.id, at, run.parameters);
    for (const [input, x] of Object.entries(SPECIAL_INPUTS) as [SpecialInput, number][]) {
      const [scalar, vector] = measuredAt.get(SPECIAL_NAMES[input])!;
      const limit = Number.isNaN(x) ? NaN : evaluate(definition.formula, { ...run.parameters, x: Math.sign(x) * 1e30 });
      const value = special.value[input] ?? { scalar: limit, vector: limit };
      for (const [actual, expected] of [
        [scalar.value, value.scalar],
        [vector.value, value.vector],
      ] as const)
        expect(sameLimit(actual, expected), `${label} at ${input}: ${actual}, not ${expected}`).toBe(true);
      compared++;
      if (Number.isNaN(x) || WITHOUT_LIMIT.has(run.id)) continue;
      const slope = gradientLimit(definition.formula, run.parameters, Math.sign(x));
      const gradient = special.gradient[input] ?? { scalar: slope, vector: slope };
      for (const [actual, expected] of [
        [scalar.gradient, gradient.scalar],
        [vector.gradient, gradient.vector],
      ] as const)
        expect(
          Number.isNaN(actual) ? Number.isNaN(expected) : Math.abs(actual - expected) < 2e-3,
          `${label}, gradient at ${input}: ${actual}, not ${expected}`,
        ).toBe(true);
    }
    return compared;
  }
});

/** 1e30 stands for what is infinite. */
const sameLimit = (actual: number, expected: number): boolean =>
  Number.isNaN(actual)
    ? Number.isNaN(expected)
    : Number.isFinite(actual)
      ? isNear(actual, expected)
      : actual * expected > 1e20;

describe("kinks", () => {
  it("are all recorded: a gradient for each kink of each function that a version has", () => {
    for (const at of allVersions)
      for (const row of builtInsOf(at)) {
        const definition = definitionOf(row);
        if (definition === undefined) continue;
        for (const parameters of parameterSets(row, definition)) {
          const kinks = kinksAt(definition, parameters);
          if (!kinks.some(Number.isFinite)) continue;
          const record = kinkRecord(row.id, at, parameters);
          expect(record?.gradients.length, `${row.id} in ${versionText(at)}`).toBe(kinks.length);
        }
      }
  });

  it("are known as far as versions were run", () => {
    const status = (text: string): string | undefined => kinkRecord("relu", parseVersion(text), {})?.status;
    expect(["torch@1.7", "torch@2.0", "torch@2.13", "keras@2.4", "keras@3.4-jax", "keras@3.15"].map(status)).toEqual([
      "confirmed",
      "bracketed",
      "confirmed",
      "confirmed",
      "read",
      "confirmed",
    ]);
  });

  it("agree with the collected semantics", () => {
    interface Semantics {
      readonly activations: readonly {
        readonly id: string;
        readonly kinks: readonly { readonly at: string; readonly framework: string; readonly gradient: unknown }[];
      }[];
    }
    const VERSIONS: Readonly<Record<string, string>> = {
      "torch2.13": "torch@2.13",
      keras3_tf: "keras@3.15-tensorflow",
      "keras2.4": "keras@2.4",
    };
    // The semantics write parameters as letters and constants in words.
    const LETTERS: Readonly<Record<string, (parameters: Readonly<Record<string, number>>) => number>> = {
      s: (p) => p["negative_slope"]!,
      a: (p) => p["slope"]!,
      alpha: (p) => p["alpha"]!,
      "(lower+upper)/2": (p) => (p["lower"]! + p["upper"]!) / 2,
      "scale*alpha = 1.7580993": () => 1.7580993,
      "z/(z+1), rounds to 1": () => 1,
    };
    let compared = 0;
    for (const { id, kinks } of read<Semantics>("semantics.json").activations) {
      const definition = catalogue.find((each) => each.id === id);
      // What depends on several parameters is compared with what was run.
      if (definition === undefined || id === "keras_relu" || kinks.length < definition.kinks.length) continue;
      const row = builtInOf(id, parseVersion(VERSIONS[kinks[0]?.framework ?? ""] ?? "torch@2.13"));
      if (row === undefined) continue;
      definition.kinks.forEach((_, index) => {
        const { framework, gradient } = kinks[index]!;
        const parameters = {
          ...parameterSets(row, definition)[0]!,
          ...(id === "softplus" && { threshold: 20 }),
        };
        const expected = typeof gradient === "number" ? gradient : LETTERS[String(gradient)]!(parameters);
        const record = kinkRecord(id, parseVersion(VERSIONS[framework]!), parameters);
        expect(isNear(record!.gradients[index]!.scalar, expected), `${id} at ${kinks[index]!.at}`).toBe(true);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(20);
  });
});
