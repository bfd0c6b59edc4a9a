/** Writes ONNX models: just enough of the format (protocol buffers) for a chain of nodes over float32 tensors. */
const joined = (parts) => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};
const varint = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
};
const number = (field, value) => [...varint(field * 8), ...varint(value)];
const chunk = (field, ...parts) => {
  const bytes = joined(parts);
  return joined([varint(field * 8 + 2), varint(bytes.length), bytes]);
};
const text = (field, value) => chunk(field, new TextEncoder().encode(value));

const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const attribute = ([name, value]) =>
  chunk(
    5,
    text(1, name),
    typeof value === "string" ? text(4, value) : number(3, value),
    number(20, typeof value === "string" ? ATTRIBUTE_STRING : ATTRIBUTE_INT),
  );

const node = ({ operator, inputs, output, attributes = {} }, i) =>
  chunk(
    1,
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, `node${i}`),
    text(4, operator),
    ...Object.entries(attributes).map(attribute),
  );

const FLOAT = 1;
const tensor = (field, [name, shape]) => {
  const dimensions = shape.map((size) => chunk(1, number(1, size)));
  return chunk(field, text(1, name), chunk(2, chunk(1, number(1, FLOAT), chunk(2, ...dimensions))));
};

const constant = ([name, { shape, data }]) =>
  chunk(
    5,
    ...shape.map((size) => number(1, size)),
    number(2, FLOAT),
    text(8, name),
    chunk(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

const IR_VERSION = 9;
const OPERATOR_SET = 20;

/** `inputs` and `outputs` are shapes under names, `constants` have their numbers too. */
export const model = ({ nodes, inputs, outputs, constants = {} }) =>
  joined([
    number(1, IR_VERSION),
    chunk(
      7,
      ...nodes.map(node),
      text(2, "graph"),
      ...Object.entries(constants).map(constant),
      ...Object.entries(inputs).map((entry) => tensor(11, entry)),
      ...Object.entries(outputs).map((entry) => tensor(12, entry)),
    ),
    chunk(8, number(2, OPERATOR_SET)),
  ]);
