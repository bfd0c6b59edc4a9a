#!/usr/bin/env node
// The command: what is compiled, and in a checkout whatever that needs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const main = place("dist/cli/main.js");
const setup = place("scripts/setup.mjs");

// The packed package has everything, and no scripts.
if (existsSync(setup) && !(existsSync(main) && existsSync(place("node_modules")))) {
  console.error("Setting up this checkout of nonlin");
  // Standard output belongs to the command.
  const { status } = spawnSync(process.execPath, [setup], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(2);
}
await import("../dist/cli/main.js");
