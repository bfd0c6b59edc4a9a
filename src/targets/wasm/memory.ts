/**
 * The module that the others of its folder import: one memory for a program. Arrays from `allocate` are computed on where
 * they are; others pass through windows at the beginning of the memory.
 */
import { generated } from "../../codegen/header.js";
import { writeModule, type ConstantText, type FunctionText, type ParameterText } from "../../codegen/module.js";
import type { Artifact } from "../../codegen/target.js";

/** The most arrays of a loop. */
const MOST_ARRAYS = 3;
const PAGE = 65536;
/** 64 MiB: what is not touched takes no memory, and growing takes arrays away. */
const INITIAL = 1024;

const constant = (name: string, value: string, documentation: string): ConstantText => ({
  name,
  type: "number",
  value,
  documentation,
  exported: false,
});

const CONSTANTS: readonly ConstantText[] = [
  constant("WINDOW", "8192", "Elements that pass through the memory at a time: what the nearest caches hold."),
  constant(
    "STATE",
    "{ memory: undefined, gaps: [] }",
    "The memory, and the free ranges of it as pairs of addresses in their order, none beside another.",
  ),
  constant("PLACES", "new WeakMap()", "Where each array from `allocate` is: its address and its length."),
  constant("OUTGROWN", "new WeakSet()", "Buffers that the memory had before it grew."),
];

interface Row extends Partial<FunctionText> {
  readonly name: string;
  readonly parameters: readonly ParameterText[];
  readonly documentation: string;
  readonly body: readonly string[];
}

const row = (of: Row): FunctionText => ({ exported: true, returns: "void", ...of });
const given = (name: string, type: string): ParameterText => ({ name, type });

const FUNCTIONS: readonly FunctionText[] = [
  row({
    name: "allocate",
    parameters: [given("length", "number")],
    returns: "Float32Array",
    documentation: [
      "An array of zeros inside the memory: loops over such arrays copy nothing.",
      "",
      "When the memory has to grow, arrays that were allocated before lose it: `renew` gives them back.",
    ].join("\n"),
    body: [
      "if (!(Number.isInteger(length) && length >= 0 && length < 2 ** 30))",
      "throw new RangeError(`the length must be a whole number in [0, 2^30), got ${length}`);",
      "const address = reserve(Math.max(16, Math.ceil(length / 4) * 16));",
      "const array = new Float32Array(memory().buffer, address, length);",
      "PLACES.set(array, { address, length });",
      "return array.fill(0);",
    ],
  }),
  row({
    name: "free",
    parameters: [given("array", "Float32Array")],
    documentation:
      "Gives the memory of an array from `allocate` back, whether or not it is outgrown. The array must not be used again.",
    body: [
      "const { address, length } = placeOf(array);",
      "PLACES.delete(array);",
      "release(address, address + Math.max(16, Math.ceil(length / 4) * 16));",
    ],
  }),
  row({
    name: "renew",
    parameters: [given("array", "Float32Array")],
    returns: "Float32Array",
    documentation: "The array itself, or where it lost the memory that grew, another on the same numbers in its place.",
    body: [
      "const place = placeOf(array);",
      "if (!OUTGROWN.has(array.buffer)) return array;",
      "const renewed = new Float32Array(memory().buffer, place.address, place.length);",
      "PLACES.delete(array);",
      "PLACES.set(renewed, place);",
      "return renewed;",
    ],
  }),
  row({
    name: "instantiate",
    parameters: [given("codes", "readonly string[]")],
    returns: "Readonly<Record<string, (...numbers: number[]) => unknown>>",
    documentation:
      "The functions of a module, from the first of its codes, bytes in base64, that the engine takes. For the modules of this folder.",
    body: [
      "const bytesOf = (code) => Uint8Array.from(atob(code), (character) => character.charCodeAt(0));",
      "const bytes = codes.map(bytesOf).find((each) => WebAssembly.validate(each));",
      'if (bytes === undefined) throw new TypeError("this engine has no WebAssembly SIMD");',
      "const imports = { host: { memory: memory() }, math: Math };",
      "return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;",
    ],
  }),
  row({
    name: "refuseOutgrown",
    parameters: [given("arrays", "Readonly<Record<string, ArrayBufferView | null | undefined>>")],
    documentation: "Says which of some arrays lost its memory. For the modules of this folder.",
    body: [
      "for (const [name, array] of Object.entries(arrays))",
      "if (OUTGROWN.has(array?.buffer))",
      "throw new TypeError(",
      '`"${name}" lost its memory when that grew for another array; renew(${name}) gives an array on the same numbers`',
      ");",
    ],
  }),
  row({
    name: "inMemory",
    parameters: [
      given("read", "readonly Float32Array[]"),
      given("written", "Float32Array"),
      given("loop", "(...places: number[]) => void"),
    ],
    documentation: [
      "Runs a loop over arrays, given their addresses and the number of elements. Arrays elsewhere pass through windows, part",
      "by part. For the modules of this folder.",
    ].join("\n"),
    body: [
      "const { buffer } = memory();",
      "const arrays = [...read, written];",
      "const { length } = written;",
      "if (arrays.every((array) => array.buffer === buffer)) {",
      "loop(...arrays.map((array) => array.byteOffset), length);",
      "return;",
      "}",
      "for (let start = 0; start < length; start += WINDOW) {",
      "const end = Math.min(start + WINDOW, length);",
      "const windows = arrays.map((array, i) =>",
      "array.buffer === buffer",
      "? array.subarray(start, end)",
      ": new Float32Array(buffer, 4 * WINDOW * i, end - start)",
      ");",
      "read.forEach((array, i) => {",
      "if (array.buffer !== buffer) windows[i].set(array.subarray(start, end));",
      "});",
      "loop(...windows.map((array) => array.byteOffset), end - start);",
      "if (written.buffer !== buffer) written.set(windows[read.length], start);",
      "}",
    ],
  }),
  row({
    name: "inPlaces",
    parameters: [
      given("read", "readonly (Float32Array | Int32Array | Uint8Array)[]"),
      given("written", "readonly (Float32Array | Int32Array | null)[]"),
      given("scratch", "readonly number[]"),
      given("loops", "(...places: number[]) => void"),
    ],
    documentation: [
      "Runs loops over tensors, given their addresses and those of `scratch` arrays of so many float64 numbers. Tensors elsewhere",
      "are copied for the call; one that is null is not there. For the modules of this folder.",
    ].join("\n"),
    body: [
      "const { buffer } = memory();",
      "let room = 0;",
      "const claim = (bytes) => {",
      "const offset = room;",
      "room += Math.ceil(bytes / 16) * 16;",
      "return { offset };",
      "};",
      "// Where arrays in the memory are is asked before it may grow.",
      "const placed = (array) => array.buffer === buffer ? { address: array.byteOffset } : claim(array.byteLength);",
      "const tensors = [...read, ...written].map((array) => ({ array, ...(array === null ? { address: 0 } : placed(array)) }));",
      "const places = [...tensors, ...scratch.map((length) => claim(8 * length))];",
      "const start = room === 0 ? 0 : reserve(room);",
      "const copies = tensors.map(({ array, offset }) =>",
      "offset === undefined ? undefined : new array.constructor(memory().buffer, start + offset, array.length)",
      ");",
      "try {",
      "read.forEach((array, i) => copies[i]?.set(array));",
      "loops(...places.map(({ address, offset }) => address ?? start + offset));",
      "written.forEach((array, i) => {",
      "const copy = copies[read.length + i];",
      "if (copy !== undefined) array.set(copy);",
      "});",
      "} finally {",
      "if (room > 0) release(start, start + room);",
      "}",
    ],
  }),
  row({
    name: "memory",
    exported: false,
    parameters: [],
    documentation: "The memory, made when it is first needed.",
    body: [
      "if (STATE.memory === undefined) {",
      `const windows = 4 * WINDOW * ${MOST_ARRAYS};`,
      `const pages = ${INITIAL};`,
      "STATE.memory = new WebAssembly.Memory({ initial: pages });",
      `release(windows, pages * ${PAGE});`,
      "}",
      "return STATE.memory;",
    ],
  }),
  row({
    name: "placeOf",
    exported: false,
    parameters: [given("array", "Float32Array")],
    documentation: "Where an array from `allocate` is.",
    body: [
      "const place = PLACES.get(array);",
      'if (place === undefined) throw new TypeError("this array is not from allocate, or it is free or renewed already");',
      "return place;",
    ],
  }),
  row({
    name: "reserve",
    exported: false,
    parameters: [given("bytes", "number")],
    documentation:
      "The address of a free range: in the first gap that is wide enough. The memory doubles where there is none.",
    body: [
      "memory();",
      "const { gaps } = STATE;",
      "const found = gaps.findIndex(([start, end]) => end - start >= bytes);",
      "if (found < 0) {",
      "grow(bytes);",
      "return reserve(bytes);",
      "}",
      "const [start, end] = gaps[found];",
      "if (end - start === bytes) gaps.splice(found, 1);",
      "else gaps[found] = [start + bytes, end];",
      "return start;",
    ],
  }),
  row({
    name: "grow",
    exported: false,
    parameters: [given("bytes", "number")],
    documentation: "Makes room at the end of the memory.",
    body: [
      "const before = memory();",
      "const { byteLength } = before.buffer;",
      `const wanted = Math.max(Math.ceil(bytes / ${PAGE}), Math.min(byteLength, 2 ** 32 - byteLength) / ${PAGE});`,
      "OUTGROWN.add(before.buffer);",
      "try {",
      "before.grow(wanted);",
      "} catch (cause) {",
      "OUTGROWN.delete(before.buffer);",
      "throw new RangeError(`there is no memory for ${bytes} bytes more`, { cause });",
      "}",
      "release(byteLength, before.buffer.byteLength);",
    ],
  }),
  row({
    name: "release",
    exported: false,
    parameters: [given("start", "number"), given("end", "number")],
    documentation: "Makes a range free again, one with the gaps beside it.",
    body: [
      "const { gaps } = STATE;",
      "const next = gaps.findIndex((gap) => gap[0] >= end);",
      "const at = next < 0 ? gaps.length : next;",
      "const joinsAfter = gaps[at]?.[0] === end;",
      "const joinsBefore = gaps[at - 1]?.[1] === start;",
      "const first = joinsBefore ? at - 1 : at;",
      "const range = [joinsBefore ? gaps[at - 1][0] : start, joinsAfter ? gaps[at][1] : end];",
      "gaps.splice(first, Number(joinsBefore) + Number(joinsAfter), range);",
    ],
  }),
];

/** The names that every module hands on to its callers. */
export const FOR_CALLERS = ["allocate", "free", "renew"] as const;

export const memoryModule = (): Promise<readonly Artifact[]> =>
  writeModule({
    path: "wasm/memory",
    // A module beside others whatever the project around them takes for one.
    isModule: true,
    header: `// ${generated()}\n// The memory that the modules of this folder share.`,
    interfaces: [],
    constants: CONSTANTS,
    functions: FUNCTIONS,
  });
