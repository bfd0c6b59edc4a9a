/** examples/webgpu.ts, as it is, on each driver. */
import { describe, expect, it } from "vitest";
import { globals } from "webgpu";
import { swish } from "../examples/webgpu.js";
import { DRIVERS, openDevice, unavailable } from "./helpers/gpu.js";

// Browsers have these names; in Node the package gives them.
Object.assign(globalThis, globals);

describe.each(DRIVERS)("on $name", (driver) => {
  it.skipIf(unavailable(driver) !== undefined)("gives SiLU of numbers", async () => {
    const { device, close } = await openDevice(driver);
    try {
      const inputs = Float32Array.of(-100, -1, 0, 1, 100);
      const outputs = await swish(device, inputs);
      inputs.forEach((x, i) => expect(outputs[i]).toBeCloseTo(x / (1 + Math.exp(-x)), 6));
    } finally {
      close();
    }
  });
});
