/** The report of `nonlin verify`: lines for people, fields for machines. */
import { variableOf, variables } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import type { Prover } from "../../symbolic/prove/prove.js";
import type { CellReport, Exception, Goal, Proof, Verdict, Witness } from "../../symbolic/prove/verdict.js";
import type { ExitCode } from "../commands.js";
import { diagnosticFields, renderDiagnostic } from "../shell/failure.js";
import { count, table, withoutControls } from "../shell/text.js";
import { verdictOf, type Answer, type Claim } from "./claim.js";
import type { Distance } from "./gap.js";
import { rightClaim } from "./right.js";
import type { Problem } from "./source.js";
import { OTHER_SLOPE, atDefaults as rightAtDefaults } from "./ties.js";

/** How many claims ended in which way. */
export type Tally = Readonly<Record<Verdict["verdict"] | "surrogate" | "unreadable", number>>;

export function tallyOf(verdicts: Iterable<keyof Tally>): Tally {
  const tally = { proved: 0, "equal-except": 0, refuted: 0, surrogate: 0, unknown: 0, unreadable: 0 };
  for (const verdict of verdicts) tally[verdict] += 1;
  return tally;
}

/** Something wrong that was found outweighs what could not be told. */
export const exitCode = (tally: Tally, allowed = 0): ExitCode =>
  tally.refuted + tally["equal-except"] - allowed > 0 ? 1 : tally.unknown + tally.unreadable > 0 ? 2 : 0;

/** Such as `412 lines: 205 proved, 3 equal-except, 204 refuted, 0.8 s`. */
export const summary = (noun: string, tally: Tally, seconds: number, zeros = false): string => {
  const isShown = (verdict: string): boolean => verdict === "proved" || (zeros && verdict !== "surrogate");
  const shown = Object.entries(tally).filter(([verdict, n]) => n > 0 || isShown(verdict));
  const parts = shown.map(([verdict, n]) => `${n} ${verdict}`);
  const total = Object.values(tally).reduce((sum, n) => sum + n, 0);
  return `${count(total, noun)}: ${parts.join(", ")}, ${seconds.toFixed(1)} s\n`;
};

/** A verdict's fields in JSON. */
export function proofFields(proof: Proof, cells: boolean): Record<string, unknown> {
  const { verdict } = proof;
  const steps = cells ? { cells: proof.cells } : {};
  switch (proof.verdict) {
    case "proved":
      return { verdict, ...steps };
    case "equal-except":
      return { verdict, at: proof.at.map(({ at }) => place(at)), exceptions: proof.at, ...steps };
    case "refuted":
      return { verdict, witness: witnessFields(proof.witness), ...steps };
    case "unknown": {
      const { reason, goal, probable } = proof;
      return { verdict, reason, ...(goal && { goal }), ...(probable && { probable }), ...steps };
    }
  }
}

const witnessFields = ({ x, parameters: params, expected, actual }: Witness) => ({ x, params, expected, actual });

/** A number where the place is one, else the expression of the parameters that it is. */
const place = (at: string): number | string => (/^-?[\d.]+(e-?\d+)?$/.test(at) ? Number(at) : at);

/** Rounded: a clock is no more exact. */
export const milliseconds = (time: number): number => Math.round(time * 1000) / 1000;

/** In JSON there is no infinity. */
const shownSize = (size: number): number | string => (Number.isFinite(size) ? size : "unbounded");

export function answerFields(given: Answer, prover: Prover, cells: boolean): Readonly<Record<string, unknown>> {
  const { claim, proof, milliseconds: time, look, allowed, distance, atDefaults, accepted = false } = given;
  const isSurrogate = verdictOf(given) === "surrogate";
  const lines = allowed || isSurrogate ? [] : right(claim, proof, prover);
  return {
    ...claim.label,
    ...proofFields(proof, cells),
    ...(atDefaults !== undefined && {
      defaults: {
        given: claim.usually!.given,
        ...proofFields(atDefaults, false),
        ...(given.isTiedAtDefaults === true && { ties: OTHER_SLOPE }),
      },
    }),
    ...(isSurrogate && { verdict: "surrogate" }),
    ...((isSurrogate || look !== undefined) && { surrogate: { declared: isSurrogate, ...(look && { looks: look }) } }),
    ...(allowed && { allowed: "kinks of the definition" }),
    ...(distance !== undefined && { gap: { size: shownSize(distance.size), at: distance.at } }),
    ...(accepted && { accepted }),
    ...(lines.length > 0 && { right: lines.join("\n") }),
    ms: milliseconds(time),
  };
}

export const problemFields = ({ label, diagnostic, isSurrogate }: Problem): Readonly<Record<string, unknown>> => ({
  ...label,
  ...(isSurrogate === true && { surrogate: { declared: true } }),
  ...diagnosticFields(diagnostic),
});

/** A problem as a compiler would print it, with the place in front. */
export const problemText = ({ place, diagnostic, isSurrogate }: Problem): string =>
  `${withoutControls(place)}: ${isSurrogate === true ? "declared a surrogate, and not read: " : ""}${renderDiagnostic(diagnostic).replace(/^error: /, "")}`;

/** Proved claims of one place in one line, the others with what is wrong. */
export function answersText(answers: readonly Answer[], prover: Prover, explain: boolean): string {
  const isShort = ({ claim, proof }: Answer): boolean =>
    !explain && claim.short !== undefined && proof.verdict === "proved";
  const short = answers.filter(isShort);
  const names = short.map(({ claim }) => claim.short).join(", ");
  const first = short.length === 0 ? "" : `${short[0]!.claim.place}: ${names} proved\n`;
  const rest = answers.filter((given) => !isShort(given)).map((given) => answerText(given, prover, explain));
  return first + rest.join(explain ? "\n" : "");
}

function answerText(given: Answer, prover: Prover, explain: boolean): string {
  const { claim, proof, look, allowed, distance, atDefaults, accepted = false } = given;
  const place = claim.place === "" ? "" : `${claim.place}: `;
  if (verdictOf(given) === "surrogate") return withoutControls(`${place}${surrogateText(claim, look)}`) + "\n";
  const sentence = allowed
    ? `${claim.holds}: proved but for its kinks`
    : accepted
      ? `${claim.holds}: not exactly, but within the tolerance wherever it was measured`
      : SENTENCES[proof.verdict](claim);
  const details = [
    ...detailsOf(claim, proof),
    ...(distance === undefined ? [] : [distanceText(claim, distance)]),
    ...(atDefaults === undefined ? [] : [defaultsText(claim, atDefaults, given.isTiedAtDefaults === true)]),
    ...(allowed ? [] : rightLines(right(claim, proof, prover))),
    ...(look === undefined ? [] : [`it looks like a surrogate: ${look}`, DECLARE]),
    ...(claim.isSurrogate === true ? ["it is declared a surrogate all the same"] : []),
  ];
  const lines = [place + sentence, ...details.map((line) => `  ${line}`)];
  return (explain ? argument(claim, proof.cells) : "") + withoutControls(lines.join("\n")) + "\n";
}

/** Such as "largest gap found: 5.1e-13 at x = 1.2, as constants with too few digits make it". */
function distanceText(claim: Claim, { size, at, isEverywhere, isRounding }: Distance): string {
  const why = isRounding ? ", as constants with too few digits make it" : "";
  const largest = isEverywhere ? "largest gap found" : "largest gap found for these parameters";
  if (!Number.isFinite(size))
    return `${largest}: it grows without bound${at.every(Number.isFinite) ? ` beside ${renamed(claim, "x")} = ${at.join(", ")}` : ""}${why}`;
  return `${largest}: ${Number(size.toPrecision(2))} at ${renamed(claim, "x")} = ${at.join(", ")}${why}`;
}

/** Such as "for the default alpha = 1 it is right". */
function defaultsText(claim: Claim, proof: Proof, isTied: boolean): string {
  const where = `for the default ${claim.usually!.given.join(", ")}`;
  if (proof.verdict === "proved") return `${where} ${rightAtDefaults(isTied)}`;
  return proof.verdict === "equal-except"
    ? `${where} it ${detailsOf(claim, proof).join(" ")}`
    : `${where} it is wrong, too`;
}

const DECLARE = 'if it is meant to be one, write "nonlin: surrogate" in a comment above it';
const surrogateText = ({ fails }: Claim, look: string | undefined): string =>
  `${fails}, and is declared a surrogate${look === undefined ? "" : `: ${look}`}`;

const SENTENCES: Readonly<Record<Verdict["verdict"], (claim: Claim) => string>> = {
  proved: ({ holds }) => `${holds}: proved`,
  "equal-except": ({ fails }) => fails,
  refuted: ({ fails }) => fails,
  unknown: ({ holds }) => `${holds}: unknown`,
};

function detailsOf(claim: Claim, proof: Proof): string[] {
  switch (proof.verdict) {
    case "proved":
      return [];
    case "equal-except":
      return proof.at.map((exception, i) => `${i === 0 ? "differs only" : "and"} ${exceptionText(claim, exception)}`);
    case "refuted":
      return [witnessText(claim, proof.witness)];
    case "unknown":
      return [
        ...proof.reason.split("\n"),
        ...(proof.goal === undefined ? [] : [`open: ${renamed(claim, proof.goal)}`]),
        ...(proof.probable ? ["equal modulo a 61-bit prime at random points: very probably right"] : []),
      ];
  }
}

/** Formula text in the words of the user. */
const renamed = ({ names }: Claim, text: string): string =>
  names.size === 0 ? text : text.replace(/[A-Za-z_]\w*/g, (name) => names.get(name) ?? name);

const spoken = (value: number | string): string =>
  typeof value === "number" && Number.isNaN(value) ? "no value" : String(value);

const outcome = (claim: Claim, actual: string, expected: string): string =>
  claim.goal.order === 0 ? `${actual} against ${expected}` : `it gives ${actual}, right is ${expected}`;

function exceptionText(claim: Claim, { at, actual, expected }: Exception): string {
  const [where, given, wanted] = [at, actual, expected].map((text) => renamed(claim, text));
  // For special parameters it may be a whole range of inputs.
  const here = /^(every )?x\b/.test(at) ? `where ${where}` : `at ${renamed(claim, "x")} = ${where}`;
  return `${here}: ${outcome(claim, given!, wanted!)}`;
}

function witnessText(claim: Claim, { x, parameters, actual, expected }: Witness): string {
  const values = Object.entries({ x, ...parameters }).map(([name, value]) => `${renamed(claim, name)} = ${value}`);
  return `at ${values.join(", ")}: ${outcome(claim, spoken(actual), spoken(expected))}`;
}

/**
 * The correct form of a wrong claim, as the user would write it; empty unless a claim about a derivative was found
 * wrong.
 */
function right(claim: Claim, proof: Proof, prover: Prover): readonly string[] {
  const wrong = proof.verdict === "refuted" || proof.verdict === "equal-except";
  if (!wrong || claim.goal.order === 0) return [];
  return rightClaim(claim.goal, prover, claim.write) ?? [];
}

const rightLines = (lines: readonly string[]): string[] =>
  lines.length < 2
    ? lines.map((line) => `right derivative: ${line}`)
    : ["right derivative:", ...lines.map((line) => `  ${line}`)];

/** The argument of a proof: what is claimed, then cell by cell. */
function argument(claim: Claim, cells: readonly CellReport[]): string {
  const { goal } = claim;
  const say = (text: string): string => renamed(claim, text);
  const lines = [
    ...block(`f(${say("x")}) = `, say(formulaText(goal.formula, LONGEST_FORMULA))),
    ...block(`claim: ${claimedText(goal, say)} = `, say(formulaText(goal.claim, LONGEST_FORMULA))),
    ...promises(goal).map((promise) => `for ${say(promise)}`),
    ...cells.flatMap((cell) => cellLines(cell, say)),
    ...block("  by  ", [...new Set(cells.flatMap(({ laws }) => laws))].join("\n")),
  ].filter((line) => line.trim() !== "by");
  return withoutControls(lines.join("\n")) + "\n";
}

function cellLines(
  { where, expected, actual, normalForm, outcome }: CellReport,
  say: (text: string) => string,
): string[] {
  const rows = [
    ["right", expected],
    ["claimed", actual],
    [outcome === "equal" ? "both are" : "difference", normalForm],
  ].flatMap(([name = "", text = ""]) => {
    const [first = "", ...rest] = say(text).split("\n");
    return text === "" ? [] : [[name, first], ...rest.map((line) => ["", line])];
  });
  return [`  where ${say(where)}`, ...table(rows, "    ").split("\n").slice(0, -1), `    ${outcome}`];
}

const LONGEST_FORMULA = 300;

function block(start: string, text: string): string[] {
  const [first = "", ...rest] = text.split("\n");
  return [start + first, ...rest.map((line) => " ".repeat(start.length) + line)];
}

function claimedText({ order, variable }: Goal, say: (text: string) => string): string {
  if (variable !== undefined && variableOf(variable).role === "parameter") return `df/d${variableOf(variable).name}`;
  return `f${order > 3 ? `^(${order})` : "'".repeat(order)}(${say("x")})`;
}

/** The ranges that the goal assumes of its variables. */
const promises = ({ formula, claim }: Goal): string[] =>
  variables(formula, claim).flatMap((variable) => {
    const { name, range } = variableOf(variable);
    const [low, high] = range;
    if (low === -Infinity && high === Infinity) return [];
    if (high === Infinity) return [low === Number.MIN_VALUE ? `${name} > 0` : `${name} >= ${low}`];
    return [low === -Infinity ? `${name} <= ${high}` : `${low} <= ${name} <= ${high}`];
  });
