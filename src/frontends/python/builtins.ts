/** Functions of Python and of libraries that are no formulas: they ask, count, convert, or leave what they are given as it is. */
import { constant } from "../../ir/build.js";
import * as b from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Refuse, Span } from "../place.js";
import { isMoved } from "./blocks.js";
import { passedAt, type Calls, type Passed } from "./calls.js";
import { reasonAgainst, rowOf, standingFor } from "./library.js";
import { LENGTH } from "./loops.js";
import type { Operators } from "./operators.js";
import type { Row } from "./rows.js";
import { DATA_DEPENDENT, JUMPS, NO_NUMBER, SHARED } from "./unreadable.js";
import {
  FALSE,
  NONE,
  PLUMBING,
  TRUE,
  asNumber,
  listOf,
  literalOf,
  numberOf,
  sharing,
  sumOf,
  tensor,
  type Truth,
  type Value,
} from "./values.js";

/** Functions that return their argument as it is. */
const UNCHANGED =
  /^(?:torch\.(?:detach|compile|autograd\.Variable|jit\.(?:script|ignore|unused|export))|tensorflow\.(?:function|autograph\.experimental\.do_not_convert)|builtins\.staticmethod|jax\.(?:jit|custom_[jv][jv]p)|numpy\.vectorize)$/;
/** Functions and names whose values are about types, devices and shapes. */
const ASKED =
  /^(?:logging\.getLogger|builtins\.(?:isinstance|hasattr|type|id|set|frozenset)|torch\.(?:is_tensor|is_floating_point|is_complex|finfo|device|get_default_dtype|promote_types|result_type|is_autocast_enabled|get_autocast_gpu_dtype|is_grad_enabled|get_num_threads|broadcast_shapes|numel|cuda\.\w+|version\.\w+|jit\.is_scripting|jit\.is_tracing|Size)|tensorflow\.(?:shape|rank|size|is_tensor|executing_eagerly|debugging\.\w+)|numpy\.(?:finfo|issubdtype|isscalar|iscomplexobj|ndim|shape|size)|triton\.(?:cdiv|next_power_of_2))$/;
/** They make a tensor of a list. */
const LISTS = /^(?:torch\.(?:tensor|Tensor|FloatTensor|as_tensor)|numpy\.(?:array|asarray))$/;
/** They say something to people, or check. */
const SILENT =
  /^(?:builtins\.print|warnings\.\w+|logging\.(?!getLogger)\w+|torch\._assert|(?:numpy\.)?random\.seed|torch\.manual_seed|tensorflow\.(?:print|assert_\w+))$/;

/** NumPy's own functions of elements take what they write to behind their operands: `np.maximum(x, 0, x)`. */
function withOut(path: string, { parameters }: Row, args: readonly Passed[]): readonly Passed[] {
  const isOfElements = path.startsWith("numpy.") && /^x1?$/.test(parameters[0]?.name ?? "");
  return args.map((arg, i) =>
    isOfElements && i === parameters.length && arg.name === undefined ? { ...arg, name: "out" } : arg,
  );
}

/** The first argument, which is called as before. */
function wrappedIn(path: string, [first, ...args]: readonly Passed[]): Value {
  const { value } = first!;
  if (value.kind !== "function") return value;
  const given = new Map(args.map(({ name, value }, i) => [name ?? SECOND[i] ?? "", value] as const));
  return { ...value, wrappers: [{ path, given }, ...(value.wrappers ?? [])] };
}
/** Arguments of JAX's that may be given without their names. */
const SECOND = ["nondiff_argnums", "nondiff_argnames"];

export type LibraryCall = (path: string, args: readonly Passed[], place: Span) => Value;

export function createLibraryCalls(
  calls: Calls,
  operators: Operators,
  refuse: Refuse,
  assume: (what: string) => void,
): LibraryCall {
  const number = ({ value, place }: Passed): Expr => {
    if (value.kind === "tensor" && !value.memory.single) return refuse(place, DATA_DEPENDENT);
    return asNumber(value) ?? refuse(place, NO_NUMBER);
  };
  /** Of numbers; the largest element of a tensor is a reduction. */
  const largest =
    (build: (u: Expr, v: Expr) => Expr): Special =>
    (args, place) => {
      const [only, ...others] = args;
      const items = others.length === 0 && only?.value.kind === "tuple" ? passedAt(place, only.value.items) : args;
      if (items.length < 2) return refuse(place, reasonAgainst("builtins.max"));
      return { kind: "number", expr: items.map(number).reduce((u, v) => build(u, v)) };
    };
  const every =
    (start: Truth, combine: (p: Truth, q: Truth) => Truth): Special =>
    (args, place) => {
      const list = args[0]?.value;
      return list?.kind === "tuple"
        ? list.items.map((item) => operators.truth(place, item)).reduce(combine, start)
        : refuse(place, reasonAgainst("builtins.all"));
    };
  const both = (p: Truth, q: Truth): Truth =>
    p === FALSE || q === FALSE ? FALSE : p === TRUE ? q : q === TRUE ? p : conditionFrom(b.and, p, q);
  const either = (p: Truth, q: Truth): Truth =>
    p === TRUE || q === TRUE ? TRUE : p === FALSE ? q : q === FALSE ? p : conditionFrom(b.or, p, q);
  const conditionFrom = (build: (p: Expr, q: Expr) => Expr, p: Truth, q: Truth): Truth =>
    p.kind === "condition" && q.kind === "condition" ? { kind: "condition", expr: build(p.expr, q.expr) } : p;

  type Special = (args: readonly Passed[], place: Span) => Value;
  const sum: Special = ([arg], place) =>
    arg?.value.kind === "tensor" && !isMoved(arg.value)
      ? sumOf(arg.value, place)
      : refuse(place, reasonAgainst("torch.sum"));
  const copied =
    (make: (items: readonly Value[]) => Value): Special =>
    ([arg], place) => {
      if (arg === undefined) return make([]);
      return arg.value.kind === "tuple" ? make([...arg.value.items]) : refuse(arg.place ?? place, NO_NUMBER);
    };
  const SPECIAL: Readonly<Record<string, Special>> = {
    "torch.sum": sum,
    "tensorflow.reduce_sum": sum,
    "tensorflow.math.reduce_sum": sum,
    "builtins.float": ([arg]) => {
      if (arg === undefined) return numberOf(0);
      const { value } = arg;
      if (value.kind === "text" && /^[+]?inf(?:inity)?$/i.test(value.text))
        return { kind: "number", expr: constant(Infinity) };
      if (value.kind === "text" && /^-inf(?:inity)?$/i.test(value.text))
        return { kind: "number", expr: constant(-Infinity) };
      return value.kind === "plumbing" ? PLUMBING : { kind: "number", expr: number(arg) };
    },
    "builtins.int": ([arg], place) => {
      const literal = literalOf(arg?.value);
      if (arg !== undefined && literal?.denominator === 1n) return arg.value;
      return arg?.value.kind === "plumbing" ? PLUMBING : refuse(place, JUMPS);
    },
    "builtins.bool": ([arg], place) => operators.truth(place, arg?.value ?? NONE),
    "builtins.len": ([arg], place) => {
      if (arg?.value.kind === "tuple") return numberOf(arg.value.items.length);
      if (arg?.value.kind === "tensor" || arg?.value.kind === "rows") return LENGTH;
      return arg?.value.kind === "plumbing" ? PLUMBING : refuse(place, NO_NUMBER);
    },
    // Both are copies: of lists, and of the items that there are now.
    "builtins.list": copied(listOf),
    "builtins.tuple": copied((items) => ({ kind: "tuple", items })),
    "builtins.max": largest(b.max),
    "builtins.min": largest(b.min),
    "builtins.all": every(TRUE, both),
    "builtins.any": every(FALSE, either),
    "torch.compiler.is_compiling": () => {
      assume("torch.compiler.is_compiling() taken to be False");
      return FALSE;
    },
    // A class above one that is not of this file sets nothing that is read here.
    "builtins.super": () => PLUMBING,
    "numpy.asarray": ([arg], place) => SPECIAL["torch.as_tensor"]!([arg!], place),
    "torch.as_tensor": ([arg], place) => {
      const value = arg?.value;
      if (value?.kind !== "tensor") return tensor(number(arg ?? { value: NONE, place }), { single: true });
      return sharing(tensor(value.memory.content, value.memory), [value], SHARED);
    },
  };

  /** `torch.tensor([a, b])`, of which the elements are asked for one by one. */
  const listed = (path: string, [first]: readonly Passed[], place: Span): Value | undefined => {
    if (!LISTS.test(path) || first?.value.kind !== "tuple" || first.value.items.length === 0) return undefined;
    const isOne = (item: Value): boolean => item.kind === "number" || (item.kind === "tensor" && item.memory.single);
    if (!first.value.items.every(isOne)) return undefined;
    return {
      kind: "tuple",
      items: first.value.items.map((value) => tensor(number({ value, place }), { single: true })),
    };
  };

  return (path, args, place) => {
    // `nn.Sigmoid()` is a function.
    const applied = args.length === 0 ? /^torch\.nn\.([A-Z]\w*)$/.exec(path)?.[1] : undefined;
    const found = applied && `torch.nn.functional.${applied.toLowerCase()}`;
    if (found !== undefined && rowOf(found) !== undefined) return { kind: "path", path: found };
    const list = listed(path, args, place);
    if (list !== undefined) return list;
    const special = SPECIAL[path];
    if (special !== undefined) return special(args, place);
    if (ASKED.test(path)) return PLUMBING;
    if (SILENT.test(path)) return NONE;
    const [first] = args;
    if (UNCHANGED.test(path) && first !== undefined) return wrappedIn(path, args);
    const meant = rowOf(path) === undefined ? standingFor(path) : undefined;
    if (meant !== undefined) assume(`${path} taken to be ${meant}`);
    const known = meant === undefined ? rowOf(path) : (rowOf(`torch.${meant}`) ?? rowOf(`elsewhere.${meant}`));
    if (known === undefined) return refuse(place, reasonAgainst(path));
    const name = path.replace(/^builtins\./, "");
    return calls.apply(known.row, withOut(path, known.row, args), place, name, known.inPlace);
  };
}
