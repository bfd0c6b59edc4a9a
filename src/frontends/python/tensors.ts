/** The members of tensors: operations, names that leave their values as they are, and names about shapes and types. */
import { constant } from "../../ir/build.js";
import type { Expr } from "../../ir/expr.js";
import type { Refuse, Span } from "../place.js";
import { typeOf } from "./casts.js";
import { isMoved, rearranged } from "./blocks.js";
import type { Calls, Passed } from "./calls.js";
import { reasonAgainst, rowOf } from "./library.js";
import { INPUT, NO_NUMBER, RESHAPES, SHARED } from "./unreadable.js";
import { PLUMBING, TRUE, TYPE, asNumber, sharing, sumOf, tensor, type Tensor, type Value } from "./values.js";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** The same memory. */
const ALIASES = words("detach requires_grad_ view_as expand_as detach_ refine_names rename");
/** The same memory, or a copy: that depends on types, devices and strides. */
const CASTS = words(
  "to cast astype type type_as float double half bfloat16 int long short byte bool contiguous cpu cuda xpu reshape_as as_subclass resolve_conj",
);
/** Of a sum: how its numbers are arranged. */
export const ARRANGES_SUM = words(
  "view reshape view_as reshape_as expand_as unsqueeze squeeze flatten sum to type type_as float double contiguous",
);
/** For what may be one number, shapes say how it is spread over a tensor. */
const SHAPES = words("view reshape expand unsqueeze squeeze flatten item broadcast_to");
const TOLD = words(
  "size dim ndimension numel nelement stride is_contiguous get_device element_size is_floating_point is_complex data_ptr get_shape",
);
const ATTRIBUTES = words(
  "device shape is_cuda requires_grad layout grad_fn ndim is_leaf is_sparse is_quantized names itemsize nbytes is_cpu",
);

export interface Tensors {
  readonly member: (self: Tensor, name: string, place: Span) => Value;
  readonly call: (self: Tensor, name: string, args: readonly Passed[], place: Span) => Value;
}

export function createTensors(calls: Calls, refuse: Refuse): Tensors {
  const spread = (self: Tensor): Tensor =>
    sharing(tensor(self.memory.content, { ...self.memory, guard: SHARED }), [self], SHARED);

  /** In place, whatever the elements were. */
  type Fill = (args: readonly Passed[], place: Span) => Expr;
  const filled: Fill = ([arg], place) => numberOf(arg, place);
  const FILLS: ReadonlyMap<string, Fill> = new Map([
    ["zero_", () => constant(0)],
    ["fill_", filled],
    ["copy_", filled],
  ]);
  const numberOf = (arg: Passed | undefined, place: Span): Expr =>
    (arg && asNumber(arg.value)) ?? refuse(arg?.place ?? place, NO_NUMBER);

  return {
    member: (self, name) => {
      if (name === "data") return self;
      // Backward is run where somebody wants a gradient.
      if (name === "requires_grad" && self.memory.guard === INPUT) return TRUE;
      if (name === "dtype") {
        const type = typeOf(self.memory);
        return type === undefined ? TYPE : { kind: "plumbing", isType: true, type };
      }
      if (name === "shape") return { kind: "plumbing", isType: false, of: "shape" };
      return ATTRIBUTES.has(name) ? PLUMBING : { kind: "method", self, name };
    },
    call: (self, name, args, place) => {
      const { memory } = self;
      if (ALIASES.has(name)) return self;
      const arranged = rearranged(self, name, args);
      if (arranged !== undefined) return arranged;
      if (TOLD.has(name)) return PLUMBING;
      if (isMoved(self) && rowOf(`Tensor.${name}`) === undefined && !CASTS.has(name)) refuse(place, RESHAPES);
      if (name === "sum" || name === "sum_to_size") return sumOf(self, place);
      if (name === "type" && args.length === 0) return TYPE;
      if (SHAPES.has(name) && memory.single) return self;
      if (CASTS.has(name)) {
        const result = calls.retyped(self, [{ kind: "text", text: name }, ...args.map(({ value }) => value)], place);
        const isSame = result.memory.content === memory.content && typeOf(result.memory) === typeOf(memory);
        return isSame ? spread(self) : result;
      }
      const fill = FILLS.get(name);
      if (fill !== undefined) return calls.write(self, fill(args, place), place);
      const found = rowOf(`Tensor.${name}`);
      if (found === undefined) return refuse(place, reasonAgainst(`Tensor.${name}`));
      return calls.apply(found.row, [{ value: self, place }, ...args], place, name, found.inPlace);
    },
  };
}
