/** How the emitted runtime checks sizes, parameters and buffers before anything is encoded. */
export const CALL = `/** A property of an object that the caller gave: not one that every object has. */
const ownValue = <Value>(given: { readonly [name: string]: Value }, name: string): Value | undefined =>
  Object.hasOwn(given, name) ? given[name] : undefined;

function checkNames(
  where: string,
  what: string,
  given: { readonly [name: string]: unknown },
  known: readonly { readonly name: string }[],
): void {
  if (typeof given !== "object" || given === null) refuse(where, \`an object with each \${what} by its name must be given\`);
  for (const name of Object.keys(given))
    if (!known.some((one) => one.name === name)) {
      const names = known.map((one) => \`"\${one.name}"\`).join(", ");
      refuse(where, \`there is no \${what} "\${name}"; there \${names === "" ? "is none" : \`are \${names}\`}\`);
    }
}

function checkWhole(where: string, name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  refuse(where, \`"\${name}" must be a whole number in [\${least}, \${most}], got \${String(value)}\`);
}

const LARGEST_WORD = 2 ** 32 - 1;
/** Drivers may take smaller numbers for 0. */
const SMALLEST_NORMAL = 2 ** -126;

function checkParameter(where: string, name: string, value: number, [low, high]: readonly [number, number]): void {
  if (typeof value !== "number" || !(value >= low && value <= high))
    refuse(where, \`"\${name}" must be a number in [\${low}, \${high}], got \${String(value)}\`);
  const stored = Math.fround(value);
  if (Number.isFinite(value) && !Number.isFinite(stored))
    refuse(where, \`"\${name}" is \${value}, which is beyond the largest float32: give at most \${2 ** 128 - 2 ** 104}\`);
  if (value !== 0 && Math.abs(stored) < SMALLEST_NORMAL)
    refuse(where, \`"\${name}" is \${value}, too small for a float32: give 0 or at least \${SMALLEST_NORMAL}\`);
}

interface Call {
  /** Sizes, and constants of the shader. */
  readonly values: Values<string>;
  readonly words: Uint32Array;
  readonly constants: ReadonlyMap<string, number>;
  readonly absent: ReadonlySet<string>;
  readonly kernels: readonly KernelRule<string>[];
  readonly bytes: ReadonlyMap<string, number>;
  /** Where each buffer of the workspace that has elements begins in it. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly workspaceBytes: number;
}

/** Checks sizes and parameters, and decides what is to be done. */
function prepareCall(
  where: string,
  program: Program,
  rule: FunctionRule<string>,
  given: { readonly [name: string]: number | undefined },
  absent: ReadonlySet<string>,
): Call {
  const { description, device, state, elementBytes } = program;
  checkAlive(where, state);
  const { sizes: sizeRules, parameters, requirements, draws } = description;
  const keys = draws ? [{ name: "seed" }, { name: "counter" }] : [];
  checkNames(where, "size or parameter", given, [...sizeRules, ...parameters, ...keys]);
  const sizes = new Map<string, number>();
  for (const { name, least, most, initial } of sizeRules) {
    const value = ownValue(given, name) ?? initial?.(Object.fromEntries(sizes));
    if (value === undefined) refuse(where, \`the size "\${name}" must be given\`);
    checkWhole(where, name, value, least, Math.min(most, LARGEST_WORD));
    sizes.set(name, value);
  }
  const known: Values<string> = Object.fromEntries(sizes);
  for (const { holds, message } of requirements) if (!holds(known)) refuse(where, message(known));
  const scalars = parameters.map(({ name, initial, range }) => {
    const value = ownValue(given, name) ?? initial;
    checkParameter(where, name, value, range);
    return value;
  });
  const key = keys.map(({ name }) => {
    const value = ownValue(given, name) ?? 0;
    checkWhole(where, name, value, 0, LARGEST_WORD);
    return value;
  });
  const wordCount = sizes.size + scalars.length + key.length;
  const words = new Uint32Array(Math.max(4, 4 * Math.ceil(wordCount / 4)));
  words.set([...sizes.values()]);
  words.set(new Uint32Array(Float32Array.from(scalars).buffer), sizes.size);
  words.set(key, sizes.size + scalars.length);

  const constants = constantsOf(program, rule, known, absent);
  const values: Values<string> = { ...Object.fromEntries(constants), ...known };
  const bytes = new Map<string, number>();
  const offsets = new Map<string, number>();
  let workspaceBytes = 0;
  const kernels = kernelsOf(rule, absent).filter((kernel) => kernel.workgroups(values) > 0);
  for (const buffer of rule.buffers) {
    const needed = 4 * Math.ceil((buffer.length(values) * elementBytes[buffer.element]) / 4);
    if (!(needed >= 0 && needed <= device.limits.maxStorageBufferBindingSize))
      refuse(
        where,
        \`"\${buffer.name}" has \${buffer.length(values)} elements, which are \${needed} bytes, and the device binds \` +
          \`\${device.limits.maxStorageBufferBindingSize}: request maxStorageBufferBindingSize with requiredLimits if the \` +
          "adapter has more, or divide the work into several calls",
      );
    bytes.set(buffer.name, needed);
    if (buffer.role !== "workspace" || needed === 0) continue;
    if (!kernels.some((kernel) => kernel.buffers.includes(buffer.name))) continue;
    offsets.set(buffer.name, workspaceBytes);
    workspaceBytes += ALIGNMENT * Math.ceil(needed / ALIGNMENT);
  }
  for (const kernel of kernels) checkKernel(where, program, kernel, values);
  return { values, words, constants, absent, kernels, bytes, offsets, workspaceBytes };
}

/** The dispatches that make something that is wanted. */
function kernelsOf({ buffers, kernels }: FunctionRule<string>, absent: ReadonlySet<string>): readonly KernelRule<string>[] {
  const needed = new Set(buffers.filter(({ role, name }) => role === "output" && !absent.has(name)).map(({ name }) => name));
  const scratch = new Set(buffers.filter(({ role }) => role === "workspace").map(({ name }) => name));
  return [...kernels]
    .reverse()
    .filter((kernel) => {
      const isNeeded = kernel.buffers.some((name) => needed.has(name));
      if (isNeeded) for (const name of kernel.buffers) if (scratch.has(name)) needed.add(name);
      return isNeeded;
    })
    .reverse();
}

interface Range {
  readonly name: string;
  readonly buffer: GPUBuffer;
  readonly offset: number;
  /** How much of the buffer there is. */
  readonly size: number;
}

/** Whatever was given, as a binding if it is a buffer or a range of one. */
function bindingOf(given: unknown): GPUBufferBinding | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const binding = "buffer" in given ? given : { buffer: given };
  const { buffer } = binding;
  return typeof buffer === "object" && buffer !== null && "usage" in buffer ? (binding as GPUBufferBinding) : undefined;
}

/** A buffer as it was given, checked. */
function rangeOf(where: string, { device }: Program, name: string, given: BufferLike, needed: number): Range {
  const binding = bindingOf(given);
  if (binding === undefined) refuse(where, \`"\${name}" must be a GPUBuffer or a GPUBufferBinding\`);
  const { buffer, offset = 0 } = binding;
  if ((buffer.usage & STORAGE) === 0)
    refuse(where, \`"\${name}" is a buffer without the usage STORAGE: create it with GPUBufferUsage.STORAGE\`);
  const step = device.limits.minStorageBufferOffsetAlignment;
  if (!(Number.isInteger(offset) && offset >= 0 && offset % step === 0))
    refuse(where, \`"\${name}" begins at byte \${offset}, which must be a multiple of \${step}\`);
  const size = binding.size ?? buffer.size - offset;
  if (!(Number.isInteger(size) && size >= 0 && offset + size <= buffer.size))
    refuse(where, \`"\${name}" is bound from byte \${offset} for \${size} bytes, and its buffer has \${buffer.size}\`);
  if (size < needed) refuse(where, \`"\${name}" has \${size} bytes, and \${needed} are needed\`);
  return { name, buffer, offset, size };
}

const overlap = (a: Range, aBytes: number, b: Range, bBytes: number): boolean =>
  a.buffer === b.buffer && a.offset < b.offset + bBytes && b.offset < a.offset + aBytes;
`;
