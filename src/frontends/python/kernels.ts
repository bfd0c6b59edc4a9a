/** Kernels of Triton, as one element: everything is loaded and stored at one offset, behind one mask. */
import { add, parameter } from "../../ir/build.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { reason, type Span, type Refuse } from "../place.js";
import type { Passed } from "./calls.js";
import type { Expression } from "./syntax.js";
import { NO_MASK } from "./unreadable.js";
import {
  NONE,
  PLUMBING,
  TYPE,
  asNumber,
  tensor,
  type FunctionValue,
  type Scope,
  type Tensor,
  type Value,
} from "./values.js";

export type PointerValue = Extract<Value, { readonly kind: "pointer" }>;

/** The memory behind a pointer of a kernel: what has been stored there, else what it was given. */
export interface Cells {
  readonly name: string;
  readonly given: Expr;
  loaded: boolean;
  stored?: Tensor;
}

export interface Kernels {
  readonly begin: () => void;
  readonly call: (path: string, args: readonly Passed[], place: Span) => Value | undefined;
  /** `pointer + offset`, whichever comes first. */
  readonly shifted: (operator: string, left: Value, right: Value, place: Span) => Value | undefined;
  /** `rows[:, None]`: numbers of elements along an axis of their own. */
  readonly alongAxis: (numbers: Value, written: string, place: Span) => Value | undefined;
}

const MOVED = reason(
  "this loads or stores at another place than the rest of the kernel, or behind another mask",
  "kernels are read in which each element depends on those at its own place",
);
const CONDITIONAL = reason("this stores under a condition", "store on every path");
const NO_POINTER = reason("this is no pointer of the kernel", "load from a pointer and an offset");

const UNKNOWN = "?";
const EMPTY = /^(?:torch|numpy)\.empty(?:_like)?$|^Tensor\.new_empty$/;
/** Of a size, and not of what is in it. */
const isNew = (path: string, args: readonly Passed[]): boolean =>
  EMPTY.test(path) ||
  (path === "Tensor.new" && args.length > 0 && args.every(({ value }) => value.kind === "plumbing"));
const LANGUAGE = "triton.language.";

export function createKernels(
  refuse: Refuse,
  isCertain: () => boolean,
  /** A number that no value may depend on. */
  unknown: (leaf: Expr, place: Span) => Value,
): Kernels {
  let offset: Expr | undefined;
  /** Of the loads and stores so far; null stands for none. */
  let mask: Expr | null | undefined;
  let loaded = new Set<Expr>();

  const at = (pointer: Value | undefined, given: Value | undefined, place: Span): Cells => {
    if (pointer?.kind !== "pointer") return refuse(place, NO_POINTER);
    const condition =
      given === undefined || given.kind === "none" ? null : given.kind === "condition" ? given.expr : undefined;
    const isData = condition && variables(condition).some((leaf) => loaded.has(leaf));
    if (condition === undefined || isData === true || (mask !== undefined && mask !== condition)) refuse(place, MOVED);
    if (pointer.offset === undefined || (offset !== undefined && offset !== pointer.offset)) refuse(place, MOVED);
    mask = condition!;
    offset = pointer.offset;
    return pointer.cells;
  };

  const load = (args: readonly Passed[], place: Span): Value => {
    const cells = at(argumentOf(args, 0, "pointer"), argumentOf(args, 1, "mask"), place);
    cells.loaded ||= cells.stored === undefined;
    for (const leaf of variables(cells.given)) loaded.add(leaf);
    return tensor((cells.stored?.memory ?? { content: cells.given }).content);
  };
  const store = (args: readonly Passed[], place: Span): Value => {
    if (!isCertain()) refuse(place, CONDITIONAL);
    const cells = at(argumentOf(args, 0, "pointer"), argumentOf(args, 2, "mask"), place);
    const value = argumentOf(args, 1, "value");
    const content = value && asNumber(value);
    if (content === undefined || (value?.kind === "tensor" && value.memory.mask !== undefined))
      return refuse(place, NO_POINTER);
    cells.stored = tensor(content);
    return NONE;
  };
  const index =
    (name: string) =>
    (args: readonly Passed[], place: Span): Value => {
      return unknown(parameter(`${UNKNOWN}${name} ${args.map(({ value }) => keyOf(value)).join(" ")}`), place);
    };

  const CALLS: Readonly<Record<string, (args: readonly Passed[], place: Span) => Value>> = {
    load,
    store,
    program_id: index("program_id"),
    num_programs: index("num_programs"),
    arange: index("arange"),
    cdiv: index("cdiv"),
    multiple_of: ([first]) => first!.value,
    max_contiguous: ([first]) => first!.value,
    static_assert: () => NONE,
    make_block_ptr: (args, place) => {
      const [pointer] = args;
      if (pointer?.value.kind !== "pointer") return refuse(place, NO_POINTER);
      const where = args.filter(({ name }) => name !== "base" && name !== "order").map(({ value }) => keyOf(value));
      return { ...pointer.value, offset: parameter(`${UNKNOWN}block ${where.join(" ")}`) };
    },
  };
  const isCount = (value: Value): boolean =>
    value.kind === "number" && variables(value.expr).some((leaf) => variableOf(leaf).name.startsWith(UNKNOWN));

  return {
    begin: () => {
      [offset, mask] = [undefined, undefined];
      loaded = new Set();
    },
    call: (path, args, place) => {
      // Nothing may depend on what is in new memory.
      if (isNew(path, args)) return tensor(asNumber(unknown(parameter(`${UNKNOWN}new ${place.start}`), place))!);
      const name = path.startsWith(LANGUAGE) ? path.slice(LANGUAGE.length) : "";
      return Object.hasOwn(CALLS, name) && args.length > 0 ? CALLS[name]!(args, place) : undefined;
    },
    shifted: (operator, left, right, place) => {
      // Where an element stands may be counted in any way: nothing else depends on it.
      if ((operator === "//" || operator === "%") && (isCount(left) || isCount(right)))
        return unknown(parameter(`${UNKNOWN}${operator} ${keyOf(left)} ${keyOf(right)}`), place);
      if (left.kind !== "pointer" && right.kind !== "pointer") return undefined;
      const [pointer, by] = left.kind === "pointer" ? [left, right] : [right as PointerValue, left];
      const step = by.kind === "number" ? by.expr : undefined;
      if (operator !== "+" || step === undefined) return refuse(place, NO_POINTER);
      return { ...pointer, offset: withoutStrides(pointer.offset === undefined ? step : add(pointer.offset, step)) };
    },
    alongAxis: (numbers, written, place) =>
      isCount(numbers) ? unknown(parameter(`${UNKNOWN}${written} of ${keyOf(numbers)}`), place) : undefined,
  };
}

/** The words that tell apart values which only count elements. */
const keyOf = (value: Value): string =>
  value.kind === "tuple" ? `(${value.items.map(keyOf).join(" ")})` : String(asNumber(value)?.id ?? UNKNOWN);

/** Each tensor has its own strides; in the order in which the kernel takes them they are along the same axes. */
function withoutStrides(offset: Expr): Expr {
  const strides = variables(offset)
    .filter((leaf) => /stride/i.test(variableOf(leaf).name))
    .sort((a, c) => a.id - c.id);
  return substitute(offset, new Map(strides.map((leaf, i) => [leaf, parameter(`${UNKNOWN}along ${i}`)])));
}

function argumentOf(args: readonly Passed[], index: number, name: string): Value | undefined {
  const found = args.find((arg) => arg.name === name);
  return (found ?? args.filter((arg) => arg.name === undefined)[index])?.value;
}

export const pointerTo = (name: string, given: Expr): PointerValue & { readonly cells: Cells } => ({
  kind: "pointer",
  cells: { name, given, loaded: false },
});

interface Launching {
  readonly refuse: Refuse;
  readonly pathOf: (expression: Expression, scope: Scope) => string;
  readonly call: (callee: FunctionValue, args: readonly Passed[], place: Span) => Value;
  readonly unknown: (leaf: Expr, place: Span) => Value;
  readonly begin: () => void;
  readonly write: (target: Value, content: Expr, place: Span) => Value;
}

/** Runs a kernel of the file: tensors are what its pointers point to. */
export function createLauncher({
  refuse,
  pathOf,
  call,
  unknown,
  begin,
  write,
}: Launching): (kernel: FunctionValue, args: readonly Passed[], place: Span) => Value {
  return (kernel, args, place) => {
    const isKernel = kernel.node.decorators.some((each) => pathOf(each, kernel.scope) === "triton.jit");
    if (!isKernel) refuse(place, NO_KERNEL);
    begin();
    const targets: { readonly target: Value; readonly cells: Cells }[] = [];
    const names = new Set(kernel.node.parameters.map(({ name }) => name));
    const isOfLaunch = ({ name }: Passed): boolean => name !== undefined && OF_LAUNCH.test(name) && !names.has(name);
    const passed = args.filter((arg) => !isOfLaunch(arg));
    const nameOf = ({ name }: Passed, i: number): string => name ?? kernel.node.parameters[i]?.name ?? "";
    const given = passed.map((arg, i): Passed => {
      const { value } = arg;
      if (value.kind === "plumbing")
        return { ...arg, value: unknown(parameter(`${UNKNOWN}size ${nameOf(arg, i)} ${place.start} ${i}`), place) };
      if (value.kind !== "tensor") return arg;
      if (value.memory.mask !== undefined) refuse(arg.place, NO_MASK);
      const pointer = pointerTo("", asNumber(value)!);
      targets.push({ target: value, cells: pointer.cells });
      return { ...arg, value: pointer };
    });
    call(kernel, given, place);
    for (const { target, cells } of targets) if (cells.stored) write(target, cells.stored.memory.content, place);
    return NONE;
  };
}

/** Arguments that say how a kernel runs, and nothing of what it computes. */
const OF_LAUNCH = /^(?:num_warps|num_stages|num_ctas|maxnreg|grid|stream|warmup)$/;
const NO_KERNEL = reason("this is no kernel of this file", "launch functions with @triton.jit");

/** Members of pointers are about their types. */
export const memberOfPointer = (name: string): Value => (name === "dtype" ? TYPE : PLUMBING);
