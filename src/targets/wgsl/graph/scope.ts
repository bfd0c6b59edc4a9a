/**
 * The surroundings of a kernel's lines: the module around it, names, and the position of the function along the axes.
 */
import { position, times, constantInteger, type Integer } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import type { Buffer, ElementOf, GraphFunction, Guard, Kernel } from "../../../ir/kernel.js";
import { memberName } from "../names.js";
import type { Binding, Override } from "../shader.js";
import type { CallableFunction } from "./calls.js";
import { integerOperand, integerText, type IntegerNames } from "./integers.js";
import { identifier, Locals } from "./names.js";

/** The state that the kernels of a module share. */
export interface ModuleScope {
  readonly bindingOf: (buffer: Buffer, of: GraphFunction) => Binding;
  /** Names at the module's level. */
  readonly taken: Set<string>;
  /** Functions, entry points and workgroup variables, in order. */
  readonly items: (readonly string[])[];
  /** Functions that give the sizes of axes. */
  readonly sizes: Map<Integer, string>;
  readonly overrides: Map<string, Override>;
  /** Activations that may be functions of the module, and those that are called. */
  readonly callable: readonly CallableFunction[];
  readonly called: Set<CallableFunction>;
  /** Whether forward writes it. */
  readonly isOutput: (buffer: Buffer) => boolean;
}

export interface KernelScope {
  readonly module: ModuleScope;
  readonly of: GraphFunction;
  readonly kernel: Kernel;
  readonly entry: string;
}

/** Several axes of which one number says where along all of them a place is: row-major. */
export interface Flat {
  readonly axes: readonly Axis[];
  readonly text: string;
}

/** Within a function. */
export interface Scope {
  readonly kernel: KernelScope;
  readonly locals: Locals;
  /** How a position along an axis is written. */
  readonly position: (axis: string) => string;
  readonly flats: readonly Flat[];
  /** How an element of a tile is written. */
  readonly tile: (element: ElementOf) => string;
}

/** `rows` as `row`: a position along it. */
export function positionName(axis: string): string {
  const singular = axis
    .replace(/ies$/, "y")
    .replace(/([sx])es$/, "$1")
    .replace(/([^s])s$/, "$1");
  return identifier(singular);
}

export const newLocals = ({ taken }: ModuleScope): Locals => new Locals(new Set(taken));

export const sizeName = (name: string): string => `sizes.${memberName(name)}`;

const namesFor = (module: ModuleScope, scope: Scope | undefined, ofSizes: boolean): IntegerNames => ({
  size: sizeName,
  position: (axis) => {
    if (scope === undefined) throw new Error(`a size cannot depend on a position along ${axis}`);
    return scope.position(axis);
  },
  element: ({ tensor }) => {
    if (tensor?.kind !== "input" || scope === undefined) throw new Error("only inputs can be used as places");
    const buffer = scope.kernel.of.inputs.find(({ name }) => name === tensor.name)!;
    const { name } = module.bindingOf(buffer, scope.kernel.of);
    return `u32(${name}[${indexText({ buffer, at: buffer.axes.map(position), guards: [] }, scope)}])`;
  },
  known: (size) => module.sizes.get(size),
  ofSizes,
});

/** The size of an axis: a member of the uniform, or a function of the module. */
export function axisSize({ name, size }: Axis, module: ModuleScope): string {
  if (size.kind === "size") return sizeName(size.name);
  if (size.kind === "constant") return `${size.value}u`;
  const known = module.sizes.get(size);
  if (known !== undefined) return known;
  const called = new Locals(module.taken).fresh(`${name}Size`);
  const text = integerText(size, namesFor(module, undefined, true));
  module.items.push([`// How many places there are along ${name}.`, `fn ${called}() -> u32 {`, `return ${text};`, "}"]);
  module.sizes.set(size, `${called}()`);
  return `${called}()`;
}

/** How many places there are along axes. */
export const countText = (axes: readonly Axis[], module: ModuleScope): string =>
  axes.length === 0 ? "1u" : axes.map((axis) => axisSize(axis, module)).join(" * ");

export const placeText = (of: Integer, scope: Scope): string =>
  integerText(of, namesFor(scope.kernel.module, scope, false));
const placeOperand = (of: Integer, scope: Scope): string =>
  integerOperand(of, namesFor(scope.kernel.module, scope, false));

const isRowMajor = ({ axes, strides }: Buffer): boolean => {
  let length: Integer = constantInteger(1);
  for (let i = axes.length - 1; i >= 0; i--) {
    if (strides[i] !== length) return false;
    length = times(axes[i]!.size, length);
  }
  return true;
};

/** The number of an element in its buffer. */
export function indexText({ buffer, at }: ElementOf, scope: Scope): string {
  const { module } = scope.kernel;
  if (at.length === 0) return "0u";
  if (!isRowMajor(buffer)) {
    const terms = at.flatMap((place, i): string[] => {
      const stride = buffer.strides[i]!;
      if (stride === constantInteger(1)) return [placeText(place, scope)];
      return [`${placeOperand(place, scope)} * ${placeOperand(stride, scope)}`];
    });
    return terms.join(" + ");
  }
  const whole = scope.flats
    .filter(
      ({ axes }) =>
        axes.length > 0 && axes.every((axis, i) => at[i] === position(axis) && buffer.axes[i]!.size === axis.size),
    )
    .sort((a, b) => b.axes.length - a.axes.length)[0];
  let [text, isSum] = whole === undefined ? [placeText(at[0]!, scope), true] : [whole.text, false];
  for (let i = whole?.axes.length ?? 1; i < at.length; i++) {
    const place = at[i]!;
    text = `${isSum && /[ ]/.test(text) ? `(${text})` : text} * ${axisSize(buffer.axes[i]!, module)} + ${placeText(place, scope)}`;
    isSum = true;
  }
  return text;
}

/** floor(n / c) is inside of a size where n is inside of c · size: so what is below 0 is not divided. */
export const guardText = ({ place, size }: Guard, scope: Scope): string => {
  const [dividend, divisor] = place.args;
  return place.kind === "floorDiv"
    ? `${placeText(dividend!, scope)} < ${placeText(times(divisor!, size), scope)}`
    : `${placeText(place, scope)} < ${placeText(size, scope)}`;
};

/** Lines that take a number apart into positions along axes; only those that are asked for. */
export function decomposition(
  { axes, text }: Flat,
  module: ModuleScope,
  locals: Locals,
): { readonly position: (axis: string) => string | undefined; readonly lines: () => string[] } {
  const names = new Map(axes.map(({ name }) => [name, axes.length === 1 ? text : locals.fresh(positionName(name))]));
  const asked = new Set<string>();
  return {
    position: (axis) => {
      const name = names.get(axis);
      if (name !== undefined) asked.add(axis);
      return name;
    },
    lines: () => {
      if (axes.length === 1) return [];
      const lines: string[] = [];
      for (const [i, axis] of axes.entries()) {
        if (!asked.has(axis.name)) continue;
        const below = axes.slice(i + 1).map((other) => axisSize(other, module));
        const quotient =
          below.length === 0 ? text : `${text} / ${below.length === 1 ? below[0]! : `(${below.join(" * ")})`}`;
        lines.push(`let ${names.get(axis.name)!} = ${i === 0 ? quotient : `${quotient} % ${axisSize(axis, module)}`};`);
      }
      return lines;
    },
  };
}
