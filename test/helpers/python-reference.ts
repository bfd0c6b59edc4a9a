/** Exact values of every activation at float32 inputs, in files that Python reads: test/python/reference.py. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "../../src/catalogue.js";
import { createOracle, differentiate, type AccuracyReport, type Oracle } from "../../src/pipeline/activation.js";
import { defaults, type Definition, type ParameterValues } from "../../src/index.js";
import { x as variable } from "../../src/ir/build.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { valuesFarOut } from "../../src/symbolic/far-values.js";
import { nearZero } from "./accuracy.js";
import { singleInputs } from "./inputs.js";
import { loadModule } from "./modules.js";
import { onceARun } from "./once-a-run.js";

const ACCURACY = new URL("../../generated/accuracy.json", import.meta.url);

const ORDERS = ["value", "derivative", "secondDerivative"] as const;

type PythonTarget = "pytorch" | "keras3" | "keras2";

/** How many float32 bit patterns at the defaults, and at other parameters. */
const PATTERNS = { defaults: 3072, others: 768 };

/** JSON has no infinities. */
const number = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** Parameters as float32 arithmetic has them. */
const single = (parameters: ParameterValues): ParameterValues =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, Math.fround(value)]));

interface Case {
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly kinks: readonly number[];
  readonly count: number;
  /** Where its bytes begin: f, f' and f'' as float64, which of them are near a zero as bytes, the inputs as float32. */
  readonly offset: number;
}

/** The folder with `reference.json` and `reference.bin`. */
export const referenceFolder = (): Promise<string> => onceARun("reference", writeReference);

async function writeReference(folder: string): Promise<void> {
  const oracle = await createOracle();
  const accuracy = JSON.parse(readFileSync(ACCURACY, "utf8")) as Record<string, Record<string, AccuracyReport>>;
  const chunks: Uint8Array[] = [];
  let offset = 0;
  const entries: Record<string, unknown> = {};
  for (const definition of catalogue) {
    const { pytorch, keras3, keras2 } = accuracy[definition.id]! as Record<PythonTarget, AccuracyReport>;
    const cases: Case[] = [];
    for (const [index, given] of [defaults(definition), ...definition.samples].entries()) {
      const parameters = single(given);
      const asked = singleInputs(definition, parameters, index === 0 ? PATTERNS.defaults : PATTERNS.others);
      const { inputs, bytes } = await caseBytes(oracle, definition, parameters, asked, [pytorch, keras3, keras2]);
      cases.push({
        parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, number(value)])),
        kinks: definition.kinks.map((kink) => Math.fround(evaluate(kink, parameters))).filter(Number.isFinite),
        count: inputs.length,
        offset,
      });
      chunks.push(bytes);
      offset += bytes.length;
    }
    entries[definition.id] = { ...describe(definition), accuracy: { pytorch, keras3, keras2 }, cases };
  }
  writeFileSync(join(folder, "reference.bin"), Buffer.concat(chunks));
  writeFileSync(join(folder, "reference.json"), JSON.stringify(entries));
}

const describe = ({ parameters }: Definition) => ({
  parameters: parameters.map(({ name, learnable, ...rest }) => ({
    name,
    default: number(rest.default),
    range: acceptedRange(name, parameters).map(number),
    learnable,
  })),
});

/** What a parameter may be while the others are at their defaults, as cases have them: in float32. */
function acceptedRange(name: string, parameters: Definition["parameters"]): readonly number[] {
  const { range, atMost } = parameters.find((one) => one.name === name)!;
  const above = parameters.find((one) => one.name === atMost);
  const below = parameters.find((one) => one.atMost === name);
  const [low, high] = [below?.default ?? -Infinity, above?.default ?? Infinity].map(Math.fround) as [number, number];
  return [Math.max(range[0], low), Math.min(range[1], high)];
}

/** The inputs that something is known of, and the bytes of the exact values there. */
async function caseBytes(
  oracle: Oracle,
  definition: Definition,
  parameters: ParameterValues,
  asked: Float32Array,
  reports: readonly AccuracyReport[],
): Promise<{ readonly inputs: Float32Array; readonly bytes: Uint8Array }> {
  const exact = differentiate(definition);
  const module = await loadModule(definition.id);
  const references = valuesFarOut(
    oracle,
    ORDERS.map((of) => exact[of]),
    variable,
    Array.from(asked, (x) => ({ ...parameters, x })),
  );
  // NaN stands for no value, where the module for JavaScript has none either, and otherwise for one that is not known.
  const isKnown = (x: number, i: number): boolean =>
    ORDERS.every((of, order) => !Number.isNaN(references[order]!.high[i]!) || Number.isNaN(module[of](x, parameters)));
  const inputs = asked.filter(isKnown);
  const values = references.map(({ high }) => high.filter((_, i) => isKnown(asked[i]!, i)));
  const near = ORDERS.map((of, order) => {
    const at = (x: number): number => module[of](x, parameters);
    // The search for zeros is slow, and the compiler has found which functions have any, or lose digits all over.
    const isCertain = ({ [of]: { ulp, nearZeros } }: AccuracyReport): boolean =>
      nearZeros === undefined && ulp < 2 ** 40;
    if (reports.every(isCertain)) return new Uint8Array(inputs.length);
    return Uint8Array.from(inputs, (x, i) => Number(nearZero(at, x, values[order]![i]!)));
  });
  const parts = [...values, ...near, inputs];
  const bytes = parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  const length = bytes.reduce((total, part) => total + part.length, 0);
  // The next case's float64 begin on a whole number of them.
  return { inputs, bytes: Buffer.concat([...bytes, new Uint8Array(-length & 7)]) };
}
