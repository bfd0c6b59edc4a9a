/** The emitted modules as they are served: WebAssembly on arrays in its memory, JavaScript on ordinary ones. */

/** How modules are called, by the kind of a subject, with arrays under the names that layers give them. */
const CALLS = {
  elementwise: {
    forward: (module, { x, y }) => module.forward(x, y),
    backward: (module, { dy, x, y, dx }) => module.backward(dy, module.saves === "input" ? x : y, dx),
  },
  rows: {
    forward: (module, { x, y }, sizes) => module.forward(x, y, sizes),
    backward: (module, { dy, y, dx }, sizes) => module.backward(dy, y, dx, sizes),
  },
  norm: {
    forward: (module, { x, weight, bias, y }, sizes) => module.forward({ x, weight, bias }, { y }, sizes).y,
    backward: (module, { dy, x, weight, dx, dweight, dbias }, sizes) =>
      module.backward({ dy, x, weight }, { dx, dweight, dbias }, sizes),
  },
  dense: {
    forward: (module, { x, weight, bias, y }, sizes) => module.forward({ x, weight, bias }, { y }, sizes).y,
    backward: (module, { dy, x, weight, y, dx, dweight, dbias }, sizes) =>
      module.backward({ dy, x, weight, y }, { dx, dweight, dbias }, sizes),
  },
};

const FILES = { dense: "dense_relu" };

/** All arrays of a subject: those that are read, and room for the results. */
function arraysOf({ data, shapes }) {
  const results = Object.keys(shapes).filter((name) => name !== "y");
  const gradients = Object.fromEntries(results.map((name) => [`d${name}`, new Float32Array(data[name].length)]));
  return { ...data, y: new Float32Array(data.dy.length), ...gradients };
}

function inMemory(module, arrays) {
  const places = Object.entries(arrays).map(([name, values]) => [name, module.allocate(values.length), values]);
  // The memory may grow with each array.
  return Object.fromEntries(
    places.map(([name, place, values]) => {
      const array = module.renew(place);
      array.set(values);
      return [name, array];
    }),
  );
}

/** A target of ours; `variant` is a word in the address of its modules, which the server knows. */
export const open = (target, variant) => async () => ({
  async prepare(subject) {
    const { id, kind, sizes, data } = subject;
    const module = await import(`/generated/${target}/${FILES[id] ?? id}.js?${variant}`);
    const { forward, backward } = CALLS[kind];
    const { x, weight, bias } = data;
    let arrays = module.allocate === undefined ? arraysOf(subject) : inMemory(module, arraysOf(subject));
    const renewed = () => {
      if (module.renew === undefined) return arrays;
      for (const name of Object.keys(arrays)) arrays[name] = module.renew(arrays[name]);
      return arrays;
    };
    return {
      kernel: () => void forward(module, renewed(), sizes),
      copied: () => forward(module, { x, weight, bias }, sizes),
      both() {
        forward(module, renewed(), sizes);
        backward(module, arrays, sizes);
      },
      gradient() {
        this.both();
        return arrays.dx.slice();
      },
      dispose() {
        if (module.free !== undefined) for (const array of Object.values(arrays)) module.free(array);
        arrays = undefined;
      },
    };
  },
});
