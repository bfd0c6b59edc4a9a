/** The loops that a person writes, of `Math` and of sums in a local. */
import { plainDense, plainRows } from "../../plain-layers.mjs";
import { plainLoops } from "../../plain.mjs";

const KINDS = {
  elementwise: ({ id, data }) => {
    const { forward, backward } = plainLoops(id);
    return {
      forward: (y) => forward(data.x, y),
      backward: (dx) => backward(data.dy, data.x, dx),
    };
  },
  rows: ({ id, data, sizes: { rows, columns } }) => {
    const { forward, backward } = plainRows(id);
    return {
      forward: (y) => forward(y, data.x, rows, columns),
      backward: (dx, y) => backward(dx, data.dy, y, rows, columns),
    };
  },
  norm: ({ id, data, sizes: { rows, columns } }) => {
    const { forward } = plainRows(id);
    return { forward: (y) => forward(y, data.x, rows, columns, data.weight, data.bias) };
  },
  dense: ({ data, sizes: { rows, inputs, outputs } }) => {
    const { forward } = plainDense("relu");
    return { forward: (y) => forward(y, data.x, data.weight, data.bias, rows, inputs, outputs) };
  },
};

export const open = () => ({
  prepare(subject) {
    const { forward, backward } = KINDS[subject.kind](subject);
    const [y, dx] = [new Float32Array(subject.data.dy.length), new Float32Array(subject.data.x.length)];
    const copied = () => {
      const result = new Float32Array(y.length);
      forward(result);
      return result;
    };
    if (backward === undefined) return { kernel: () => forward(y), copied };
    const both = () => {
      forward(y);
      backward(dx, y);
    };
    const gradient = () => {
      both();
      return dx.slice();
    };
    return { kernel: () => forward(y), copied, both, gradient };
  },
});
