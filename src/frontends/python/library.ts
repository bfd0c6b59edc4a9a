/** Everything of libraries that is read, by its full name, and why the rest is not. */
import { constant, ge, select } from "../../ir/build.js";
import { quote, reason, type Reason } from "../place.js";
import { CONSTANTS, NUMBERS } from "./numbers.js";
import { jumpOf } from "./jumps.js";
import { KERAS_OPS } from "./keras-ops.js";
import { NUMPY } from "./numpy.js";
import { row, under, type Row } from "./rows.js";
import { TENSORFLOW } from "./tensorflow.js";
import { TORCH } from "./torch.js";
import * as why from "./unreadable.js";
import type { Value } from "./values.js";

export { CONSTANTS };

const [ZERO, ONE] = [constant(0), constant(1)];
const UNCHANGED: Row["build"] = ({ content }) => content("input");

const made = (signature: string, build: Row["build"], makes: NonNullable<Row["makes"]> = {}): Row => ({
  ...row(signature, build),
  makes,
});
const LIKE = { like: "input" };
const SAME = { source: "input" };
const fill: Row["build"] = ({ number }) => number("fill_value");

/** Functions that make a tensor of their own. */
const MAKERS: readonly (readonly [string, Row])[] = [
  ...under("torch Tensor torch.Tensor", [made("clone(input)", UNCHANGED, SAME)]),
  ...under("torch", [
    made("zeros_like(input)", () => ZERO, LIKE),
    made("ones_like(input)", () => ONE, LIKE),
    made("full_like(input, fill_value)", fill, { like: "input", source: "fill_value" }),
    made("zeros(size)", () => ZERO),
    made("ones(size)", () => ONE),
    made("full(size, fill_value)", fill, { source: "fill_value" }),
    made("tensor(input)", UNCHANGED, SAME),
    made("scalar_tensor(input)", UNCHANGED),
  ]),
  ...under("Tensor", [
    made("new_zeros(input, size)", () => ZERO, LIKE),
    made("new_ones(input, size)", () => ONE, LIKE),
    made("new_full(input, size, fill_value)", fill, { like: "input", source: "fill_value" }),
    made("new_tensor(input, data)", ({ content }) => content("data"), { like: "input", source: "data" }),
  ]),
  ...under("Tensor", [made("copy(input)", UNCHANGED, SAME)]),
  ...under("copy", [made("copy(input)", UNCHANGED, SAME), made("deepcopy(input)", UNCHANGED, SAME)]),
  ...under("numpy", [
    made("zeros_like(input)", () => ZERO, LIKE),
    made("ones_like(input)", () => ONE, LIKE),
    made("full_like(input, fill_value)", fill, { like: "input", source: "fill_value" }),
    made("zeros(size)", () => ZERO),
    made("ones(size)", () => ONE),
    made("array(input)", UNCHANGED, SAME),
    made("copy(input)", UNCHANGED, SAME),
  ]),
  ...under("tensorflow", [
    made("zeros_like(input)", () => ZERO, LIKE),
    made("ones_like(input)", () => ONE, LIKE),
    made("zeros(shape)", () => ZERO),
    made("ones(shape)", () => ONE),
    made("fill(dims, value)", ({ number }) => number("value"), { source: "value" }),
    made("identity(input)", UNCHANGED, SAME),
    made("stop_gradient(input)", UNCHANGED, SAME),
    made("constant(input)", UNCHANGED, SAME),
    made("convert_to_tensor(input)", UNCHANGED, SAME),
    made("cast(input, dtype)", UNCHANGED, SAME),
  ]),
  ...under("tensorflow.keras.backend keras.backend", [
    made("cast(input, dtype)", UNCHANGED, SAME),
    made("stop_gradient(input)", UNCHANGED, SAME),
    made("zeros_like(input)", () => ZERO, LIKE),
    made("ones_like(input)", () => ONE, LIKE),
    made("constant(input)", UNCHANGED),
  ]),
];

/** Functions that only files of others have. */
const OF_OTHERS = under("elsewhere", [row("step_from_0(input)", ({ number }) => select(ge(number("input"), 0), 1, 0))]);

export const ROWS: ReadonlyMap<string, Row> = new Map([
  ...NUMBERS,
  ...NUMPY,
  ...TORCH,
  ...TENSORFLOW,
  ...KERAS_OPS,
  ...MAKERS,
  ...OF_OTHERS,
]);

/** Modules under their other names. */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [/^tensorflow\.compat\.v[12](?=\.|$)/, "tensorflow"],
  [/^(?:jax\.numpy|autograd\.numpy|cupy)(?=\.|$)/, "numpy"],
  [/^jax\.scipy\.special(?=\.|$)/, "scipy.special"],
  [/^torch\.autograd\.function\./, "torch.autograd."],
  [/^tensorflow\.python\.ops\.(?:math_ops|array_ops|custom_gradient)\./, "tensorflow."],
  [/^tensorflow\.python\.ops\.nn_ops\./, "tensorflow.nn."],
  [/^tensorflow\.python\.framework\.ops\./, "tensorflow."],
  [/^keras\.ops\.custom_gradient$/, "tensorflow.custom_gradient"],
  [/^tensorflow\.python\.keras(?=\.|$)/, "tensorflow.keras"],
  [/^(?:torch\.)?special(?=\.)/, "torch.special"],
];

export const canonical = (path: string): string =>
  MODULES.reduce((current, [pattern, name]) => current.replace(pattern, name), path);

/** The operation behind a library's name; `inPlace` where it is the name with "_" behind it. */
export function rowOf(path: string): { readonly row: Row; readonly inPlace: boolean } | undefined {
  const found = ROWS.get(path);
  if (found !== undefined) return { row: found, inPlace: false };
  const original = /^(?:torch|Tensor)\.(?:nn\.functional\.)?\w*[a-z0-9]_$/.test(path)
    ? ROWS.get(path.slice(0, -1))
    : undefined;
  const jump = jumpOf(path);
  if (jump !== undefined) return { row: jump, inPlace: false };
  return original === undefined ? undefined : { row: original, inPlace: true };
}

/** Names of functions that mix, move or jump, whichever library they are of. */
const REASONS: readonly (readonly [string, Reason])[] = [
  [
    "matmul mm bmm mv dot vdot einsum linear bilinear tensordot addmm baddbmm outer ger kron conv1d conv2d conv3d conv_transpose2d convolution embedding multi_dot",
    why.MATRIX,
  ],
  [
    "sum mean prod std var norm amax amin argmax argmin max min median mode any all softmax log_softmax softmin logsumexp cumsum cumprod sort topk unique nonzero count_nonzero dist normalize layer_norm batch_norm group_norm instance_norm reduce_sum reduce_mean reduce_max reduce_min reduce_prod reduce_any reduce_all nansum trace sum_to_size mse_loss cross_entropy l2_loss l2_normalize moments max_pool2d avg_pool2d",
    why.REDUCTION,
  ],
  [
    "rand randn rand_like randn_like randint bernoulli bernoulli_ dropout dropout_ normal normal_ uniform uniform_ multinomial rrelu poisson",
    why.RANDOM,
  ],
  [
    "round floor ceil trunc fix frac remainder fmod floor_divide floordiv floormod mod rint quantize_per_tensor fake_quantize_per_tensor_affine round_ floor_ ceil_ trunc_ frac_ isnan isinf isfinite nan_to_num",
    why.JUMPS,
  ],
  [
    "view reshape flatten transpose permute movedim flip roll cat concat stack vstack hstack split chunk gather scatter scatter_ index_select index_add_ narrow squeeze unsqueeze expand expand_dims repeat t T mT H tile pad unfold fold tril triu diag select take masked_select broadcast_to unbind swapaxes one_hot glu",
    why.RESHAPES,
  ],
  [
    "grad backward gradients GradientTape vjp jvp jacobian hessian register_hook retain_grad apply_gradients",
    why.AUTOGRAD,
  ],
  [
    "exec eval getattr setattr delattr globals locals vars compile open input __import__ import_module py_function numpy_function py_func numpy",
    why.DYNAMIC,
  ],
  ["item tolist bool", why.DATA_DEPENDENT],
  ["atan2 arctan2", reason("an angle of two numbers is not read", "write the function without it")],
  [
    "lgamma digamma polygamma gammaln erfinv i0 i0e i1 angle frexp ldexp lambertw",
    reason("this function is not read: there is no formula for it", "write the function without it"),
  ],
];
const BY_NAME: ReadonlyMap<string, Reason> = new Map(
  REASONS.flatMap(([names, reason]) => names.split(" ").map((name) => [name, reason] as const)),
);

/** Functions that files have from helpers that choose them when they run, or from libraries of a device. */
const ELSEWHERE = /^(?:fast_)?(erf|exp|exp2|log|log1p|log2|pow|tanh|sqrt|rsqrt|sin|cos|abs)$/;
/** Those of other names, and steps as surrogate gradients have them: 1 from 0 on. */
const OTHERWISE: Readonly<Record<string, string>> = { div_rn: "div", fdiv: "div", heaviside: "step_from_0" };
const OF_DEVICE = /^triton\.language\.extra\.[\w.]*\.fast_(\w+)$/;

/** The name of the function that something of another file is taken to be by its own. */
export function standingFor(path: string): string | undefined {
  const ofDevice = OF_DEVICE.exec(path)?.[1];
  if (ofDevice !== undefined) return ofDevice;
  const name = path.split(".").at(-1)!;
  return LIBRARIES.test(path) ? undefined : (OTHERWISE[name] ?? ELSEWHERE.exec(name)?.[1]);
}

const LIBRARIES = /^(?:torch|tensorflow|keras|math|numpy|jax|scipy|triton|Tensor|builtins)\b/;
const SHOWN: ReadonlyMap<string, string> = new Map([
  ["Tensor", "a tensor"],
  ["builtins", "Python"],
]);

/** Why what has this name cannot be called. */
export function reasonAgainst(path: string): Reason {
  const name = path.split(".").at(-1)!;
  const known = LIBRARIES.test(path) ? BY_NAME.get(name) : undefined;
  if (known !== undefined) return known;
  if (!LIBRARIES.test(path))
    return reason(`${quote(name)} is imported, and imports are not followed`, "define it in this file");
  const module = path.slice(0, -name.length - 1);
  return reason(
    `${quote(name)} of ${SHOWN.get(module) ?? module} is not read`,
    "elementwise operations of torch, torch.nn.functional, tf, tf.math and tf.nn are read",
  );
}

export const isKnown = (path: string): boolean => rowOf(path) !== undefined;

/** Python's own names that are read, or refused with a reason. */
const BUILTINS: ReadonlySet<string> = new Set([
  ..."abs pow max min float int bool len any all set frozenset isinstance hasattr type print range tuple list sum round super object id str repr sorted zip map filter enumerate slice property staticmethod classmethod".split(
    " ",
  ),
  ...BY_NAME.keys(),
]);
export const builtinCalled = (name: string): Value | undefined =>
  LABELS.has(name)
    ? { kind: "text", text: name }
    : BUILTINS.has(name)
      ? { kind: "path", path: `builtins.${name}` }
      : undefined;
/** They say how a file is called. */
const LABELS: ReadonlySet<string> = new Set(["__name__", "__file__", "__package__"]);
