/** Gated units, on the two halves of an axis and on two products. */
import { classText, type LayerContext, type LayerRow } from "./row.js";

/** The steps on the value, on the gate and on the activation of the gate. */
interface Unit {
  readonly given?: readonly string[];
  readonly fields?: readonly string[];
  readonly value?: (value: string) => string;
  readonly gate?: (gate: string) => string;
  readonly after?: (activated: string, gate: string) => string;
  /** All of it, where it is no product. */
  readonly whole?: (value: string, gate: string) => string;
}

const LIMIT = (initial: number): Pick<Unit, "given" | "fields"> => ({
  given: [`limit: float = ${initial}.0`],
  fields: ["self.limit = limit"],
});
const clamped = (value: string): string => `${value}.clamp(-self.limit, self.limit)`;
const atMost = (value: string): string => `${value}.clamp(max=self.limit)`;

const PRODUCT: Unit = {};
/** An activation of two inputs. */
const OWN: Unit = { whole: (value, gate) => `self.activation(${value}, ${gate})` };

const UNITS: Readonly<Record<string, Unit>> = {
  swiglu: PRODUCT,
  geglu: PRODUCT,
  geglu_tanh: PRODUCT,
  reglu: PRODUCT,
  relu2_gated: PRODUCT,
  swiglu_oai: {
    given: ["limit: float = 7.0", "offset: float = 1.0"],
    fields: ["self.limit = limit", "self.offset = offset"],
    value: (value) => `(${clamped(value)} + self.offset)`,
    gate: atMost,
  },
  swiglu_clamped: { ...LIMIT(10), value: clamped, gate: atMost },
  swiglu_step: { ...LIMIT(7), value: clamped, after: atMost },
  situ: {
    given: ["value_cap: float = 25.0"],
    fields: ["self.cap_value = GateSoftcap(value_cap)"],
    value: (value) => `self.cap_value(${value})`,
    after: (activated, gate) => `${activated} * torch.sigmoid(${gate})`,
  },
};

/** The product, of the texts of value and gate. */
function product(
  { value = (text) => text, gate = (text) => text, after = (text) => text, whole }: Unit,
  of: string,
  by: string,
): string {
  if (whole !== undefined) return whole(of, by);
  return `${value(of)} * ${after(`self.activation(${gate(by)})`, by)}`;
}

const isPlain = ({ gate, value, after }: Unit): boolean =>
  gate === undefined && value === undefined && after === undefined;

/** On two halves; without a choice the second is the gate. */
const onHalves = (unit: Unit, chosen = true): LayerRow => {
  const halves = chosen ? ["halves[1 - self.gate]", "halves[self.gate]"] : ["halves[0]", "halves[1]"];
  const [of, by] = isPlain(unit) ? halves : ["value", "gate"];
  return {
    uses: [],
    text: (context) =>
      classText(context, {
        documentation: [
          chosen
            ? "gate: which half goes through the activation: 0, the first, or 1, the second."
            : "The second half goes through the activation.",
        ],
        given: ["dim: int = -1", ...(chosen ? ["gate: int = 1"] : []), ...(unit.given ?? [])],
        fields: ["self.dim = dim", ...(chosen ? ["self.gate = gate"] : []), ...(unit.fields ?? [])],
        inputs: "x: Tensor",
        body: [
          "halves = x.chunk(2, self.dim)",
          ...(isPlain(unit) ? [] : [`value, gate = ${halves.join(", ")}`]),
          `return ${product(unit, of!, by!)}`,
        ],
        shown: ["dim", ...(chosen ? ["gate"] : [])],
      }),
  };
};

/** On two products of `x`. */
export const gatedDense = (unit: Unit): LayerRow => ({
  uses: ["torch.nn.Linear"],
  text: (context: LayerContext) =>
    classText(context, {
      given: ["inputs: int", "outputs: int", "bias: bool = True", ...(unit.given ?? [])],
      fields: [
        "self.value = nn.Linear(inputs, outputs, bias)",
        "self.gate = nn.Linear(inputs, outputs, bias)",
        ...(unit.fields ?? []),
      ],
      inputs: "x: Tensor",
      body: [
        ...(isPlain(unit) ? [] : ["value, gate = self.value(x), self.gate(x)"]),
        context.activation === undefined
          ? "return self.value(x) * self.gate(x)"
          : `return ${isPlain(unit) ? product(unit, "self.value(x)", "self.gate(x)") : product(unit, "value", "gate")}`,
      ],
    }),
});

export const GATED_UNITS: Readonly<Record<string, LayerRow>> = {
  glu: onHalves(PRODUCT, false),
  ...Object.fromEntries(Object.entries(UNITS).map(([id, unit]) => [id, onHalves(unit)])),
};

export const GATED_DENSE: Readonly<Record<string, LayerRow>> = {
  gated_dense: gatedDense(PRODUCT),
  gated_dense_own: gatedDense(OWN),
  ...Object.fromEntries(
    [["glu", PRODUCT] as const, ...Object.entries(UNITS)].map(([id, unit]) => [`gated_dense_${id}`, gatedDense(unit)]),
  ),
};
