/** The properties of a kernel that are known once it is written. */
import type { ShaderKernel } from "../shader.js";

export type KernelText = Pick<ShaderKernel, "workgroups" | "workgroupBytes" | "invocations">;
