/** Verdicts against what running the file gives. */
import vm from "node:vm";

const STEP = 1e-3;
const TOLERANCE = 2e-3;
/** Of slopes that are one number, but for rounding. */
const SAME = 1e-8;

export const POINTS = [
  -3, -2.5, -2, -1.6, -1.2, -1, -0.8, -0.6, -0.4, -0.25, -0.1, 0, 0.1, 0.25, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2.2,
  2.5, 2.8, 3, 4.5, -4.5, 6, -6,
];

const close = (a, b) => Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));

/** The slope at a point, where those from both sides agree; null where the function bends, jumps or is no number. */
export function slopeAt({ values }) {
  if (values.some((value) => value === null)) return null;
  const [a, b, c, d, e] = values;
  const right = (-3 * c + 4 * d - e) / (2 * STEP);
  const left = (3 * c - 4 * b + a) / (2 * STEP);
  const isSteady = close((d - b) / (2 * STEP), (e - a) / (4 * STEP));
  return isSteady && close(left, right) ? (a - 8 * b + 8 * d - e) / (12 * STEP) : null;
}

/** The points at which the claimed derivative is not the slope. */
export const disagreements = (points) =>
  points.filter((point) => {
    const slope = slopeAt(point);
    return slope !== null && (point.claimed === null || !close(slope, point.claimed));
  });

/** `sqrt(2)`, `1 / 3`, `0, when k = 2`: a point as the prover writes it; no number where it is in other names. */
function numberOf(text) {
  const names = { pi: "Math.PI", k: "2.7" };
  const script = text
    .replace(/, when .*/, "")
    .replaceAll("^", "**")
    .replace(/[a-z]\w*/g, (name) => names[name] ?? `Math.${name}`);
  try {
    return Number(vm.runInNewContext(script));
  } catch {
    return NaN;
  }
}

/** Why a verdict is wrong by the points of a run; undefined where nothing speaks against it. */
export function mistake(verdict, points, witness) {
  const wrong = disagreements(points);
  if (verdict.verdict === "proved" && wrong.length > 0) return { kind: "false proof", at: wrong[0] };
  if (verdict.verdict === "equal-except") {
    const excepted = verdict.at.map(({ at }) => numberOf(at));
    const other = wrong.find(({ x }) => !excepted.some((value) => Math.abs(value - x) < 0.01));
    return other === undefined ? undefined : { kind: "wrong points", at: other };
  }
  if (verdict.verdict === "refuted" && witness !== undefined) {
    const slope = slopeAt(witness);
    if (
      slope !== null &&
      witness.claimed !== null &&
      Math.abs(slope - witness.claimed) <= SAME * Math.max(1, Math.abs(slope))
    )
      return { kind: "false refutation", at: witness };
    const { actual } = verdict.witness;
    if (witness.claimed !== null && Number.isFinite(actual) && !close(actual, witness.claimed))
      return { kind: "false refutation", at: { ...witness, said: actual } };
  }
  return undefined;
}
