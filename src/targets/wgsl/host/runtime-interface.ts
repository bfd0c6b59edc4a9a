/** The interface of emitted host modules to callers, and the type of a module's description of its shader. */
import { generated } from "../../../codegen/header.js";

export const INTERFACE = `// Runs the kernels of the modules beside it on a WebGPU device: in browsers, and in Node with the package \`webgpu\`.
// It needs nothing at run time; its types are those of @webgpu/types. ${generated()}

/** A buffer with the usage STORAGE: all of it, or a range that begins at a multiple of 256 bytes. */
export type BufferLike = GPUBuffer | GPUBufferBinding;

/** The encoder of dispatches: a pass of their own in an encoder, or a compute pass that is open. */
export type Encoder = GPUCommandEncoder | GPUComputePassEncoder;

export interface Options<Type extends "f32" | "f16", Override extends string = never> {
  /** The type of buffers of floats, by default f32. Arithmetic is in f32 either way; f16 needs the feature "shader-f16". */
  readonly type?: Type | undefined;
  /** Whether to run the variant for subgroups, where there is one: by default if the device has the feature "subgroups". */
  readonly subgroups?: boolean | undefined;
  /** Constants of the shader, such as the sizes of tiles. */
  readonly overrides?:
    | ([Override] extends [never] ? undefined : { readonly [Name in Override]?: number | undefined })
    | undefined;
}

/** The buffers and dispatches of a call. */
export interface Needs<Name extends string> {
  /**
   * The bytes that each buffer has to have at least. Elementwise kernels take four elements at a time where all of their
   * buffers have room for a multiple of four, and one at a time elsewhere: round up to 16 bytes.
   */
  readonly bytes: { readonly [K in Name]: number };
  /** The bytes of the workspace: the same, or more, will do for several calls one after the other. */
  readonly workspaceBytes: number;
  /** How many dispatches are encoded. */
  readonly dispatches: number;
}

/** One function of a module: one or more dispatches. All of its methods throw a KernelError at what cannot be. */
export interface ShaderFunction<Buffers, Parameters> {
  /** Sizes of buffers and numbers of dispatches of a call, without the optional buffers that are named. */
  readonly needs: (
    parameters: Parameters,
    options?: { readonly without?: readonly (string & keyof Buffers)[] },
  ) => Needs<string & keyof Buffers>;
  /**
   * Makes the pipelines of a call, without the optional buffers that are named, so that no encoder waits for them. What
   * a driver finds wrong with them arrives as a KernelError with its message.
   */
  readonly prepare: (
    parameters: Parameters,
    options?: { readonly without?: readonly (string & keyof Buffers)[] },
  ) => Promise<void>;
  /**
   * Encodes a call. Whatever is wrong is refused before anything is encoded. An open pass has another pipeline and another
   * bind group 0 afterwards. Without a workspace the function keeps one, which all of its calls use one after the other.
   *
   * Not checked, since it cannot be: whether buffers are of this device and not destroyed, which \`submit\` throws, and the
   * values in them.
   * Elements of index tensors that are no places along their axis read nothing else than what is bound.
   */
  readonly encode: (
    encoder: Encoder,
    buffers: Buffers,
    parameters: Parameters,
    options?: { readonly workspace?: BufferLike | undefined },
  ) => void;
}

/** Why kernels cannot run as they were asked to, and what to do about it. */
export class KernelError extends Error {
  override readonly name = "KernelError";
}

/** Values of sizes and of constants of the shader. */
type Values<Name extends string> = { readonly [K in Name]: number };

export interface BufferRule<Name extends string> {
  readonly name: string;
  readonly binding: number;
  readonly role: "input" | "output" | "workspace";
  readonly access: "read" | "read_write";
  /** A stored element is f32 or f16, as the options say. */
  readonly element: "stored" | "f32" | "i32" | "u32";
  length(values: Values<Name>): number;
  /** Whether it may be left out, and the constant of the shader that says whether it is there. */
  readonly optional?: boolean;
  readonly presence?: string;
}

export interface KernelRule<Name extends string> {
  readonly entry: string;
  /** The entry point for buffers without room for a multiple of four elements. */
  readonly scalarEntry?: string;
  readonly buffers: readonly string[];
  /** The constants of the shader that its pipeline depends on. */
  readonly overrides: readonly string[];
  workgroups(values: Values<Name>): number;
  /** Bytes of workgroup memory, and invocations of a workgroup. */
  workgroupBytes(values: Values<Name>): number;
  invocations(values: Values<Name>): number;
}

export interface FunctionRule<Name extends string> {
  readonly buffers: readonly BufferRule<Name>[];
  readonly kernels: readonly KernelRule<Name>[];
}

/** A module's description of its shader. */
export interface Description<Name extends string> {
  readonly id: string;
  readonly code: string;
  readonly half: boolean;
  /** Whether lines of the code are for devices with subgroups. */
  readonly subgroups: boolean;
  readonly sizes: readonly {
    readonly name: string;
    readonly least: number;
    readonly most: number;
    /** The value when it is not given. */
    initial?(values: Values<Name>): number;
  }[];
  readonly parameters: readonly {
    readonly name: string;
    readonly initial: number;
    readonly range: readonly [low: number, high: number];
  }[];
  readonly requirements: readonly {
    holds(values: Values<Name>): boolean;
    message(values: Values<Name>): string;
  }[];
  /** Whether it draws random numbers, and so takes \`seed\` and \`counter\`. */
  readonly draws: boolean;
  readonly overrides: readonly {
    readonly name: string;
    /** Absent for those that must be given. */
    readonly initial?: number;
    /** The value on software and mobile adapters. */
    readonly modest?: number;
    /** The values that it may have, where not every one will do. */
    readonly choices?: readonly number[];
    /** The value that sizes ask for, where they decide. */
    size?(values: Values<Name>): number;
    /** Whether it says that a buffer is there. */
    readonly flag?: boolean;
  }[];
  readonly functions: { readonly [name: string]: FunctionRule<Name> };
  readonly saves: readonly string[];
}
`;
