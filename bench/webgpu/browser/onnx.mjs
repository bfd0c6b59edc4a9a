/** Writes ONNX models: just enough of the format (protocol buffers) for a chain of nodes over float32 tensors. */
const varint = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
};
const number = (field, value) => [...varint(field * 8), ...varint(value)];
const chunk = (field, bytes) => [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
const text = (field, value) => chunk(field, [...new TextEncoder().encode(value)]);

const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const attribute = ([name, value]) =>
  chunk(5, [
    ...text(1, name),
    ...(typeof value === "string" ? text(4, value) : number(3, value)),
    ...number(20, typeof value === "string" ? ATTRIBUTE_STRING : ATTRIBUTE_INT),
  ]);

const node = ({ operator, inputs, output, attributes = {} }, i) =>
  chunk(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, output),
    ...text(3, `node${i}`),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(attribute),
  ]);

const FLOAT = 1;
const tensor = (field, [name, shape]) =>
  chunk(field, [
    ...text(1, name),
    ...chunk(
      2,
      chunk(1, [
        ...number(1, FLOAT),
        ...chunk(
          2,
          shape.flatMap((size) => chunk(1, number(1, size))),
        ),
      ]),
    ),
  ]);

const IR_VERSION = 9;
const OPERATOR_SET = 20;

/** `inputs` and `outputs` are shapes under names. */
export const model = ({ nodes, inputs, outputs }) =>
  Uint8Array.from([
    ...number(1, IR_VERSION),
    ...chunk(7, [
      ...nodes.flatMap(node),
      ...text(2, "graph"),
      ...Object.entries(inputs).flatMap((entry) => tensor(11, entry)),
      ...Object.entries(outputs).flatMap((entry) => tensor(12, entry)),
    ]),
    ...chunk(8, number(2, OPERATOR_SET)),
  ]);
