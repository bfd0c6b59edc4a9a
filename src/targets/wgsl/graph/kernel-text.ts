/** What is known of a kernel once it is written. */
import type { ShaderKernel } from "../shader.js";

export type KernelText = Pick<ShaderKernel, "workgroups" | "workgroupBytes" | "invocations">;
