import { defineConfig } from "vitest/config";

/**
 * Sweeps, mutants, random programs, second drivers and old versions: what `npm run test:full` adds to `npm test`, beside
 * WebAssembly on engines with relaxed SIMD.
 */
const LONG = "test/**/*.long.test.ts";

/** A guard against what never ends; how fast a machine is says nothing about what is right. */
const AT_MOST = 30 * 60_000;

const shared = { testTimeout: AT_MOST, hookTimeout: AT_MOST };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "quick",
          include: ["test/**/*.test.ts"],
          exclude: [LONG],
          globalSetup: ["test/setup-quick.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "relaxed",
          include: ["wasm", "graph-emitted", "graph-extremes"].map((name) => `test/${name}.test.ts`),
          setupFiles: ["test/setup-relaxed.ts"],
          // JavaScript is the same on every engine.
          provide: { moduleTargets: ["wasm"] },
        },
      },
      { test: { ...shared, name: "long", include: [LONG], globalSetup: ["test/setup-long.ts"] } },
    ],
  },
});
