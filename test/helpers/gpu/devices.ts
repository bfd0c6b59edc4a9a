/** Dawn on the software drivers that scripts/gpu.mjs made, both of them in one process. */
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { create } from "webgpu";

export interface Driver {
  readonly name: "swiftshader" | "lavapipe";
  /** A part of the adapter's name, by which Dawn selects it. */
  readonly adapter: string;
}

export const DRIVERS: readonly Driver[] = [
  { name: "swiftshader", adapter: "SwiftShader" },
  { name: "lavapipe", adapter: "llvmpipe" },
];

interface Found {
  readonly icd: string;
  /** The loader of Vulkan and what of the driver's needs the system lacks. */
  readonly libraries: readonly string[];
}

interface FoundBrowser {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
}

interface Absent {
  readonly missing: string;
}

interface Status {
  readonly drivers: Readonly<Record<Driver["name"], Found | Absent>>;
  readonly chromium: FoundBrowser | Absent;
}

export interface OpenDevice {
  readonly driver: Driver["name"];
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  /** What Dawn reported outside of a call that asked for it: no test may leave any. */
  readonly errors: readonly string[];
  readonly close: () => void;
}

const STATUS = resolve(import.meta.dirname, "..", "..", "..", ".cache", "gpu", "status.json");

export function status(): Status {
  if (existsSync(STATUS)) return JSON.parse(readFileSync(STATUS, "utf8")) as Status;
  const missing = "scripts/gpu.mjs has not run: npm test runs it";
  return { drivers: { swiftshader: { missing }, lavapipe: { missing } }, chromium: { missing } };
}

/** Why a driver cannot be had here, if it cannot. Under CI that is for a test to fail on. */
export function unavailable(driver: Driver): string | undefined {
  const found = status().drivers[driver.name];
  return "missing" in found ? found.missing : undefined;
}

/** A device with the limits that every user has, whatever the driver could do. */
export async function openDevice(
  driver: Driver,
  options: { readonly features?: readonly GPUFeatureName[] } = {},
): Promise<OpenDevice> {
  const reason = unavailable(driver);
  if (reason !== undefined) throw new Error(`No ${driver.name}: ${reason}`);
  loadDrivers();
  const adapter = await instance([`backend=vulkan`, `adapter=${driver.adapter}`]).requestAdapter();
  if (adapter === null) throw new Error(`Dawn has no adapter for ${driver.name}`);
  const device = await adapter.requestDevice({ requiredFeatures: [...(options.features ?? [])] });
  const errors: string[] = [];
  device.addEventListener("uncapturederror", (event) => errors.push(event.error.message));
  return { driver: driver.name, device, info: adapter.info, errors, close: () => device.destroy() };
}

/** A device that compiles and checks all, and runs nothing. It needs no driver. */
export async function openNullDevice(features: readonly GPUFeatureName[] = []): Promise<GPUDevice> {
  const adapter = await instance(["backend=null"]).requestAdapter();
  if (adapter === null) throw new Error("Dawn has no null backend");
  return adapter.requestDevice({ requiredFeatures: [...features] });
}

/** Dawn's instances live as long as the process: one that is collected takes its devices with it. */
const instances = new Map<string, GPU>();

function instance(options: string[]): GPU {
  const key = options.join(" ");
  const known = instances.get(key) ?? create(options);
  instances.set(key, known);
  return known;
}

const NO_DELETE = 0x1000;
let loaded = false;

/** Tells the loader of Vulkan, which asks when the first adapter is requested, all drivers that there are. */
function loadDrivers(): void {
  if (loaded) return;
  loaded = true;
  const found = Object.values(status().drivers).filter((driver) => !("missing" in driver)) as Found[];
  process.env["VK_ICD_FILENAMES"] = found.map(({ icd }) => icd).join(":");
  let libraries = [...new Set(found.flatMap((driver) => driver.libraries))];
  // A library can be loaded once those that it needs are.
  for (let before = Infinity; libraries.length < before;) {
    before = libraries.length;
    libraries = libraries.filter((path) => !keepLoaded(path));
  }
  if (libraries.length > 0) throw new Error(`Cannot load ${libraries.join(", ")}`);
}

/** A library that is in memory is found by its name wherever it lies, so nothing need be installed. */
function keepLoaded(path: string): boolean {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | NO_DELETE);
    return true;
  } catch (error) {
    // Node complains that it is no module of its own: loaded it is.
    return error instanceof Error && error.message.includes("did not self-register");
  }
}
