/** Whether two frameworks mean the same by a name: from the definitions, the recorded gradients at kinks, and the defaults. */
import { isRecorded, type Pair } from "../frameworks/column.js";
import {
  arePairsNear,
  compareKinks,
  differsFromDefinition,
  kinksOf,
  type KinkDifference,
  type Side,
} from "../frameworks/gradients.js";
import { builtInText, type Snippet } from "../frameworks/call.js";
import { builtInOf } from "../frameworks/find.js";
import { SPECIAL_INPUTS, specialRecord, type SpecialInput } from "../frameworks/special.js";
import { versionText } from "../frameworks/version.js";
import { constant } from "../ir/build.js";
import type { Definition, ParameterValues } from "../ir/definition.js";
import { substitute, type Expr } from "../ir/expr.js";
import { largestGap, type Gap } from "../symbolic/gap.js";
import type { Oracle } from "../symbolic/oracle.js";
import type { Prover } from "../symbolic/prove/prove.js";

export type { KinkDifference, Side } from "../frameworks/gradients.js";

export interface Question {
  readonly sides: readonly [Side, Side];
  /** Parameters that are given values; the frameworks' own defaults are compared where none are. */
  readonly given: ParameterValues;
}

export interface Tools {
  readonly oracle: Oracle;
  readonly prover: Prover;
  readonly snippet: Snippet;
}

/**
 * same: proved, or one definition; same-in-float32: no float32 shows where they differ; missing: a side has none;
 * unknown: neither proved nor seen to differ.
 */
export type Verdict = "same" | "same-in-float32" | "different" | "missing" | "unknown";

/** The value that a framework uses for a parameter that is left out. */
export type Default = number | "has to be given";

export interface DefaultDifference {
  readonly parameter: string;
  readonly defaults: readonly [Default, Default];
}

export interface SpecialDifference {
  readonly input: SpecialInput;
  readonly of: "value" | "gradient";
  /** Absent: NaN at NaN, else the limit. */
  readonly given: readonly [Pair | undefined, Pair | undefined];
}

export interface Comparison {
  readonly versions: readonly [string, string];
  readonly ids: readonly [string | undefined, string | undefined];
  /** The calls that were compared. */
  readonly calls: readonly [string | undefined, string | undefined];
  readonly notes: readonly string[];
  readonly verdict: Verdict;
  /** Between the functions as they are called when nothing is given. */
  readonly gap?: Gap;
  readonly defaults: readonly DefaultDifference[];
  readonly kinks: readonly KinkDifference[];
  readonly special: readonly SpecialDifference[];
  /** In the version of each side, what behaves as the other side. */
  readonly snippets: readonly [string | undefined, string | undefined];
  /** Values, defaults and gradients at kinks agree. */
  readonly same: boolean;
}

const bound = (definition: Definition, values: ParameterValues): Expr =>
  substitute(
    definition.formula,
    new Map(definition.parameters.map(({ name, symbol }) => [symbol, constant(values[name]!)])),
  );

/** The value that the call uses for a parameter that is left out. */
function defaultOf({ row, call }: Side, name: string): Default {
  const fixed = row?.fixed?.[name];
  if (fixed !== undefined) return fixed;
  const argument = call?.arguments.find(({ value }) => "parameter" in value && value.parameter === name);
  return typeof argument?.default === "number" ? argument.default : "has to be given";
}

/** The values with which a side is called: those given, else its own defaults, else the definition's. */
function valuesOf(side: Side, given: ParameterValues): ParameterValues {
  const { parameters } = side.definition!;
  return Object.fromEntries(
    parameters.map((parameter) => {
      const own = defaultOf(side, parameter.name);
      return [parameter.name, given[parameter.name] ?? (typeof own === "number" ? own : parameter.default)];
    }),
  );
}

export async function compareSides({ sides, given }: Question, tools: Tools): Promise<Comparison> {
  const [a, b] = sides;
  const both = <Result>(of: (side: Side) => Result): readonly [Result, Result] => [of(a), of(b)];
  const notes = sides.flatMap(({ misnamed, at }) =>
    misnamed === undefined ? [] : [`${misnamed.path} in ${versionText(at)} is another function: ${misnamed.why}`],
  );
  const base = {
    versions: both(({ at }) => versionText(at)),
    ids: both(({ row }) => row?.id),
    calls: both((side) => ownCall(side, given)),
    notes,
  };
  const nothing = { defaults: [], kinks: [], special: [] };
  if (a.row === undefined || b.row === undefined)
    return {
      ...base,
      ...nothing,
      verdict: "missing",
      snippets: await exchange(sides, given, tools.snippet),
      same: false,
    };
  // Row-wise functions have no parameters, and no kinks that are recorded.
  if (a.definition === undefined || b.definition === undefined) {
    const same = a.row.id === b.row.id;
    const snippets = same ? NONE : await exchange(sides, given, tools.snippet);
    return { ...base, ...nothing, verdict: same ? "same" : "different", snippets, same };
  }
  const values = both((side) => valuesOf(side, given));
  const functions = compareFunctions(sides, values, tools);
  const defaultDifferences = functions.byDefaults ? differentDefaults(sides, given) : [];
  const kinks = compareKinks(sides, given, values);
  const same = kinks.length === 0 && defaultDifferences.length === 0 && isSame(functions.verdict);
  return {
    ...base,
    verdict: functions.verdict,
    ...(functions.gap !== undefined && { gap: functions.gap }),
    defaults: defaultDifferences,
    kinks,
    special: a.row.id === b.row.id && sides.every(({ at }) => isRecorded(at)) ? compareSpecial(sides, values[0]) : [],
    snippets: same ? NONE : await exchange(sides, given, tools.snippet),
    same,
  };
}

export const isSame = (verdict: Verdict): boolean => verdict === "same" || verdict === "same-in-float32";

const NONE = [undefined, undefined] as const;

const isLayer = ({ row, call }: Side): boolean => call !== undefined && call === row?.layer;

/** How a side is called with these values. */
const ownCall = (side: Side, given: ParameterValues): string | undefined =>
  side.row && builtInText(side.row, side.definition === undefined ? {} : valuesOf(side, given), isLayer(side));

/** In each version what behaves as the other one: a function that it has, or code where that has other gradients. */
async function exchange(
  sides: readonly [Side, Side],
  given: ParameterValues,
  snippet: Snippet,
): Promise<readonly [string | undefined, string | undefined]> {
  const within = async (side: Side, other: Side): Promise<string | undefined> => {
    if (other.row === undefined) return undefined;
    const { id } = other.row;
    const values = other.definition === undefined ? {} : valuesOf(other, given);
    const own = builtInOf(id, side.at);
    const called = own && builtInText(own, values, isLayer(other));
    if (called !== undefined && own !== undefined && hasSameKinks({ ...other, at: side.at, row: own }, other, values))
      return called;
    const differences = differsFromDefinition(other);
    // Code has the definition's derivative: where the framework has the function, that is no gain unless the other has it.
    if (called !== undefined && differences.length > 0) return called === ownCall(side, given) ? undefined : called;
    const code = await snippet(id, values, side.at);
    return code === undefined ? undefined : [...differences.map((each) => kinkComment(each, other)), code].join("\n");
  };
  return [await within(sides[0], sides[1]), await within(sides[1], sides[0])];
}

const hasSameKinks = (own: Side, other: Side, values: ParameterValues): boolean =>
  own.definition === undefined || compareKinks([own, other], values, [values, values]).length === 0;

/** A comment in emitted code on a kink at which its gradient differs from that of the other side's function. */
const kinkComment = ({ x, gradients: [theirs, ours] }: KinkDifference, { at }: Side): string =>
  `# At x = ${x} the gradient is ${ours.scalar}; in ${versionText(at)} it is ${theirs.scalar}.`;

interface FunctionComparison {
  readonly verdict: Verdict;
  readonly gap?: Gap;
  /** One function, called with other parameters. */
  readonly byDefaults: boolean;
}

function compareFunctions(
  sides: readonly [Side, Side],
  values: readonly [ParameterValues, ParameterValues],
  { oracle, prover }: Tools,
): FunctionComparison {
  const [f, g] = sides.map(({ definition }, index) => bound(definition!, values[index]!)) as [Expr, Expr];
  const isOne = sides[0].row!.id === sides[1].row!.id;
  if (f === g) return { verdict: "same", byDefaults: false };
  const proof = prover.prove({ formula: f, claim: g, order: 0 });
  if (proof.verdict === "proved") return { verdict: "same", byDefaults: false };
  const kinks = sides.flatMap(({ definition }, index) => kinksOf(definition!, values[index]!));
  const gap = largestGap(f, g, kinks, oracle);
  if (gap === undefined) return { verdict: isOne ? "same" : "unknown", byDefaults: false };
  if (!gap.isVisible) return { verdict: "same-in-float32", gap, byDefaults: false };
  return { verdict: isOne ? "same" : "different", gap, byDefaults: isOne };
}

function differentDefaults(sides: readonly [Side, Side], given: ParameterValues): DefaultDifference[] {
  return sides[0].definition!.parameters.flatMap(({ name }) => {
    const [a, b] = [defaultOf(sides[0], name), defaultOf(sides[1], name)];
    return a === b || Object.hasOwn(given, name) ? [] : [{ parameter: name, defaults: [a, b] as const }];
  });
}

function compareSpecial(sides: readonly [Side, Side], values: ParameterValues): readonly SpecialDifference[] {
  const [a, b] = sides.map(({ row, at }) => specialRecord(row!.id, at, values)) as [
    ReturnType<typeof specialRecord>,
    ReturnType<typeof specialRecord>,
  ];
  return (["value", "gradient"] as const).flatMap((of) =>
    (Object.keys(SPECIAL_INPUTS) as SpecialInput[]).flatMap((input) => {
      const given = [a[of][input], b[of][input]] as const;
      const [p, q] = given;
      const agree = p === undefined || q === undefined ? p === q : arePairsNear(p, q);
      return agree ? [] : [{ input, of, given }];
    }),
  );
}
