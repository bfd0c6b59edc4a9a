/** What tests of WGSL need: front ends that check it, drivers that run it, counts of what it compiles to. */
export * from "./gpu/check.js";
export * from "./gpu/devices.js";
export * from "./gpu/execute.js";
export * from "./gpu/map.js";
export * from "./gpu/operations.js";
