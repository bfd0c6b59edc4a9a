/** Layers of elementwise functions that take the place of a normalisation, and PolyNorm. */
import { classText, type LayerContext, type LayerRow } from "./row.js";

const applied = ({ activation }: LayerContext, text: string): string =>
  activation === undefined ? text : `self.activation(${text})`;

interface Squashed {
  readonly given?: readonly string[];
  readonly fields?: readonly string[];
  readonly body?: readonly string[];
  readonly result: string;
}

const AFFINE = ["self.weight = nn.Parameter(torch.ones(columns))", "self.bias = nn.Parameter(torch.zeros(columns))"];
const INPUT_SCALE = "self.input_scale = nn.Parameter(torch.full((), input_scale))";

const row = ({ given = [], fields = [], body = [], result }: Squashed): LayerRow => ({
  uses: [],
  text: (context) =>
    classText(context, {
      given: [...given],
      fields: [...fields],
      inputs: "x: Tensor",
      body: [...body, `return ${applied(context, result)}`],
    }),
});

export const SQUASHED: Readonly<Record<string, LayerRow>> = {
  dyt: row({
    given: ["columns: int", "input_scale: float = 0.5"],
    fields: [INPUT_SCALE, ...AFFINE],
    result: "torch.tanh(self.input_scale * x) * self.weight + self.bias",
  }),
  derf: row({
    given: ["columns: int", "input_scale: float = 0.5", "input_shift: float = 0.0"],
    fields: [INPUT_SCALE, "self.input_shift = nn.Parameter(torch.full((), input_shift))", ...AFFINE],
    result: "torch.erf(self.input_scale * x + self.input_shift) * self.weight + self.bias",
  }),
  poly_norm: row({
    given: ["epsilon: float = 1e-6"],
    fields: [
      "self.epsilon = epsilon",
      "self.weight = nn.Parameter(torch.full((3,), 1 / 3))",
      "self.bias = nn.Parameter(torch.zeros(()))",
    ],
    body: [
      "powers = [x**3, x**2, x]",
      "sizes = [torch.rsqrt(p.square().mean(-1, keepdim=True) + self.epsilon) for p in powers]",
      "terms = [w * p * s for w, p, s in zip(self.weight, powers, sizes)]",
    ],
    result: "terms[0] + terms[1] + terms[2] + self.bias",
  }),
};
