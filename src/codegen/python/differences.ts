/** Where a framework's own function is not what the definition says: sentences for the documentation of modules. */
import { differsFromDefinition, type KinkDifference } from "../../frameworks/gradients.js";
import type { Pair } from "../../frameworks/column.js";
import type { BuiltIn } from "../../frameworks/row.js";
import { SPECIAL_INPUTS, specialRecord, type SpecialInput } from "../../frameworks/special.js";
import type { Backend, FrameworkVersion } from "../../frameworks/version.js";
import { defaults, type Definition, type ParameterValues } from "../../ir/definition.js";

/** A sentence, with a place for the backends of which it is true where it is not of all. */
type Sentence = (on: string) => string;

interface Said {
  /** Alike for what is the same sentence. */
  readonly key: string;
  readonly sentence: Sentence;
  readonly backend: Backend | undefined;
}

const BACKENDS: Readonly<Record<Backend, string>> = { tensorflow: "TensorFlow", jax: "JAX", torch: "PyTorch" };

/** Versions are one, or one with each of its backends. */
export function differenceTexts(
  row: BuiltIn,
  definition: Definition,
  versions: readonly FrameworkVersion[],
): readonly string[] {
  const said = versions.flatMap((at) => [
    ...kinkSentences(row, definition, at),
    ...specialSentences(row, definition, at),
  ]);
  const groups = new Map<string, Said[]>();
  for (const each of said) groups.set(each.key, [...(groups.get(each.key) ?? []), each]);
  const sentences = [...groups.values()].map((group) => {
    const on = group.flatMap(({ backend }) => (backend === undefined ? [] : [BACKENDS[backend]]));
    return group[0]!.sentence(group.length === versions.length ? "" : ` on ${listed(on)}`);
  });
  return [...sentences, ...(row.notes ?? [])];
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}`;

const short = (value: number): string =>
  Number.isFinite(value)
    ? String(Number(value.toPrecision(6)))
    : Number.isNaN(value)
      ? "NaN"
      : value > 0
        ? "inf"
        : "-inf";

const pairText = ({ scalar, vector }: Pair): string =>
  Object.is(scalar, vector) ? short(scalar) : `${short(scalar)}, or ${short(vector)} in loops over many elements,`;

function kinkSentences(row: BuiltIn, definition: Definition, at: FrameworkVersion): Said[] {
  return differsFromDefinition({ at, row, definition }).map((difference) => {
    const { x, gradients } = difference;
    const [theirs, ours] = gradients.map(pairText) as [string, string];
    const where = `At x = ${short(x)}${conditionText(difference, definition)}`;
    const sentence: Sentence = (on) =>
      `${where} the gradient${on} is ${theirs} where the definition, and so the explicit style, has ${ours}.`;
    return { key: sentence(""), sentence, backend: at.backend };
  });
}

/** The parameters that are not the definition's. */
function conditionText({ parameters }: KinkDifference, definition: Definition): string {
  const standard = defaults(definition);
  const others = Object.entries(parameters).filter(([name, value]) => value !== standard[name]);
  if (others.length === 0) return "";
  return `, with ${others.map(([name, value]) => `${name} = ${short(value)}`).join(", ")},`;
}

function specialSentences(row: BuiltIn, definition: Definition, at: FrameworkVersion): Said[] {
  const record = specialRecord(row.id, at, valuesOf(row, definition));
  const rows = (["value", "gradient"] as const).flatMap((of) =>
    (Object.keys(SPECIAL_INPUTS) as SpecialInput[]).flatMap((input) => {
      const given = record[of][input];
      if (given === undefined) return [];
      const text = input === "nan" ? `${loopText(given)}, not NaN` : `${loopText(given)}, not the limit`;
      return [{ input: `x = ${short(SPECIAL_INPUTS[input])}`, of, text }];
    }),
  );
  const outcomes = [...new Set(rows.map(({ of, text }) => `the ${of}\n is ${text}.`))];
  return outcomes.map((outcome) => {
    const [what, is] = outcome.split("\n") as [string, string];
    const places = rows.flatMap(({ of, text, input }) => (`the ${of}\n is ${text}.` === outcome ? [input] : []));
    const sentence: Sentence = (on) => `At ${listed(places)} ${what}${on}${is}`;
    return { key: sentence(""), sentence, backend: at.backend };
  });
}

/** Of few elements NaN comes through more often than of many. */
const loopText = ({ scalar, vector }: Pair): string =>
  Object.is(scalar, vector) ? short(scalar) : `${short(vector)} in loops over many elements`;

const valuesOf = ({ fixed }: BuiltIn, definition: Definition): ParameterValues => ({
  ...defaults(definition),
  ...fixed,
});
