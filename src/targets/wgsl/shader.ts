/** A WGSL module as data: its text, and what a host has to know to run it. */
import type { Parameter } from "../../ir/definition.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import type { Integer } from "../../ir/graph/integer.js";

/** A storage buffer of a module. Binding 0 of group 0 is the uniform `sizes`: sizes (u32), parameters (f32), then seed and counter (u32). */
export interface Binding {
  /** Its variable in WGSL, and its name for hosts unless `tensor` is another. */
  readonly name: string;
  /** What the definition calls it. */
  readonly tensor?: string;
  /** The same in every kernel of the module. */
  readonly number: number;
  readonly role: "input" | "output" | "workspace";
  /** How the variable is declared in the module. */
  readonly access: "read" | "read_write";
  readonly element: "f32" | "f16" | "i32" | "u32";
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
  /** The overrides that its pipeline depends on: all of the module's when absent. */
  readonly overrides?: readonly string[];
  /** The bindings it uses beside the uniform. */
  readonly bindings: readonly Binding[];
  /** How many workgroups have something to do, in terms of sizes and of overrides; fewer may be dispatched, since they stride over the work. */
  readonly workgroups: Integer;
  /** What is done is documented in a line: `y = act(x · weight + bias)`. */
  readonly documentation: string;
  /** Bytes of workgroup memory with the default overrides. */
  readonly workgroupBytes: number;
  /** The same in terms of the sizes, where it depends on them: devices have at least 16 KiB. */
  readonly workgroupMemory?: Integer;
}

/** A number or flag that is set when a pipeline is made. Those called as sizes take the size's value. */
export interface Override {
  readonly name: string;
  readonly type: "bool" | "u32";
  /** Absent for those that must be given. */
  readonly default: number | undefined;
  /** The values that it may have, where not every number will do. */
  readonly choices?: readonly number[];
  /** What it has to be, where that follows from the sizes. */
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

/** What a device may have that makes another text of the same module better. */
export type Variant = "subgroups";

export interface ShaderModule {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly reference: string;
  readonly code: string;
  /** Whether buffers may hold f16: with `alias Stored = f16;` in place of f32, and `enable f16;` above everything. */
  readonly half: boolean;
  /** The module for devices with a feature: the same entry points and bindings. */
  readonly variants: { readonly [K in Variant]?: string };
  readonly sizes: GraphDefinition["sizes"];
  readonly requirements: GraphDefinition["requirements"];
  readonly parameters: readonly Parameter[];
  readonly draws: boolean;
  readonly overrides: readonly Override[];
  readonly functions: readonly ShaderFunction[];
  /** What backward wants of the forward pass. */
  readonly saves: readonly string[];
}
