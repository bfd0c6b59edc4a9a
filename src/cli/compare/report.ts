/** The output of `nonlin compare`. */
import type { Comparison, Default, KinkDifference, SpecialDifference } from "../../pipeline/comparison.js";
import type { Pair } from "../../frameworks/column.js";
import type { ParameterValues } from "../../ir/definition.js";
import type { Gap } from "../../symbolic/gap.js";
import { quote, table } from "../shell/text.js";

export function comparisonText(name: string, comparison: Comparison): string {
  const { versions, gap, defaults, kinks, special, notes } = comparison;
  const sections = [
    `${sentence(name, comparison)}\n`,
    table(
      versions.map((version, side) => [version, comparison.ids[side] ?? "", comparison.calls[side] ?? "not there"]),
      "  ",
    ),
    ...notes.map((note) => `${note}\n`),
    gap === undefined ? "" : `${gapText(gap)}\n`,
    defaults.length === 0
      ? ""
      : `defaults\n${table([["", ...versions], ...defaults.map((row) => [row.parameter, ...row.defaults.map(defaultText)])], "  ")}`,
    kinks.length === 0 ? "" : kinksText(comparison),
    special.length === 0
      ? ""
      : `at NaN and the infinities\n${table([["", ...versions], ...special.map(specialRow)], "  ")}`,
    ...snippetTexts(comparison),
  ];
  return sections.filter((section) => section !== "").join("");
}

function sentence(name: string, { versions: [a, b], verdict, same, calls, kinks, defaults }: Comparison): string {
  const what = quote(name);
  const missing = [a, b].filter((_, side) => calls[side] === undefined);
  switch (verdict) {
    case "missing":
      return `${what} is not in ${missing.join(" and not in ")}`;
    case "different":
      return `${what} is another function in ${a} than in ${b}`;
    case "unknown":
      return `cannot tell whether ${what} is the same function in ${a} and ${b}: neither proved nor seen to differ`;
    case "same":
    case "same-in-float32": {
      const extent = verdict === "same" ? "" : ", to a float32";
      if (same) return `${what} is the same in ${a} and ${b}${extent}`;
      const but = [
        ...(defaults.length > 0 ? ["with other defaults"] : []),
        ...(kinks.length > 0 ? ["with other gradients at kinks"] : []),
      ];
      return `${what} is the same function in ${a} and ${b}${extent}, ${but.join(" and ")}`;
    }
  }
}

export const short = (value: number): string => String(Number(value.toPrecision(6)));

const inputText = (x: number): string => (Number.isFinite(x) ? short(x) : x > 0 ? "infinity" : "-infinity");

export function gapText({ size, at }: Gap): string {
  const infinite = at.every((x) => !Number.isFinite(x));
  const places = at.map(inputText).join(" and ");
  if (size === Infinity) return `the gap grows without bound toward ${places}`;
  return `largest gap ${Number(size.toPrecision(3))} ${infinite ? "toward" : "at"} x = ${places}`;
}

const defaultText = (value: Default): string => (typeof value === "number" ? short(value) : value);

/** "0.5"; "1.5 or 1" where the elements of short tensors and of long ones have other gradients. */
export const pairText = ({ scalar, vector }: Pair): string =>
  Object.is(scalar, vector) ? short(scalar) : `${short(scalar)} or ${short(vector)}`;

function kinksText({ kinks, versions }: Comparison): string {
  const isOther = kinks.some(({ values: [a, b] }) => a !== b);
  const header = versions.flatMap((version) => [...(isOther ? [`f in ${version}`] : []), `f' in ${version}`, ""]);
  const split = kinks.some(({ gradients }) => gradients.some(({ scalar, vector }) => !Object.is(scalar, vector)));
  const note = split ? "  or: in loops over few elements the one, over many the other\n" : "";
  return `kinks\n${table([["x", ...header, ""], ...kinks.map((kink) => kinkRow(kink, isOther))], "  ")}${note}`;
}

const kinkRow = ({ x, parameters, values, gradients, status }: KinkDifference, isOther: boolean): string[] => [
  short(x),
  ...gradients.flatMap((gradient, side) => [
    ...(isOther ? [short(values[side]!)] : []),
    pairText(gradient),
    status[side]!,
  ]),
  Object.keys(parameters).length === 0 ? "" : `with ${parametersText(parameters)}`,
];

const parametersText = (parameters: ParameterValues): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} = ${short(value)}`)
    .join(", ");

const INPUT_NAMES = { nan: "NaN", infinity: "infinity", minusInfinity: "-infinity" } as const;

const specialRow = ({ input, of, given }: SpecialDifference): string[] => [
  `${of === "value" ? "f" : "f'"} at ${INPUT_NAMES[input]}`,
  ...given.map((pair) => (pair === undefined ? (input === "nan" ? "NaN" : "the limit") : pairText(pair))),
];

function snippetTexts({ snippets, versions, same }: Comparison): string[] {
  if (same) return [];
  return snippets.flatMap((snippet, side) =>
    snippet === undefined ? [] : [`in ${versions[side]!}, as in ${versions[1 - side]!}:\n${indented(snippet)}\n`],
  );
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
