/** The pipeline: from a definition to the files of a target. */
import type { Definition, ParameterValues } from "./activations/definition.js";
import type { Expr } from "./ir/expr.js";
import type { TargetName } from "./registry.js";

/** A file as plain data. `path` is relative to the output folder, with forward slashes. */
export interface Artifact {
  readonly path: string;
  readonly text: string;
}

export type Saving = "auto" | "input" | "output";

export interface CompileOptions {
  readonly target: TargetName;
  /** What backward keeps; "auto" lets the measured accuracy decide. */
  readonly save?: Saving;
  /** Called with the name of each step and the expressions after it. */
  readonly trace?: (step: string, expressions: Readonly<Record<string, Expr>>) => void;
}

/** The worst error of one emitted function, over the points of the build, and where it is. */
export interface Accuracy {
  /** In units of the last place of the result type; near a zero of the function see `absolute`. */
  readonly ulp: number;
  readonly at: number;
  readonly parameters: ParameterValues;
  /** The largest absolute error near the zeros where ULP means nothing, and those zeros; absent without such zeros. */
  readonly nearZeros?: { readonly zeros: readonly number[]; readonly absolute: number };
}

export type AccuracyReport = Readonly<
  Record<"value" | "derivative" | "secondDerivative" | "forward" | "backward", Accuracy>
>;

export interface Compilation {
  readonly id: string;
  readonly artifacts: readonly Artifact[];
  readonly accuracy: AccuracyReport;
  readonly saves: "input" | "output";
  /** The names of the rules that led to the emitted form, per function. */
  readonly rules: Readonly<Record<"value" | "derivative" | "secondDerivative", readonly string[]>>;
}

/** A side of a kink: the value and derivative just left, at, and just right of it. */
export interface KinkReport {
  readonly at: number;
  readonly value: readonly [left: number, at: number, right: number];
  readonly derivative: readonly [left: number, at: number, right: number];
}

export interface Description {
  readonly formula: string;
  readonly derivative: string;
  readonly secondDerivative: string;
  readonly stable: { readonly value: string; readonly derivative: string; readonly secondDerivative: string };
  readonly kinks: readonly KinkReport[];
  /** The image of the real line, its ends found numerically. */
  readonly range: readonly [low: number, high: number];
  /** What the function approaches at the ends: a number, an infinity, a line "a*x+b", or nothing. */
  readonly asymptotes: { readonly left: string; readonly right: string };
  /** f and f' at `points`, for the plot. */
  readonly curve: {
    readonly points: readonly number[];
    readonly value: readonly number[];
    readonly derivative: readonly number[];
  };
}

export async function compile(_definition: Definition, _options: CompileOptions): Promise<Compilation> {
  throw new Error("under construction");
}

/** The files of a target beside those of each definition, such as an index of all modules. */
export function targetIndex(_target: TargetName, _ids: readonly string[]): readonly Artifact[] {
  return [];
}

export async function describe(_definition: Definition, _parameters?: ParameterValues): Promise<Description> {
  throw new Error("under construction");
}
