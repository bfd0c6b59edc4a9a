/** What a version of a framework gives as gradient at a function's kinks, and how far that is known. */
import type { ParameterValues } from "../ir/definition.js";
import { kinkRows, type Column, type Gradient } from "./kink-rows.js";
import { isWithin, versionsOf, type FrameworkVersion } from "./version.js";

/**
 * confirmed: run in this version; bracketed: run in an older and in a newer one, with the same result;
 * read: in the source of this version, which is that of the version that was run.
 */
export type Status = "confirmed" | "bracketed" | "read";

/** The gradients at one kink; where loops over many elements and over few agree, both are the same. */
export interface KinkGradient {
  readonly scalar: number;
  readonly vector: number;
}

export interface KinkRecord {
  readonly gradients: readonly KinkGradient[];
  readonly status: Status;
}

/** The versions that were run: 1.7.0, 1.8.0, 1.13.1, 2.6.0, 2.7.0, 2.8.0 and 2.13.0 of PyTorch, 2.4.0 and 3.15.1 of Keras. */
const RUN: Readonly<Record<FrameworkVersion["framework"], readonly string[]>> = {
  torch: ["1.7", "1.8", "1.13", "2.6", "2.7", "2.8", "2.13"],
  keras: ["2.4", "3.15"],
};

const columnOf = ({ framework, backend }: FrameworkVersion): Column =>
  framework === "torch" ? "torch" : backend === undefined ? "tf.keras" : `keras-${backend}`;

/** The gradients at the kinks in the definition's order; nothing where it has no record. */
export function kinkRecord(id: string, at: FrameworkVersion, parameters: ParameterValues): KinkRecord | undefined {
  const column = columnOf(at);
  const row = kinkRows.find((each) => each.id === id && (each.columns?.includes(column) ?? true) && isWithin(at, each));
  if (row === undefined) return undefined;
  return { gradients: row.gradients.map((gradient) => valueOf(gradient, parameters)), status: statusOf(at) };
}

function valueOf(gradient: Gradient, parameters: ParameterValues): KinkGradient {
  if (typeof gradient === "object")
    return {
      scalar: valueOf(gradient.scalar, parameters).scalar,
      vector: valueOf(gradient.vector, parameters).vector,
    };
  const value = typeof gradient === "number" ? gradient : gradient(parameters);
  return { scalar: value, vector: value };
}

/** Every row ends where a run or the source says so, so that versions between two runs of one row are bracketed. */
function statusOf(at: FrameworkVersion): Status {
  if (RUN[at.framework].includes(at.version)) return "confirmed";
  return at.framework === "torch" ? "bracketed" : "read";
}

/** The versions of a framework whose record was run. */
export const confirmedVersions = (framework: FrameworkVersion["framework"]): readonly string[] =>
  versionsOf(framework).filter((version) => RUN[framework].includes(version));
