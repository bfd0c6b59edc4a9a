/** Where two sides give other gradients at kinks: from the records of the frameworks, else from the definition. */
import type { Pair, Status } from "./column.js";
import { canBe } from "./call.js";
import { kinkRecord } from "./kinks.js";
import type { BuiltIn, Call, Misnamed } from "./row.js";
import type { FrameworkVersion } from "./version.js";
import { x } from "../ir/build.js";
import { defaults, type Definition, type ParameterValues } from "../ir/definition.js";
import { evaluate } from "../ir/evaluate.js";
import { derivative } from "../symbolic/derivative.js";

/** One version of a framework, and the function that it has under the name that is asked about. */
export interface Side {
  readonly at: FrameworkVersion;
  readonly row?: BuiltIn;
  /** Which of the row's calls, where it has both. */
  readonly call?: Call;
  /** Of elementwise functions. */
  readonly definition?: Definition;
  /** Why what has the name is another function. */
  readonly misnamed?: Misnamed;
  /** The definition itself, whose derivative decides at kinks. */
  readonly isExact?: boolean;
}

export interface KinkDifference {
  readonly x: number;
  /** Those at which it was compared. */
  readonly parameters: ParameterValues;
  readonly values: readonly [number, number];
  readonly gradients: readonly [Pair, Pair];
  /** How each gradient is known: of a record its status, else the definition's derivative. */
  readonly status: readonly [Status | "derivative", Status | "derivative"];
}

/** The finite kinks of a definition with these values. */
export const kinksOf = (definition: Definition, values: ParameterValues): number[] =>
  definition.kinks.map((kink) => evaluate(kink, values)).filter(Number.isFinite);

/** Values near the defaults, from the samples: first one parameter at a time. */
function parameterSets(definition: Definition): ParameterValues[] {
  const standard = defaults(definition);
  const single = definition.samples.flatMap((sample) =>
    Object.entries(sample).map(([name, value]) => ({ ...standard, [name]: value })),
  );
  return [standard, ...single, ...definition.samples];
}

/** Where the gradients at kinks differ: for one function at common parameters, the first at which a kink's do in some way. */
export function compareKinks(
  sides: readonly [Side, Side],
  given: ParameterValues,
  own: readonly [ParameterValues, ParameterValues],
): readonly KinkDifference[] {
  const [{ row, definition }, { row: other }] = sides;
  if (row!.id !== other!.id) return kinkDifferences(sides, own);
  const found: KinkDifference[] = [];
  const seen = new Set<string>();
  for (const set of parameterSets(definition!)) {
    const values = { ...set, ...row!.fixed, ...other!.fixed, ...given };
    if (!sides.every((side) => canBe(side.row!, values))) continue;
    for (const difference of kinkDifferences(sides, [values, values])) {
      const kink = definition!.kinks.findIndex((each) => evaluate(each, values) === difference.x);
      const numbers = difference.gradients.map(({ scalar }) => scalar);
      const ways = [numbers, numbers.map((number) => nameOf(number, values) ?? number)].map((way) =>
        [kink, ...way].join(),
      );
      if (!ways.some((way) => seen.has(way))) found.push(difference);
      for (const way of ways) seen.add(way);
    }
  }
  return found;
}

/** The parameter that a gradient is. */
const nameOf = (gradient: number, values: ParameterValues): string | undefined =>
  Object.keys(values).find((name) => values[name] === gradient);

function kinkDifferences(
  sides: readonly [Side, Side],
  values: readonly [ParameterValues, ParameterValues],
): readonly KinkDifference[] {
  const places = [...new Set(sides.flatMap(({ definition }, index) => kinksOf(definition!, values[index]!)))];
  return places
    .sort((p, q) => p - q)
    .flatMap((place) => {
      const [p, q] = sides.map((side, index) => atPlace(side, values[index]!, place)) as [AtPlace, AtPlace];
      if (isNear(p.value, q.value) && arePairsNear(p.gradient, q.gradient)) return [];
      return [
        {
          x: place,
          parameters: values[0],
          values: [p.value, q.value] as const,
          gradients: [p.gradient, q.gradient] as const,
          status: [p.status, q.status] as const,
        },
      ];
    });
}

interface AtPlace {
  readonly value: number;
  readonly gradient: Pair;
  readonly status: Status | "derivative";
}

/** The value and gradient that a side gives at an input: recorded at its kinks, elsewhere those of the definition. */
function atPlace({ row, at, definition, isExact = false }: Side, values: ParameterValues, place: number): AtPlace {
  const { formula, kinks } = definition!;
  const value = evaluate(formula, { ...values, x: place });
  const index = kinks.findIndex((kink) => evaluate(kink, values) === place);
  const record = index < 0 || isExact ? undefined : kinkRecord(row!.id, at, values);
  if (record !== undefined) return { value, gradient: record.gradients[index]!, status: record.status };
  const slope = evaluate(derivative(formula, x), { ...values, x: place });
  return { value, gradient: { scalar: slope, vector: slope }, status: "derivative" };
}

/** Differences that float32 shows. */
const isNear = (a: number, b: number): boolean =>
  Object.is(a, b) ||
  Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b)) ||
  (Number.isNaN(a) && Number.isNaN(b));

export const arePairsNear = (a: Pair, b: Pair): boolean => isNear(a.scalar, b.scalar) && isNear(a.vector, b.vector);

/** Where a side's gradients at its kinks are not the derivative that the definition decides. */
export function differsFromDefinition(side: Side): readonly KinkDifference[] {
  const { row, definition, at } = side;
  if (row === undefined || definition === undefined) return [];
  return compareKinks([side, { at, row: { id: row.id }, definition, isExact: true }], {}, [{}, {}]);
}
