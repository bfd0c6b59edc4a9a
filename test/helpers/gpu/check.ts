/** Two front ends of WGSL: Dawn's, with everything that it checks of a pipeline, and naga's. */
import { NagaError, parseWgsl, validate as validateNaga } from "naga-wasm";
import { openNullDevice } from "./devices.js";

/** One compiler message, with the line that it is about. */
export function withLine(code: string, message: GPUCompilationMessage): string {
  const line = code.split("\n")[message.lineNum - 1];
  return line === undefined
    ? message.message
    : `${message.message}\n${message.lineNum}:${message.linePos}: ${line.trim()}`;
}

/** What Dawn finds wrong with a module, or with the pipeline of any of its compute entry points, at default limits. */
export async function validate(code: string): Promise<string[]> {
  const device = await openNullDevice(featuresOf(code));
  try {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    const failed = await device.popErrorScope();
    const errors = messages.filter(({ type }) => type === "error").map((message) => withLine(code, message));
    if (errors.length > 0 || failed !== null) return errors.length > 0 ? errors : [failed!.message];
    const problems: string[] = [];
    for (const entryPoint of computeEntryPoints(code)) {
      device.pushErrorScope("validation");
      device.createComputePipeline({ layout: "auto", compute: { module, entryPoint } });
      const error = await device.popErrorScope();
      if (error !== null) problems.push(`${entryPoint}: ${error.message}`);
    }
    return problems;
  } finally {
    device.destroy();
  }
}

/** The features of a device for the extensions that a module enables. */
const FEATURES: Readonly<Record<string, GPUFeatureName>> = { f16: "shader-f16", subgroups: "subgroups" };

export function featuresOf(code: string): GPUFeatureName[] {
  const enabled = [...code.matchAll(/^\s*enable\s+([\w\s,]+);/gm)].flatMap((match) => match[1]!.split(","));
  return enabled.flatMap((name) => FEATURES[name.trim()] ?? []);
}

export function computeEntryPoints(code: string): string[] {
  const bare = code.replace(/\/\/.*$/gm, "");
  return [...bare.matchAll(/@compute\b[^{};]*?\bfn\s+(\w+)/g)].map((match) => match[1]!);
}

/** naga has the functions of subgroups, and refuses the line that enables them. */
export function forNaga(code: string): string {
  return code.replace(/^(\s*enable\b)([\w\s,]+);/gm, (_, keyword: string, names: string) => {
    const others = names.split(",").filter((name) => name.trim() !== "subgroups");
    return others.length === 0 ? "" : `${keyword}${others.join(",")};`;
  });
}

/** What naga, the front end of Firefox and wgpu, finds wrong with a module. It checks less than Dawn, and other things. */
export function nagaProblems(code: string): string[] {
  try {
    const module = parseWgsl(forNaga(code));
    try {
      validateNaga(module).free();
      return [];
    } finally {
      module.free();
    }
  } catch (error) {
    if (error instanceof NagaError) return [error.formatted];
    throw error;
  }
}
