/** The page of the libraries with WebGPU on SwiftShader, with the emitted modules in a folder. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundled, openPage } from "../browser/page.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function openShaderPage(kernels) {
  return openPage({
    script: await bundled(build, here("."), { "nonlin-kernels": `${kernels}/index.ts` }),
    served: { ort: here("node_modules/onnxruntime-web/dist") },
    flags: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  });
}
