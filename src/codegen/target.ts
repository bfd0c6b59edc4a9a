/** A target: how it writes operations, and how it writes a module. Nothing else in the code knows its name. */
import { Diagnostic } from "../diagnostic.js";
import type { Definition } from "../ir/definition.js";
import type { Expr } from "../ir/expr.js";
import type { GraphDefinition } from "../ir/graph/definition.js";
import type { GraphFunction } from "../ir/kernel.js";
import type { OperationName, PrimitiveName } from "../ir/ops.js";
import type { Lowerings } from "../math/float32.js";
import type { ArithmeticName, Precision } from "../symbolic/arithmetic.js";
import type { Worst } from "../symbolic/measure.js";
import type { ProofReport } from "../symbolic/prove/chain.js";
import type { MachineName } from "./graph/machine.js";
import type { KEEPS_NAN } from "./lower.js";
import type { Spelling } from "./print.js";

export type { Approximation, ChainProof } from "../symbolic/prove/chain.js";

/** A file as plain data. `path` is relative to the output folder, with forward slashes. */
export interface Artifact {
  readonly path: string;
  readonly text: string;
  /** For targets that write the same thing in several styles: which it is. */
  readonly style?: string;
}

/** The worst error of one emitted function over the points of the build, and where it is. */
export type Accuracy = Worst;

export type FunctionName = "value" | "derivative" | "secondDerivative";
export type LoopName = "forward" | "backward";
/** Of each function, and of the derivatives by learned parameters. */
export type AccuracyReport = Readonly<Record<FunctionName | LoopName | `by ${string}`, Accuracy>>;

/** The tensor of the forward pass that `backward` reads. */
export type Saved = "input" | "output";

export interface ActivationPlan {
  readonly definition: Definition;
  /** The id in the catalogue of what is this function, whatever it is called here: what is known of frameworks is by it. */
  readonly standard: string | undefined;
  /** Functions of one float64, in operations that the target writes. */
  readonly functions: Readonly<Record<FunctionName, Expr>>;
  /** The loop bodies over float32 arrays; backward's is in the input or in the output, as `saves` says. */
  readonly loops: Readonly<Record<LoopName, Expr>>;
  /** The floats in which the loops are computed, for targets that have both. */
  readonly computed: Readonly<Record<LoopName, Precision>>;
  readonly saves: Saved;
  /** The derivative of the backward loop by what it keeps: f'' of the input, or how f' changes with the output. */
  readonly backwardDerivative: Expr;
  /** The formula itself in operations that the target writes; absent where floats lose it, or its derivative. */
  readonly composition: Expr | undefined;
  /** For each learnable parameter, the derivative of the value by it. */
  readonly parameterDerivatives: Readonly<Record<string, Expr>>;
  /** The formula, its derivative and second derivative as text. */
  readonly texts: Readonly<Record<FunctionName, string>>;
  readonly accuracy: AccuracyReport;
  readonly proofs: ProofReport;
}

/** A function of an activation that graphs have in their expressions. */
export interface ActivationFunction {
  readonly activation: string;
  readonly of: "value" | "derivative" | "derivativeOfOutput";
  /** Whether it is the negative of that. */
  readonly isNegated: boolean;
  /** In the input x or the output y, and in the activation's parameters: as it stands in expressions. */
  readonly value: Expr;
  readonly learnable: readonly Expr[];
  readonly documentation: string;
}

export interface GraphPlan {
  readonly definition: GraphDefinition;
  /** forward, backward, then extras. Expressions are in operations that the target writes. */
  readonly functions: readonly GraphFunction[];
  /**
   * The tensors that backward wants beside the gradients of the outputs: names of inputs, outputs, or outputs that forward
   * writes only for it.
   */
  readonly saves: readonly string[];
  /** The activations' formulas and derivatives as they are written, for targets that have functions for them. */
  readonly activations: readonly ActivationFunction[];
  /** Whether `seed` and `counter` are needed: whole numbers from 0 to 2^32 - 1. */
  readonly draws: boolean;
}

/**
 * The functions of a text by their names, each with what it computes: one expression for each way through it, in variables
 * with the names of its arguments.
 */
export type Computations = ReadonlyMap<string, readonly Expr[]>;

/** Graphs as kernels that the compiler planned. */
export interface KernelGraphs {
  readonly of: "kernels";
  /** Whether kernels work through blocks in order or all at once. */
  readonly machine: MachineName;
  readonly emit: (plan: GraphPlan, expand: (expr: Expr) => Expr) => Promise<readonly Artifact[]>;
}

/** Graphs as a framework of tensors writes them, around the activations that are in them. */
export interface TensorGraphs {
  readonly of: "tensors";
  readonly emit: (
    definition: GraphDefinition,
    activations: readonly ActivationPlan[],
    expand: (expr: Expr) => Expr,
  ) => Promise<{ readonly artifacts: readonly Artifact[]; readonly uses: readonly string[] }>;
}

/** The floats and the operations that forms are made for. */
export interface Platform {
  readonly name: string;
  /** The floats in which emitted functions compute; loops over float32 arrays may compute in float64. */
  readonly computed: ArithmeticName;
  /** Whether loops may be computed in float32 where that is as good: twice as many in a vector. */
  readonly hasSingles?: boolean;
  /** ULP of float32 that loops may lose in forms in float32 for inputs near 0, beside those for all; absent: there are none. */
  readonly nearBounds?: Readonly<Record<LoopName, number>>;
  /** How emitted code finds NaN: comparisons with it are false, or its bits are looked at. */
  readonly findsNaN: keyof typeof KEEPS_NAN;
  /** The tensor that can be saved for backward: either, or always the input. */
  readonly keeps: "either" | "input";
  /** Every operation that has no lowering, and those that it has anyway. */
  readonly operations: { readonly [K in PrimitiveName]: Spelling } & { readonly [K in OperationName]?: Spelling };
  /** Lowerings for loops over float32 arrays. */
  readonly loopLowerings: Lowerings;
  /** Operations that scalar functions have and loops have not, as loops write them. */
  readonly loopHelpers?: Lowerings;
  /** Names that parameters of activations cannot have, since callers give them beside the parameters. */
  readonly givenBeside?: readonly string[];
}

/** A part of what a target writes, and plans for what it writes beside the formulas. */
export interface Wishes {
  /** One of the target's styles; all of them when absent. */
  readonly style?: string;
  /** The same activation on another platform; it keeps the same tensor for backward, if it can. */
  readonly planFor: (platform: Platform) => ActivationPlan;
}

export interface Target extends Platform {
  /** In which it writes each function, the usual first; one and the same when absent. */
  readonly styles?: readonly string[];
  /** The version of the framework that the code is for, and how to have it for another. */
  readonly version?: {
    readonly is: string;
    readonly known: readonly string[];
    /** Versions that code is not written for, and why. */
    readonly without?: Readonly<Record<string, string>>;
    readonly at: (version: string) => Target;
  };
  readonly emit: (plan: ActivationPlan, expand: (expr: Expr) => Expr, wishes: Wishes) => Promise<readonly Artifact[]>;
  /** The functions of a module, as reading its text has to give them back; absent where texts are not read. */
  readonly computations?: (plan: ActivationPlan, expand: (expr: Expr) => Expr) => Computations;
  /** Absent: it has elementwise activations only. */
  readonly graphs?: KernelGraphs | TensorGraphs;
  /** Files that modules import, wherever they stand. */
  readonly shared?: () => Promise<readonly Artifact[]>;
  /** The files beside those of each definition, such as an index of all modules. */
  readonly index: (ids: readonly string[]) => Promise<readonly Artifact[]>;
}

/** How a target writes graphs; refuses where it does not. */
export function graphsOf({ name, graphs }: Target, { id }: GraphDefinition): KernelGraphs | TensorGraphs {
  if (graphs !== undefined) return graphs;
  throw new Diagnostic(`${name} does not have ${id}: it has no layers and row-wise activations`, {
    hint: "choose another target for it",
  });
}
