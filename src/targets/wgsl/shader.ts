/** A WGSL module as data: its text, and what a host has to know to run it. */
import type { Parameter } from "../../ir/definition.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import type { Integer } from "../../ir/graph/integer.js";

/** A storage buffer of a module. Binding 0 of group 0 is the uniform `sizes`: sizes (u32), parameters (f32), then seed and counter (u32). */
export interface Binding {
  /** Its variable in WGSL, and its name for hosts unless `tensor` is another. */
  readonly name: string;
  /** The definition's name for it. */
  readonly tensor?: string;
  /** The same in every kernel of the module. */
  readonly number: number;
  readonly role: "input" | "output" | "workspace";
  /** How the variable is declared in the module. */
  readonly access: "read" | "read_write";
  /** `stored`: f32, or f16 in modules for buffers of that. */
  readonly element: "stored" | "f32" | "i32" | "u32";
  /** How many elements there are; what is bound may be longer. */
  readonly length: Integer;
  /** An input that may be absent, an output that may be left out: the override of this name says whether it is there. */
  readonly presence: string | undefined;
  readonly documentation: string;
}

/** One dispatch. */
export interface ShaderKernel {
  /** The entry point. */
  readonly entry: string;
  /** The entry point for buffers that have no room for a multiple of four elements; `entry` itself when absent. */
  readonly scalarEntry?: string;
  /** The overrides that its pipeline depends on. */
  readonly overrides: readonly string[];
  /** The bindings it uses beside the uniform. */
  readonly bindings: readonly Binding[];
  /** How many workgroups have something to do, in terms of sizes and of overrides; fewer may be dispatched, since they stride over the work. */
  readonly workgroups: Integer;
  /** One line on what the kernel does: `y = act(x · weight + bias)`. */
  readonly documentation: string;
  /** Bytes of workgroup memory and invocations of a workgroup, in the same terms. */
  readonly workgroupBytes: Integer;
  readonly invocations: Integer;
}

/** A number or flag that is set when a pipeline is made. Those called as sizes take the size's value. */
export interface Override {
  readonly name: string;
  readonly type: "bool" | "u32";
  /** Absent for those that must be given. */
  readonly default: number | undefined;
  /** The values that it may have, where not every number will do. */
  readonly choices?: readonly number[];
  /** A better value for software and mobile adapters. */
  readonly modest?: number;
  /** The value that it must have, where that follows from the sizes. */
  readonly sizeOf?: Integer;
  readonly documentation: string;
}

export interface ShaderFunction {
  readonly name: string;
  readonly documentation: string;
  readonly inputs: readonly Binding[];
  readonly outputs: readonly Binding[];
  readonly workspace: readonly Binding[];
  readonly kernels: readonly ShaderKernel[];
}

export interface ShaderModule {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly reference: string;
  readonly code: string;
  /** Whether it is for buffers of f16 as well: `forHalf`. */
  readonly half: boolean;
  /** Whether there is more in it for devices with subgroups: `forSubgroups`. */
  readonly subgroups: boolean;
  readonly sizes: GraphDefinition["sizes"];
  readonly requirements: GraphDefinition["requirements"];
  readonly parameters: readonly Parameter[];
  readonly draws: boolean;
  readonly overrides: readonly Override[];
  readonly functions: readonly ShaderFunction[];
  /** The tensors of the forward pass that backward reads. */
  readonly saves: readonly string[];
}

/** The line that says what buffers hold, and what it becomes for buffers of f16. */
export const STORED = ["alias Stored = f32;", "alias Stored = f16;"] as const;
/** Begins lines that are code for devices with subgroups, and comments for others. */
export const SUBGROUP_MARK = "//+ ";

export const forHalf = (code: string): string => `enable f16;\n\n${code.replace(...STORED)}`;
export const forSubgroups = (code: string): string => `enable subgroups;\n\n${code.replaceAll(SUBGROUP_MARK, "")}`;
