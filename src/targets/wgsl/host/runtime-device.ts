/** The state that the emitted runtime holds for each device: layouts, uniforms, bind groups. */
export const DEVICE = `const STORAGE = 0x80;
const UNIFORM_USAGE = 0x40;
const COMPUTE_STAGE = 0x4;
/** Offsets that are multiples of this are allowed on every device. */
const ALIGNMENT = 256;
/** Uniforms and bind groups that are kept: the oldest go first. */
const KEPT_UNIFORMS = 256;
const KEPT_BIND_GROUPS = 16;
/** The size in bytes of a stand-in for a buffer that is absent or empty. */
const NOTHING = 16;

/** The bindings of a kernel, and how it accesses them. */
interface Layout {
  readonly key: string;
  readonly group: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

/** Objects that are made once for a device. */
interface DeviceState {
  lost: GPUDeviceLostInfo | undefined;
  readonly layouts: Map<string, Layout>;
  readonly uniforms: Map<string, GPUBuffer>;
  /** Bind groups by the first of their buffers, so that none outlives it. */
  readonly groups: WeakMap<GPUBuffer, Map<string, GPUBindGroup>>;
  readonly numbers: WeakMap<GPUBuffer, number>;
  count: number;
  /** Stand-ins for absent buffers: one that is read, one of which every binding has its own part. */
  nothing: { readonly read: GPUBuffer; readonly written: GPUBuffer } | undefined;
}

const states = new WeakMap<GPUDevice, DeviceState>();

function stateOf(device: GPUDevice): DeviceState {
  const known = states.get(device);
  if (known !== undefined) return known;
  const state: DeviceState = {
    lost: undefined,
    layouts: new Map(),
    uniforms: new Map(),
    groups: new WeakMap(),
    numbers: new WeakMap(),
    count: 0,
    nothing: undefined,
  };
  states.set(device, state);
  void device.lost.then((info) => {
    state.lost = info;
  });
  return state;
}

function checkAlive(where: string, { lost }: DeviceState): void {
  if (lost === undefined) return;
  const why = lost.message === "" ? lost.reason : \`\${lost.reason}, \${lost.message.trim()}\`;
  refuse(where, \`the device is lost (\${why}): request another, and load the module and make the buffers again\`);
}

function refuse(where: string, message: string): never {
  throw new KernelError(\`\${where}: \${message}\`);
}

/** The value under a key, made when it is not there; beyond so many the oldest are forgotten. */
function kept<Value>(map: Map<string, Value>, key: string, most: number, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  if (map.size >= most) for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
  map.set(key, value);
  return value;
}

/** A buffer that holds these words and nothing else, ever: encoders that wait to be submitted may share it. */
function uniformOf(device: GPUDevice, { uniforms }: DeviceState, words: Uint32Array): GPUBuffer {
  return kept(uniforms, words.join(" "), KEPT_UNIFORMS, () => {
    const buffer = device.createBuffer({ size: words.byteLength, usage: UNIFORM_USAGE, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    return buffer;
  });
}

type BoundRange = Required<GPUBufferBinding>;

/**
 * A binding of no data, for the so-manieth buffer of a dispatch: no binding may be empty. What is written has a place for
 * each, since none may be bound twice.
 */
function nothingAt(device: GPUDevice, state: DeviceState, place: number, access: "read" | "read_write"): BoundRange {
  state.nothing ??= {
    read: device.createBuffer({ size: NOTHING, usage: STORAGE }),
    written: device.createBuffer({ size: ALIGNMENT * device.limits.maxStorageBuffersPerShaderStage, usage: STORAGE }),
  };
  return access === "read"
    ? { buffer: state.nothing.read, offset: 0, size: NOTHING }
    : { buffer: state.nothing.written, offset: ALIGNMENT * place, size: NOTHING };
}

function layoutOf(device: GPUDevice, { layouts }: DeviceState, buffers: readonly BufferRule<string>[]): Layout {
  const key = buffers.map(({ binding, access }) => \`\${binding} \${access}\`).join();
  return kept(layouts, key, Infinity, () => {
    const group = device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: COMPUTE_STAGE, buffer: { type: "uniform" } },
        ...buffers.map(({ binding, access }): GPUBindGroupLayoutEntry => {
          const type = access === "read" ? "read-only-storage" : "storage";
          return { binding, visibility: COMPUTE_STAGE, buffer: { type } };
        }),
      ],
    });
    return { key, group, pipeline: device.createPipelineLayout({ bindGroupLayouts: [group] }) };
  });
}

function bindGroupOf(
  device: GPUDevice,
  state: DeviceState,
  layout: Layout,
  entries: readonly { readonly binding: number; readonly resource: BoundRange }[],
): GPUBindGroup {
  const number = (buffer: GPUBuffer): number => {
    const known = state.numbers.get(buffer) ?? ++state.count;
    state.numbers.set(buffer, known);
    return known;
  };
  const make = (): GPUBindGroup => device.createBindGroup({ layout: layout.group, entries: [...entries] });
  const first = entries[1]?.resource.buffer;
  if (first === undefined) return make();
  const groups = state.groups.get(first) ?? new Map<string, GPUBindGroup>();
  state.groups.set(first, groups);
  const key = entries.map(({ binding, resource: { buffer, offset, size } }) =>
    [binding, number(buffer), offset, size].join(" "),
  );
  return kept(groups, \`\${layout.key}: \${key.join()}\`, KEPT_BIND_GROUPS, make);
}
`;
