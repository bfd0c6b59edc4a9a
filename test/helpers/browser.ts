/** A page in headless Chromium with WebGPU on SwiftShader, and a server on this machine that has its modules. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Page } from "playwright-core";
import ts from "typescript";
import { status } from "./gpu/devices.js";

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

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  wgsl: "text/plain; charset=utf-8",
};

export interface OpenPage {
  readonly page: Page;
  readonly version: string;
  /** Calls an exported function of a served module, in the page; typed arrays, NaN, -0 and infinities come through. */
  readonly call: <Result>(module: string, name: string, argument?: unknown) => Promise<Result>;
  readonly close: () => Promise<void>;
}

/** Why no browser can be had here, if none can. Under CI that is for a test to fail on. */
export function browserUnavailable(): string | undefined {
  const found = status().chromium;
  return "missing" in found ? found.missing : undefined;
}

/** Modules are served under their paths; TypeScript is compiled, and `.ts` served as `.js`. */
export async function openPage(options: { readonly modules: Readonly<Record<string, string>> }): Promise<OpenPage> {
  const found = status().chromium;
  if ("missing" in found) throw new Error(`No browser: ${found.missing}`);
  const server = await serve(new Map(Object.entries(options.modules).map(served)));
  try {
    const browser = await chromium.launch({
      executablePath: found.executable,
      headless: true,
      args: ARGUMENTS,
      env: { ...process.env, ...found.environment } as Record<string, string>,
    });
    const close = async (): Promise<void> => {
      await browser.close();
      await stop(server);
    };
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const call = async <Result>(module: string, name: string, argument?: unknown): Promise<Result> => {
        errors.length = 0;
        const result = await page.evaluate((each: Call) => callExport(each), { path: `/${module}`, name, argument });
        if (errors.length > 0) throw new Error(errors.join("\n"));
        return result as Result;
      };
      return { page, version: browser.version(), call, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await stop(server);
    throw error;
  }
}

/** What every page can do beside its modules. */
const DOCUMENT = `<!doctype html>
<title>nonlin</title>
<script>
  globalThis.callExport = async ({ path, name, argument }) => {
    const module = await import(path);
    if (!(name in module)) throw new Error(path + " exports no " + name);
    return module[name](argument);
  };
</script>
`;

interface Call {
  readonly path: string;
  readonly name: string;
  readonly argument: unknown;
}

declare const callExport: (call: Call) => Promise<unknown>;

function served([path, text]: [path: string, text: string]): [string, string] {
  if (!path.endsWith(".ts")) return [`/${path}`, text];
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, verbatimModuleSyntax: true };
  return [`/${path.replace(/\.ts$/, ".js")}`, ts.transpileModule(text, { compilerOptions }).outputText];
}

function serve(files: ReadonlyMap<string, string>): Promise<Server> {
  const all = new Map([["/", DOCUMENT], ["/favicon.ico", ""], ...files]);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const text = all.get(path);
    const type = TYPES[path.split(".").at(-1)!] ?? TYPES["html"]!;
    response.writeHead(text === undefined ? 404 : 200, { "content-type": type });
    response.end(text ?? `There is no ${path}`);
  });
  return new Promise((settle) => server.listen(0, "127.0.0.1", () => settle(server)));
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((settle) => server.close(() => settle()));
}
