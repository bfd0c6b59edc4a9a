/** Entry points that apply a function to every element: four at a time, any length, any number of workgroups. */
import { bindingLine } from "./module.js";
import { STORED, type Binding } from "./shader.js";
import type { FloatType } from "./spelling.js";

/** The buffers of a module by what they are. */
export interface Buffers {
  readonly x: Binding;
  readonly y: Binding;
  readonly dy: Binding;
  readonly dx: Binding;
  /** The tensor that backward reads beside the gradient: x or y. */
  readonly saved: Binding;
  /** The gradients of learnable parameters, one number each. */
  readonly gradients: readonly Binding[];
  readonly partials: Binding | undefined;
}

/** How a function is called: on numbers in f32, or on what is stored where that is as good. */
export interface Call {
  readonly of: (input: string) => string;
  readonly on: FloatType;
}

/** Lanes of a workgroup: as many as every device has. */
export const LANES = 256;
/** Elements of a workgroup whose lanes take a vector of four each. */
export const PER_WORKGROUP = 4 * LANES;
/** Workgroups that sum gradients of parameters: each leaves one partial sum for each. */
export const PARTIALS = 256;

/** The type of elements in buffers. Converting a number to its own type changes nothing. */
export const STORED_LINES: readonly string[] = [
  "// The type of buffers. With `enable f16;` above everything it may be f16: arithmetic is in f32 all the same.",
  STORED[0],
];

function entry(name: string, { of, on }: Call, to: string, from: string, gradient: string | undefined): string[][] {
  const vector = on === "f32" ? "vec4<f32>" : "vec4<Stored>";
  const load = (array: string, at: string, suffix: string, type: string): string => {
    const element = `${array}_values${suffix}[${at}]`;
    return on === "f32" ? `${type}(${element})` : element;
  };
  const loads = (at: string, suffix: string, type: string): string[] => [
    `let v = ${load(from, at, suffix, type)};`,
    ...(gradient === undefined ? [] : [`let g = ${load(gradient, at, suffix, type)};`]),
  ];
  const lane = (member: string): string => `${gradient === undefined ? "" : `g${member} * `}${of(`v${member}`)}`;
  const parameters = ["@builtin(global_invocation_id) id: vec3u", "@builtin(num_workgroups) groups: vec3u"].join(", ");
  const result = on === "f32" ? "result" : "r";
  const stride = `let stride = groups.x * ${LANES}u;`;
  return [
    [
      `@compute @workgroup_size(${LANES})`,
      `fn ${name}(${parameters}) {`,
      stride,
      "let quads = (sizes.size + 3u) / 4u;",
      "for (var i = id.x; i < quads; i += stride) {",
      ...loads("i", "", vector),
      `var r = ${vector}();`,
      "// A loop, since drivers take long to compile a function that is called four times.",
      "for (var lane = 0u; lane < 4u; lane++) {",
      `r[lane] = ${lane("[lane]")};`,
      "}",
      ...(on === "f32" ? ["let result = vec4<Stored>(r);"] : []),
      "if (4u * i + 4u <= sizes.size) {",
      `${to}_values[i] = ${result};`,
      "} else {",
      "// Elements beyond the last one stay.",
      "let inside = vec4<u32>(0u, 1u, 2u, 3u) + 4u * i < vec4<u32>(sizes.size);",
      `${to}_values[i] = select(${to}_values[i], ${result}, inside);`,
      "}",
      "}",
      "}",
    ],
    [
      `@compute @workgroup_size(${LANES})`,
      `fn ${name}_scalar(${parameters}) {`,
      stride,
      "for (var i = id.x; i < sizes.size; i += stride) {",
      ...loads("i", "_scalar", "f32"),
      `${to}_values_scalar[i] = ${on === "f32" ? `Stored(${lane("")})` : lane("")};`,
      "}",
      "}",
    ],
  ];
}

/** The declarations of the buffers, each as vectors and as scalars: an entry point uses one of the two. */
export function bufferLines({ x, y, dy, dx, saved, gradients, partials }: Buffers): string[] {
  return [
    ...[...new Set([x, y, saved, dy, dx])].flatMap((binding) => [
      bindingLine(binding, `${binding.name}_values`, "vec4<Stored>"),
      bindingLine(binding, `${binding.name}_values_scalar`, "Stored"),
    ]),
    ...gradients.map((binding) => bindingLine(binding, `${binding.name}_value`, "f32")),
    ...(partials === undefined ? [] : [bindingLine(partials, "partials", "f32")]),
  ];
}

export const elementwiseEntries = ({ x, y, dy, dx, saved }: Buffers, forward: Call, backward: Call): string[][] => [
  ...entry("forward", forward, y.name, x.name, undefined),
  ...entry("backward", backward, dx.name, saved.name, dy.name),
];

/** Each workgroup sums a share of dy · df/dp for every learnable parameter p, then one workgroup the shares. */
export function gradientEntries(
  { gradients }: Buffers,
  derivatives: readonly ((input: string) => string)[],
): string[][] {
  const count = gradients.length;
  const partial = (of: string, i: number): string => (count === 1 ? of : `${of} * ${count}u + ${i}u`);
  const reduced = [
    `for (var reach = ${LANES / 2}u; reach > 0u; reach >>= 1u) {`,
    "workgroupBarrier();",
    "if (lane < reach) {",
    ...gradients.map((_, i) => `sums${i}[lane] += sums${i}[lane + reach];`),
    "}",
    "}",
  ];
  const put = gradients.map((_, i) => `sums${i}[lane] = sum${i};`);
  return [
    gradients.map((_, i) => `var<workgroup> sums${i}: array<f32, ${LANES}>;`),
    [
      `@compute @workgroup_size(${LANES})`,
      "fn gradients(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {",
      ...gradients.map((_, i) => `var sum${i} = 0.0;`),
      `for (var i = group.x * ${LANES}u + lane; i < sizes.size; i += ${PARTIALS * LANES}u) {`,
      `let v = f32(x_values_scalar[i]);`,
      `let g = f32(dy_values_scalar[i]);`,
      ...derivatives.map((of, i) => `sum${i} += g * ${of("v")};`),
      "}",
      ...put,
      ...reduced,
      "if (lane == 0u) {",
      ...gradients.map((_, i) => `partials[${partial("group.x", i)}] = sums${i}[0];`),
      "}",
      "}",
    ],
    [
      `@compute @workgroup_size(${LANES})`,
      "fn total(@builtin(local_invocation_index) lane: u32) {",
      ...gradients.map((_, i) => `let sum${i} = partials[${partial("lane", i)}];`),
      ...put,
      ...reduced,
      "if (lane == 0u) {",
      ...gradients.map(({ name }, i) => `${name}_value[0] = sums${i}[0];`),
      "}",
      "}",
    ],
  ];
}
