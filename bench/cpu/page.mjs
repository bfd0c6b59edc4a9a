/** The page of the libraries on the processor, with what is in generated/ as it stands there. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundled, openPage } from "../browser/page.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A module that takes the code for engines without relaxed SIMD, where it has two. */
const withoutRelaxed = (text) => text.replace("codes: [RELAXED, CODE]", "codes: [CODE]");

export async function openComputingPage() {
  return openPage({
    script: await bundled(build, here(".")),
    served: {
      generated: here("../../generated"),
      ort: here("node_modules/onnxruntime-web/dist"),
      litert: here("node_modules/@litertjs/core/wasm"),
      tfjs: here("node_modules/@tensorflow/tfjs-backend-wasm/dist"),
    },
    changed: (text, { search }) => (search === "?plain" ? withoutRelaxed(text) : text),
  });
}
