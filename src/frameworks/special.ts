/**
 * Results of frameworks where a function has no branch but floats do: at NaN and at the infinities. A row gives results
 * that are not NaN at NaN, or not the limit at an infinity; gradients at NaN are left out, since no definition says
 * what they should be.
 */
import type { ParameterValues } from "../ir/definition.js";
import { isOf, measured, statusOf, type Column, type Measured, type Pair, type Span, type Status } from "./column.js";
import type { FrameworkVersion } from "./version.js";

export const SPECIAL_INPUTS = { nan: NaN, infinity: Infinity, minusInfinity: -Infinity } as const;
export type SpecialInput = keyof typeof SPECIAL_INPUTS;

/** Results in place of NaN or of the limit. */
type At<Value> = { readonly [K in SpecialInput]?: Value };

interface SpecialRow extends Span {
  readonly ids: readonly string[];
  /** Only with such parameters. */
  readonly when?: (parameters: ParameterValues) => boolean;
  readonly value?: At<Measured>;
  readonly gradient?: At<Measured>;
}

export interface SpecialRecord {
  readonly value: At<Pair>;
  readonly gradient: At<Pair>;
  readonly status: Status;
}

const KERAS_WITHOUT_TORCH: readonly Column[] = ["keras-tensorflow", "keras-jax"];
const KERAS_3: readonly Column[] = [...KERAS_WITHOUT_TORCH, "keras-torch"];
const NAN_AT_BOTH = { infinity: NaN, minusInfinity: NaN };

const specialRows: readonly SpecialRow[] = [
  // Infinity times what vanishes.
  {
    ids: ["gelu_erf", "gelu_tanh", "silu", "mish", "squareplus"],
    value: { minusInfinity: NaN },
    gradient: NAN_AT_BOTH,
  },
  { ids: ["hardswish"], value: { minusInfinity: NaN } },
  { ids: ["hardswish"], columns: ["keras-tensorflow"], gradient: NAN_AT_BOTH },
  // The gradient of the branch that is not taken is 0 times infinity.
  { ids: ["sparse_plus"], gradient: NAN_AT_BOTH },
  { ids: ["softsign"], value: NAN_AT_BOTH },
  { ids: ["softsign"], columns: ["torch", "keras-jax", "keras-torch"], gradient: NAN_AT_BOTH },
  {
    ids: ["logsigmoid"],
    columns: ["torch"],
    until: "1.10",
    value: { minusInfinity: NaN },
    gradient: { minusInfinity: NaN },
  },
  // Comparisons with NaN are false.
  { ids: ["threshold"], columns: KERAS_WITHOUT_TORCH, value: { nan: (p) => p["value"]! } },
  { ids: ["thresholded_relu"], columns: KERAS_3, value: { nan: 0 } },
  { ids: ["softshrink"], columns: ["torch"], until: "2.5", value: { nan: 0 } },
  { ids: ["hardshrink"], columns: ["torch"], until: "1.12", value: { nan: { scalar: NaN, vector: 0 } } },
  { ids: ["softshrink", "hardshrink"], columns: KERAS_WITHOUT_TORCH, value: { nan: 0 } },
  // A mask is multiplied with.
  { ids: ["thresholded_relu"], columns: ["tf.keras"], value: { minusInfinity: NaN } },
  { ids: ["keras_relu"], columns: ["tf.keras"], when: (p) => p["threshold"] !== 0, value: { minusInfinity: NaN } },
  // The gradient was told from the output, which is positive on both sides where alpha is negative.
  { ids: ["elu"], columns: ["torch"], until: "1.7", when: (p) => p["alpha"]! < 0, gradient: { minusInfinity: 1 } },
];

/** The results of this version at NaN and the infinities, where they are not NaN and the limits. */
export function specialRecord(id: string, at: FrameworkVersion, parameters: ParameterValues): SpecialRecord {
  const rows = specialRows.filter(
    (each) => each.ids.includes(id) && isOf(at, each) && (each.when?.(parameters) ?? true),
  );
  const pairs = (of: "value" | "gradient"): At<Pair> =>
    Object.fromEntries(
      rows.flatMap((row) =>
        Object.entries(row[of] ?? {}).map(([input, value]) => [input, measured(value, parameters)] as const),
      ),
    );
  return { value: pairs("value"), gradient: pairs("gradient"), status: statusOf(at) };
}
