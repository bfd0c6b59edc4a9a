/** One headless Chromium page with a server for it, and the libraries of a package that runs there. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
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
];
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What is written for Node in libraries that run in both, and is never reached here. */
const OF_NODE = ["util", "crypto", "node-fetch", "fs", "worker_threads", "perf_hooks", "os", "path"];

/** Builds nonlin, unpacks the browser, and installs a package's libraries where they are missing. */
export function prepare(folder) {
  for (const script of ["setup", "gpu"])
    execFileSync(process.execPath, [here(`../../scripts/${script}.mjs`)], { stdio: [0, 2, 2] });
  if (existsSync(join(folder, "node_modules/.package-lock.json"))) return;
  console.error(`Installing the libraries to compare with: npm ci in ${folder}`);
  const options = { cwd: folder, stdio: [0, 2, 2], shell: process.platform === "win32" };
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], options);
}

/** A package's `browser/page.mjs` with its libraries as one text; `build` is its esbuild. */
export async function bundled(build, folder, alias = {}) {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "./browser/page.mjs";', resolveDir: folder },
    alias,
    // What several packages have in common imports the libraries of each.
    nodePaths: [join(folder, "node_modules")],
    conditions: ["onnxruntime-web-use-extern-wasm"],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "error",
    external: OF_NODE,
  });
  return outputFiles[0].text;
}

/**
 * A page that calls functions of a script. `served` are folders by the first part of an address; what a file holds may be
 * `changed`, given its address.
 */
export async function openPage({ script, served, flags = [], changed = (text) => text }) {
  const { chromium: found } = JSON.parse(readFileSync(here("../../.cache/gpu/status.json"), "utf8"));
  if (found.missing !== undefined) throw new Error(`No browser: ${found.missing}`);
  const files = { "/": "<!doctype html><title>nonlin</title>", "/favicon.ico": "", "/page.js": script };
  const bodyOf = (url) => {
    if (files[url.pathname] !== undefined) return files[url.pathname];
    const [, top, ...rest] = url.pathname.split("/");
    const file = served[top] === undefined ? undefined : join(served[top], ...rest);
    if (file === undefined || rest.includes("..") || !existsSync(file)) return undefined;
    const body = readFileSync(file);
    return extname(file) === ".js" ? changed(body.toString(), url) : body;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const body = bodyOf(url);
    const type = TYPES[extname(url.pathname)] ?? TYPES[".html"];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type });
    response.end(body);
  });
  await new Promise((settle) => server.listen(0, "127.0.0.1", settle));
  const browser = await chromium.launch({
    executablePath: found.executable,
    headless: true,
    args: [...ARGUMENTS, ...flags],
    env: { ...process.env, ...found.environment },
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on("pageerror", (error) => console.error(error.message));
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
