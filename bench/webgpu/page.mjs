/** One headless Chromium page with WebGPU on SwiftShader, and a server for its modules. */
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Bundles the libraries with the emitted modules in a folder, and opens a page that has them as `libraries`. */
export async function openPage(kernels) {
  const { chromium: found } = JSON.parse(readFileSync(here("../../.cache/gpu/status.json"), "utf8"));
  if (found.missing !== undefined) throw new Error(`No browser: ${found.missing}`);
  const bundle = await build({
    stdin: { contents: 'export * from "./browser/page.mjs";', resolveDir: here(".") },
    alias: { "nonlin-kernels": `${kernels}/index.ts` },
    conditions: ["onnxruntime-web-use-extern-wasm"],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "error",
    // Fallbacks of libraries for Node.
    external: ["util", "crypto", "node-fetch", "fs", "worker_threads", "perf_hooks", "os", "path"],
  });
  const files = {
    "/": "<!doctype html><title>nonlin</title>",
    "/favicon.ico": "",
    "/page.js": bundle.outputFiles[0].text,
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    const ort = here(`node_modules/onnxruntime-web/dist/${basename(pathname)}`);
    const body = pathname.startsWith("/ort/") && existsSync(ort) ? readFileSync(ort) : files[pathname];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": TYPES[extname(pathname)] ?? TYPES[".html"] });
    response.end(body);
  });
  await new Promise((settle) => server.listen(0, "127.0.0.1", settle));
  const browser = await chromium.launch({
    executablePath: found.executable,
    headless: true,
    args: ARGUMENTS,
    env: { ...process.env, ...found.environment },
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  return {
    version: browser.version(),
    call: (name, argument) =>
      page.evaluate(
        async ([path, name, argument]) => (await import(path))[name](argument),
        ["/page.js", name, argument],
      ),
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
