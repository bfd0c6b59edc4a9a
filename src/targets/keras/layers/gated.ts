/** Gated units, on the two halves of an axis and on two products. */
import { POLICY, classText, type LayerContext, type LayerRow } from "./row.js";

/** The steps on the value, on the gate and on the activation of the gate. */
interface Unit {
  readonly given?: readonly string[];
  readonly fields?: readonly string[];
  /** Statements before the product. */
  readonly before?: readonly string[];
  readonly value?: (value: string) => string;
  readonly after?: readonly string[];
  /** The result, where it is no product. */
  readonly whole?: (value: string, gate: string) => string;
}

/** At the limit itself the gradient passes. */
const atMost = (name: string): string =>
  `${name} = ops.where(${name} > self.limit, self.limit * ops.ones_like(${name}), ${name})`;
const atLeast = (name: string): string =>
  `${name} = ops.where(${name} < -self.limit, -self.limit * ops.ones_like(${name}), ${name})`;
const CLAMPED = [atLeast("value"), atMost("value")];

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
    given: ["limit=7.0", "offset=1.0"],
    before: [...CLAMPED, atMost("gate")],
    value: (value) => `(${value} + self.offset)`,
  },
  swiglu_clamped: { given: ["limit=10.0"], before: [...CLAMPED, atMost("gate")] },
  swiglu_step: { given: ["limit=7.0"], before: CLAMPED, after: [atMost("activated")] },
  situ: {
    given: ["value_cap=25.0"],
    fields: [`self.cap_value = GateSoftcap(value_cap, dtype=${POLICY})`],
    value: (value) => `self.cap_value(${value})`,
    after: ["activated = activated * ops.sigmoid(gate)"],
  },
};

const isPlain = ({ before, value }: Unit): boolean => before === undefined && value === undefined;

/** The statements that compute the product, of the texts of value and gate. */
function product(unit: Unit, of: string, by: string): string[] {
  if (unit.whole !== undefined) return [`return ${unit.whole(of, by)}`];
  if (isPlain(unit)) return [`return ${of} * self.activation(${by})`];
  const { before = [], value = (text) => text, after = [] } = unit;
  const last = after.length === 0 ? "self.activation(gate)" : "activated";
  return [
    `value, gate = ${of}, ${by}`,
    ...before,
    ...(after.length === 0 ? [] : ["activated = self.activation(gate)", ...after]),
    `return ${value("value")} * ${last}`,
  ];
}

/** On two halves; without a choice the second is the gate. */
const onHalves = (unit: Unit, chosen = true): LayerRow => ({
  uses: [],
  text: (context) =>
    classText(context, {
      documentation: [
        chosen
          ? "gate: which half goes through the activation: 0, the first, or 1, the second."
          : "The second half goes through the activation.",
      ],
      given: ["axis=-1", ...(chosen ? ["gate=1"] : []), ...(unit.given ?? [])],
      fields: unit.fields ?? [],
      // A mask is of the axes in front of the last.
      masks: "axis == -1",
      inputs: "inputs",
      body: [
        "halves = ops.split(inputs, 2, axis=self.axis)",
        ...(chosen
          ? product(unit, "halves[1 - self.gate]", "halves[self.gate]")
          : product(unit, "halves[0]", "halves[1]")),
      ],
      outputShape: ["shape = list(input_shape)", "shape[self.axis] //= 2", "return tuple(shape)"],
    }),
});

/** On two products of the input. */
const gatedDense = (unit: Unit): LayerRow => ({
  uses: ["keras.layers.Dense"],
  text: (context: LayerContext) =>
    classText(context, {
      given: ["units", "use_bias=True", ...(unit.given ?? [])],
      fields: [
        `self.value = keras.layers.Dense(units, use_bias=use_bias, name="value", dtype=${POLICY})`,
        `self.gate = keras.layers.Dense(units, use_bias=use_bias, name="gate", dtype=${POLICY})`,
        ...(unit.fields ?? []),
      ],
      build: ["self.value.build(input_shape)", "self.gate.build(input_shape)"],
      inputs: "inputs",
      body:
        context.activation === undefined
          ? ["return self.value(inputs) * self.gate(inputs)"]
          : product(unit, "self.value(inputs)", "self.gate(inputs)"),
      outputShape: ["return tuple(input_shape)[:-1] + (self.units,)"],
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
