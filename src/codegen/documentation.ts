/** Sentences of emitted documentation about proofs and accuracy. */
import type { Accuracy, Approximation, ChainProof } from "./target.js";

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

/** The type of results whose errors were measured in a model of how a target computes, not on the target itself. */
export const modelled = (type: string): string => `${type}, in a model of how drivers compute,`;

/** The worst error that was measured. */
export const accuracyText = (accuracy: Accuracy, type: string): string => {
  const shown = (value: number): string =>
    value === 0 ? "0" : value < 0.01 ? value.toExponential(1) : value.toFixed(2);
  const near = accuracy.nearZeros;
  if (isLost(accuracy)) return lossText(accuracy);
  return (
    `Accuracy: at most ${shown(accuracy.ulp)} ULP of ${type} over the measured inputs` +
    (near === undefined
      ? "."
      : `; near ${near.zeros.map((zero) => zero.toPrecision(4)).join(", ")} within ${near.absolute.toExponential(1)}.`)
  );
};

/** Whether a NaN, an infinity or another number without a correct digit was found. */
export const isLost = ({ ulp }: Accuracy): boolean => ulp > 2 ** 60;

/** Where a function is known to be wrong; nothing where it is not. */
export const lossText = (accuracy: Accuracy): string =>
  isLost(accuracy) ? `Accuracy: wrong at x = ${accuracy.at}, and possibly elsewhere.` : "";
