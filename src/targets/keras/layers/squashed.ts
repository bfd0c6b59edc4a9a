/** Layers of elementwise functions that take the place of a normalisation, and PolyNorm. */
import { classText, type LayerContext, type LayerRow } from "./row.js";

const applied = ({ activation }: LayerContext, text: string): string =>
  activation === undefined ? text : `self.activation(${text})`;

interface Squashed {
  readonly given?: readonly string[];
  readonly build: readonly string[];
  readonly body?: readonly string[];
  readonly result: string;
}

const weight = (name: string, shape: string, initializer: string): string =>
  `self.${name} = self.add_weight(name="${name}", shape=${shape}, initializer=${initializer})`;
const constant = (value: string): string => `keras.initializers.Constant(${value})`;
const AFFINE = [weight("scale", "(input_shape[-1],)", '"ones"'), weight("shift", "(input_shape[-1],)", '"zeros"')];

const row = ({ given = [], build, body = [], result }: Squashed): LayerRow => ({
  uses: [],
  text: (context) =>
    classText(context, {
      given: [...given],
      build: [...build],
      inputs: "inputs",
      body: [...body, `return ${applied(context, result)}`],
    }),
});

export const SQUASHED: Readonly<Record<string, LayerRow>> = {
  dyt: row({
    given: ["input_scale=0.5"],
    build: [weight("factor", "()", constant("self.input_scale")), ...AFFINE],
    result: "ops.tanh(self.factor * inputs) * self.scale + self.shift",
  }),
  derf: row({
    given: ["input_scale=0.5", "input_shift=0.0"],
    build: [
      weight("factor", "()", constant("self.input_scale")),
      weight("offset", "()", constant("self.input_shift")),
      ...AFFINE,
    ],
    result: "ops.erf(self.factor * inputs + self.offset) * self.scale + self.shift",
  }),
  poly_norm: row({
    given: ["epsilon=1e-6"],
    build: [weight("scale", "(3,)", constant("1 / 3")), weight("shift", "()", '"zeros"')],
    body: [
      "powers = [inputs**3, inputs**2, inputs]",
      "sizes = [ops.rsqrt(ops.mean(ops.square(p), axis=-1, keepdims=True) + self.epsilon) for p in powers]",
      "terms = [self.scale[i] * p * s for i, (p, s) in enumerate(zip(powers, sizes))]",
    ],
    result: "terms[0] + terms[1] + terms[2] + self.shift",
  }),
};
