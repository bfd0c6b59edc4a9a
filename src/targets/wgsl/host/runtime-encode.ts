/** How the emitted runtime encodes the dispatches of a call. */
export const ENCODE = `type GivenBuffers = { readonly [name: string]: BufferLike | null | undefined };
type GivenNumbers = { readonly [name: string]: number | undefined };

function createFunction(
  program: Program,
  where: string,
  rule: FunctionRule<string>,
): ShaderFunction<GivenBuffers, GivenNumbers> {
  const { device } = program;
  const public_ = rule.buffers.filter(({ role }) => role !== "workspace");
  let ownWorkspace: GPUBuffer | undefined;
  const workspaceOf = (size: number): GPUBuffer => {
    // One that is too small is left to encoders that still have it.
    if (ownWorkspace === undefined || ownWorkspace.size < size)
      ownWorkspace = device.createBuffer({ label: \`\${where}: workspace\`, size, usage: STORAGE });
    return ownWorkspace;
  };
  const without = (names: readonly string[] = []): ReadonlySet<string> => {
    for (const name of names)
      if (!public_.some((buffer) => buffer.name === name && buffer.optional === true))
        refuse(where, \`"\${name}" is no buffer that may be left out\`);
    return new Set(names);
  };
  return {
    needs: (parameters, options = {}) => {
      const call = prepareCall(where, program, rule, parameters, without(options.without));
      return {
        bytes: Object.fromEntries(public_.map(({ name }) => [name, call.bytes.get(name)!])),
        workspaceBytes: call.workspaceBytes,
        dispatches: call.kernels.length,
      };
    },
    prepare: async (parameters, options = {}) => {
      const call = prepareCall(where, program, rule, parameters, without(options.without));
      const pipelines = call.kernels.map((kernel) => preparePipelines(where, program, rule, kernel, call.constants));
      await Promise.all(pipelines);
      checkAlive(where, program.state);
    },
    encode: (encoder, buffers, parameters, options = {}) => {
      checkNames(where, "buffer", buffers, public_);
      const isThere = ({ name }: BufferRule<string>): boolean => (ownValue(buffers, name) ?? null) !== null;
      const absent = new Set(public_.filter((buffer) => !isThere(buffer)).map(({ name }) => name));
      const call = prepareCall(where, program, rule, parameters, absent);
      const ranges = new Map<string, Range>();
      for (const { name, optional } of public_) {
        const given = ownValue(buffers, name) ?? undefined;
        if (given === undefined && optional !== true) refuse(where, \`the buffer "\${name}" must be given\`);
        if (given !== undefined && call.bytes.get(name)! > 0)
          ranges.set(name, rangeOf(where, program, name, given, call.bytes.get(name)!));
      }
      if (call.workspaceBytes > 0) {
        const given = options.workspace ?? workspaceOf(call.workspaceBytes);
        const workspace = rangeOf(where, program, "workspace", given, call.workspaceBytes);
        for (const [name, offset] of call.offsets)
          ranges.set(name, { ...workspace, name, offset: workspace.offset + offset, size: call.bytes.get(name)! });
      }
      checkOverlaps(where, rule, call, ranges);
      const dispatches = call.kernels.map((kernel) => dispatchOf(where, program, rule, call, kernel, ranges));
      if (dispatches.length === 0) return;
      if ("dispatchWorkgroups" in encoder) for (const dispatch of dispatches) dispatch(encoder);
      else {
        const pass = encoder.beginComputePass({ label: where });
        for (const dispatch of dispatches) dispatch(pass);
        pass.end();
      }
    },
  };
}

/** WebGPU allows no buffer that a dispatch writes to be in it twice, but for ranges that are written and do not overlap. */
function checkOverlaps(where: string, rule: FunctionRule<string>, call: Call, ranges: ReadonlyMap<string, Range>): void {
  const bound = rule.buffers.flatMap((buffer) => {
    const range = ranges.get(buffer.name);
    return range === undefined ? [] : [{ ...buffer, range, bytes: call.bytes.get(buffer.name)! }];
  });
  bound.forEach((a, i) => {
    for (const b of bound.slice(i + 1)) {
      if (a.range.buffer !== b.range.buffer || (a.role === "input" && b.role === "input" && a.access === b.access)) continue;
      if (overlap(a.range, a.bytes, b.range, b.bytes))
        refuse(where, \`"\${a.name}" and "\${b.name}" overlap, and one of them is written: bind other ranges or buffers\`);
      const meet = call.kernels.some(({ buffers }) => buffers.includes(a.name) && buffers.includes(b.name));
      if (meet && a.access !== b.access)
        refuse(
          where,
          \`"\${a.name}" and "\${b.name}" are in one buffer, which a dispatch would both read and write: WebGPU does not \` +
            "allow it even for ranges that do not overlap, so put them into two buffers",
        );
    }
  });
}

/** One dispatch with all that it needs, ready to be encoded. */
function dispatchOf(
  where: string,
  program: Program,
  rule: FunctionRule<string>,
  call: Call,
  kernel: KernelRule<string>,
  ranges: ReadonlyMap<string, Range>,
): (pass: GPUComputePassEncoder) => void {
  const { device, state, elementBytes } = program;
  const buffers = rule.buffers.filter(({ name }) => kernel.buffers.includes(name));
  for (const { name, presence } of buffers)
    if (call.absent.has(name) && presence === undefined)
      refuse(where, \`the buffer "\${name}" must be given, since \${kernel.entry} writes it along with others\`);
  const padded = ({ name, element }: BufferRule<string>): number => {
    const vector = 4 * elementBytes[element];
    return vector * Math.ceil(call.bytes.get(name)! / vector);
  };
  const hasRoom = buffers.every((buffer) => (ranges.get(buffer.name)?.size ?? Infinity) >= padded(buffer));
  const entry = hasRoom ? kernel.entry : (kernel.scalarEntry ?? kernel.entry);
  const resources = buffers.map((buffer, place) => {
    const range = ranges.get(buffer.name);
    const resource =
      range === undefined
        ? nothingAt(device, state, place, buffer.access)
        : { buffer: range.buffer, offset: range.offset, size: hasRoom ? padded(buffer) : call.bytes.get(buffer.name)! };
    return { binding: buffer.binding, resource };
  });
  const uniform = { buffer: uniformOf(device, state, call.words), offset: 0, size: call.words.byteLength };
  const group = bindGroupOf(device, state, layoutOf(device, state, buffers), [
    { binding: 0, resource: uniform },
    ...resources,
  ]);
  const pipeline = pipelineOf(where, program, rule, kernel, entry, call.constants);
  // Kernels stride over what is beyond.
  const workgroups = Math.min(kernel.workgroups(call.values), device.limits.maxComputeWorkgroupsPerDimension);
  return (pass) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
  };
}
`;
