/** Writes TensorFlow Lite models (flat buffers): just enough of the format for a chain of operators over float32 tensors. */
import { Builder } from "flatbuffers";

/** Of each operator: its number in the schema, and the number of its options with the first of them as a byte. */
const OPERATORS = {
  Add: [0, 11],
  FullyConnected: [9, 8],
  Logistic: [14],
  Mul: [18, 21],
  Relu: [19],
  Softmax: [25, 9],
  Tanh: [28],
  Mean: [40, 27],
  Sub: [41, 28],
  Exp: [47],
  LogSoftmax: [50],
  Log: [73],
  Rsqrt: [76],
  SquaredDifference: [99],
  Elu: [111],
  HardSwish: [117],
  Gelu: [150, 116],
};
const VERSION = 3;
const INT32 = 2;

/**
 * A model with tensors by their names: `inputs` and `outputs` are shapes, `constants` have a shape and `data`, and the nodes'
 * outputs all other shapes. `options` of a node is the byte of its first option, or for a softmax `beta`, a float.
 */
export function tflite({ nodes, inputs, outputs, constants = {} }) {
  const builder = new Builder(1 << 20);
  const offsets = (values) => {
    builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) builder.addOffset(value);
    return builder.endVector();
  };
  const numbers = (values) => {
    builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) builder.addInt32(value);
    return builder.endVector();
  };
  const bytes = (values) => {
    builder.startVector(1, values.length, 16);
    for (let i = values.length - 1; i >= 0; i--) builder.addInt8(values[i]);
    return builder.endVector();
  };
  /** Fields are functions of their place, in the order of the schema; those that are not there are undefined. */
  const table = (fields) => {
    builder.startObject(fields.length);
    fields.forEach((field, place) => field?.(place));
    return builder.endObject();
  };
  const offset = (value) => (place) => builder.addFieldOffset(place, value, 0);
  const byte = (value) => (place) => builder.addFieldInt8(place, value, 0);
  const whole = (value) => (place) => builder.addFieldInt32(place, value, 0);
  const float = (value) => (place) => builder.addFieldFloat32(place, value, 0);

  const shapes = new Map(Object.entries({ ...inputs, ...outputs }));
  for (const [name, { shape }] of Object.entries(constants)) shapes.set(name, shape);
  for (const { output, shape } of nodes) if (!shapes.has(output)) shapes.set(output, shape);
  const names = [...shapes.keys()];
  const places = (list) => numbers(list.map((name) => names.indexOf(name)));

  const held = Object.keys(constants);
  // The first buffer is that of all tensors without numbers.
  const buffers = [
    table([]),
    ...Object.values(constants).map(({ data }) =>
      table([offset(bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))]),
    ),
  ];
  const tensors = names.map((name) => {
    const [shape, title] = [numbers(shapes.get(name)), builder.createString(name)];
    const isWhole = constants[name]?.data instanceof Int32Array;
    return table([
      offset(shape),
      byte(isWhole ? INT32 : 0),
      whole(name in constants ? held.indexOf(name) + 1 : 0),
      offset(title),
    ]);
  });
  const used = [...new Set(nodes.map(({ operator }) => operator))];
  const codes = used.map((operator) => {
    const [code] = OPERATORS[operator];
    return table([byte(Math.min(code, 127)), undefined, whole(1), whole(code)]);
  });
  const operators = nodes.map(({ operator, inputs: read, output, options, beta }) => {
    const kind = OPERATORS[operator][1];
    const values = kind === undefined ? undefined : table([beta === undefined ? byte(options ?? 0) : float(beta)]);
    const [from, to] = [places(read), places([output])];
    return table([
      whole(used.indexOf(operator)),
      offset(from),
      offset(to),
      ...(kind === undefined ? [] : [byte(kind), offset(values)]),
    ]);
  });
  const graph = [offsets(tensors), places(Object.keys(inputs)), places(Object.keys(outputs)), offsets(operators)];
  const subgraph = table([...graph, builder.createString("main")].map(offset));
  const lists = [offsets(codes), offsets([subgraph]), builder.createString("nonlin"), offsets(buffers)];
  builder.finish(table([whole(VERSION), ...lists.map(offset)]), "TFL3");
  return builder.asUint8Array();
}
