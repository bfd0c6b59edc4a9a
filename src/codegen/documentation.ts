/** Sentences of emitted documentation about proofs and accuracy. */
import type { Precision } from "../symbolic/arithmetic.js";
import type { Definition } from "../ir/definition.js";
import { judge } from "./grade.js";
import type { Accuracy, Approximation, ChainProof, FunctionName } from "./target.js";

/** The meaning of each function, which it is proved to have. */
export function meaningsOf({ gradient }: Definition): Readonly<Record<FunctionName, string>> {
  const whose = (order: string): string =>
    gradient === undefined ? `its ${order}derivative` : `the ${order}derivative of ${gradient.of}`;
  return { value: "the definition", derivative: whose(""), secondDerivative: whose("second ") };
}

/** A line on a declared surrogate gradient; none where there is none. */
export const surrogateLine = ({ gradient }: Definition): string[] =>
  gradient === undefined ? [] : [`The gradient is a declared surrogate: the derivative of ${gradient.of}.`];

/** The mark by which `verify` knows declared surrogates. */
export const SURROGATE = "nonlin: surrogate";

/** Whether a form is the function it stands for, up to steps whose error is certified. */
export const isProved = ({ verdict, approximations }: ChainProof): boolean =>
  (verdict === "proved" || verdict === "equal-except") && approximations.every(({ certified }) => certified);

/** The proof of a function or loop, as sentences of its documentation. */
export function proofText({ verdict, at, reason, approximations }: ChainProof, what: string): string {
  if (verdict !== "proved" && verdict !== "equal-except") return `Not proved to be ${what}: ${reason ?? verdict}.`;
  const exceptions =
    verdict === "proved" ? "" : `, except at x = ${(at ?? []).map((point) => point.at).join(", x = ")}`;
  const steps = approximations.map(approximationText).filter((text) => text !== "");
  const sentence = `Proved to be ${what} over the reals${exceptions}`;
  return steps.length === 0 ? `${sentence}.` : `${sentence}, but for\n${steps.join("\n")}`;
}

function approximationText({ step, where, certified, relative, absolute }: Approximation): string {
  if (relative === 0 && absolute === undefined) return "";
  const name = `- ${step.replaceAll("-", " ")}, where ${where.replaceAll("; ", " or ")}`;
  if (!certified) return `${name}: not certified.`;
  const bounds = [
    ...(relative === undefined ? [] : [`${powerText(relative)} of the value`]),
    ...(absolute === undefined ? [] : [powerText(absolute)]),
  ];
  return `${name}: certified to be within ${bounds.join(" or ")}.`;
}

/** A bound as a power of two that is not below it. */
const powerText = (bound: number): string => (bound === 0 ? "0" : `2^${Math.ceil(Math.log2(bound))}`);

/** The worst error that was measured; `modelled`: in a model of how a target computes, not on the target itself. */
export function accuracyText(accuracy: Accuracy, precision: Precision, modelled = false): string {
  const wrong = wrongText(accuracy, precision);
  if (wrong !== "") return wrong;
  const { counted, nearZeros, isOfInput } = accuracy;
  const shown = (value: number): string =>
    value === 0 ? "0" : value < 0.01 ? value.toExponential(1) : value.toFixed(2);
  const type = modelled ? `${precision}, in a model of how drivers compute,` : precision;
  const near =
    nearZeros === undefined
      ? ""
      : `; near ${nearZeros.zeros.map((zero) => zero.toPrecision(4)).join(", ")} within ${nearZeros.absolute.toExponential(1)}`;
  const measured = (ulp: number): string => `Accuracy: at most ${shown(ulp)} ULP of ${type} over the measured inputs`;
  if (counted === undefined || accuracy.ulp <= LARGE) return `${measured(accuracy.ulp)}${near}.`;
  const where = isOfInput ? "where the last digits of x do not decide" : "up to 3.4e38";
  return `${measured(counted.ulp)} ${where}${near}; at x = ${accuracy.at} it gives ${accuracy.got}, right is ${accuracy.right}.`;
}

/** ULP beyond which values are a better statement than their number. */
const LARGE = 2 ** 20;

/** Where a function is known to lose half of its digits; nothing where it is not. */
export function wrongText(accuracy: Accuracy, precision: Precision): string {
  const { grade, at, got, right } = judge(accuracy, precision);
  const isLost = grade === "wrong" || (grade === "off" && accuracy.counted === undefined && accuracy.ulp > LARGE);
  return isLost
    ? `Accuracy: ${grade} at x = ${at}, where it gives ${got} and right is ${right}, and possibly elsewhere.`
    : "";
}
