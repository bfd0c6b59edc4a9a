/** Weights as (inputs, outputs), as its users have them. */
export function transposed({ weight, inputs, outputs }) {
  const result = new Float32Array(weight.length);
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++) result[input * outputs + output] = weight[output * inputs + input];
  return result;
}
