/** Whose measurements a record is, from which versions, and how far it is known. */
import type { ParameterValues } from "../ir/definition.js";
import { isWithin, type FrameworkName, type FrameworkVersion } from "./version.js";

/** A framework as far as numbers tell: tf.keras is Keras 2, and Keras 3 has a column for each backend. */
export type Column = "torch" | "tf.keras" | "keras-tensorflow" | "keras-jax" | "keras-torch";

/** Where a row of a table holds: in all columns and versions but for what it names. */
export interface Span {
  readonly columns?: readonly Column[];
  readonly since?: string;
  readonly until?: string;
}

/** Nothing is recorded of libraries of models. */
function columnOf({ framework, backend }: FrameworkVersion): Column | undefined {
  if (framework === "torch") return "torch";
  if (framework !== "keras") return undefined;
  return backend === undefined ? "tf.keras" : `keras-${backend}`;
}

/** Whether it is recorded what it gives at kinks, at NaN and at the infinities. */
export const isRecorded = (at: FrameworkVersion): boolean => columnOf(at) !== undefined;

export function isOf(at: FrameworkVersion, span: Span): boolean {
  const column = columnOf(at);
  return column !== undefined && (span.columns?.includes(column) ?? true) && isWithin(at, span);
}

export type Known = number | ((parameters: ParameterValues) => number);

/** One number, or two where loops over many elements and over few disagree. */
export type Measured = Known | { readonly scalar: Known; readonly vector: Known };

/** The results for a tensor of one element and for the elements of a long one; mostly the same. */
export interface Pair {
  readonly scalar: number;
  readonly vector: number;
}

const known = (value: Known, parameters: ParameterValues): number =>
  typeof value === "number" ? value : value(parameters);

export function measured(value: Measured, parameters: ParameterValues): Pair {
  if (typeof value === "object")
    return { scalar: known(value.scalar, parameters), vector: known(value.vector, parameters) };
  const both = known(value, parameters);
  return { scalar: both, vector: both };
}

/**
 * confirmed: run in this version; bracketed: between two versions that were run with the same result;
 * read: in the source of this version, which is that of the version that was run.
 */
export type Status = "confirmed" | "bracketed" | "read";

/** The versions that were run, each in its first release but 1.13.1 and Keras 3.15.1; Keras 3 with current backends. */
const RUN: Readonly<Record<FrameworkName, readonly string[]>> = {
  torch: ["1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "2.5", "2.6", "2.7", "2.8", "2.13"],
  keras: ["2.4", "3.15"],
  transformers: [],
  vllm: [],
  ggml: [],
};

export const isRun = ({ framework, version }: FrameworkVersion): boolean => RUN[framework].includes(version);

/**
 * The status of a version's results. A change between two versions that were run is dated to the start of the row that
 * records it.
 */
export const statusOf = (at: FrameworkVersion): Status =>
  isRun(at) ? "confirmed" : at.framework === "torch" ? "bracketed" : "read";
