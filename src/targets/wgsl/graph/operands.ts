/** The functions around the tiles of a product: what an element of an operand is, and what becomes of an element of a product. */
import { variables } from "../../../ir/expr.js";
import { integerParts, type Integer } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import type { Buffer, ElementOf, Matrix, Step, Store } from "../../../ir/kernel.js";
import { allOf } from "../spelling.js";
import { storeBody } from "./elements.js";
import { identifier, Locals } from "./names.js";
import { newLocals, positionName, type KernelScope, type Scope } from "./scope.js";
import { loadText, storeLines, valueLines } from "./values.js";

export type Contract = Extract<Step, { readonly kind: "contract" }>;

/** A function that is called with positions along some axes. */
export interface PlaceFunction {
  readonly name: string;
  /** The axes whose positions it takes, in order. */
  readonly axes: readonly Axis[];
}

/** A function of positions: only those along axes that its lines mention are its parameters. */
function placeFunction(
  wanted: string,
  axes: readonly Axis[],
  scope: KernelScope,
  others: readonly string[],
  returns: string,
  body: (inner: Scope) => readonly string[],
): PlaceFunction {
  const { module, entry } = scope;
  const name = new Locals(module.taken).fresh(wanted);
  const locals = newLocals(module);
  for (const other of others) locals.fresh(other.split(":")[0]!);
  const names = new Map(axes.map((axis) => [axis.name, locals.fresh(positionName(axis.name))]));
  const asked = new Set<string>();
  const lines = body({
    kernel: scope,
    locals,
    position: (axis) => {
      const text = names.get(axis);
      if (text === undefined) throw new Error(`${entry} has no position along ${axis}`);
      asked.add(axis);
      return text;
    },
    flats: [],
    tile: ({ buffer }) => {
      throw new Error(`${entry} has no tile ${buffer.name} here`);
    },
  });
  const taken = axes.filter((axis) => asked.has(axis.name));
  const parameters = [...taken.map((axis) => `${names.get(axis.name)!}: u32`), ...others];
  module.items.push([`fn ${name}(${parameters.join(", ")})${returns} {`, ...lines, "}"]);
  return { name, axes: taken };
}

/** The element of an operand: as it is in memory, or computed for the product. */
export function operandFunction(
  { buffer, at }: Matrix,
  made: Store | undefined,
  axes: readonly Axis[],
  side: string,
  scope: KernelScope,
): PlaceFunction {
  const wanted = `${scope.entry}_${made === undefined ? identifier(buffer.name) : side}`;
  return placeFunction(wanted, axes, scope, [], " -> f32", (inner) => {
    if (made !== undefined) return valueLines([made.value], inner, ([value]) => [`return ${value!};`]);
    const { conditions, otherwise, text } = loadText({ buffer, at, guards: [] }, inner);
    return conditions.length === 0
      ? [`return ${text};`]
      : [`if (!(${allOf(conditions)})) {`, `return ${otherwise};`, "}", `return ${text};`];
  });
}

/** Writes what is made of an element of the products. */
export function epilogueFunction(
  contracts: readonly Contract[],
  stores: readonly Store[],
  axes: readonly Axis[],
  scope: KernelScope,
): PlaceFunction {
  const names = contracts.map((_, i) => (i === 0 ? "product" : `product${i + 1}`));
  const parameters = names.map((name) => `${name}: f32`);
  return placeFunction(`${scope.entry}_write`, axes, scope, parameters, "", (inner) => {
    const locals = inner.locals.nested();
    const valueOf = (of: Buffer): string | undefined => names[contracts.findIndex(({ to }) => to.buffer === of)];
    for (const [place, access] of scope.kernel.accesses) {
      const name = access.kind === "load" ? valueOf(access.element.buffer) : undefined;
      if (name !== undefined) locals.bind(place, name);
    }
    const direct = contracts.filter(({ to }) => to.buffer.role !== "tile");
    return [
      ...direct.flatMap(({ to }) => storeLines({ ...to, guards: [] }, valueOf(to.buffer)!, inner)),
      ...(stores.length === 0 ? [] : storeBody({ stores }, { ...inner, locals })),
    ];
  });
}

const mentions = (place: Integer, { name }: Axis): boolean =>
  integerParts(place).some((part) => part.kind === "position" && part.name === name);

/** Whether neighbours in memory are along one of these axes: of what is loaded at most places. */
export function isInnermost(
  { buffer, at }: Matrix,
  made: Store | undefined,
  axes: readonly Axis[],
  { kernel }: KernelScope,
): boolean {
  const used = new Set(made === undefined ? [] : variables(made.value));
  const loads = [...kernel.accesses].flatMap(([place, access]): ElementOf[] =>
    access.kind === "load" && used.has(place) ? [access.element] : [],
  );
  const main = loads.reduce<ElementOf>((best, element) => (element.at.length > best.at.length ? element : best), {
    buffer,
    at: made === undefined ? at : [],
    guards: [],
  });
  const last = main.at[main.at.length - 1];
  return last === undefined || axes.some((axis) => mentions(last, axis));
}
