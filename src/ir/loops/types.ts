/** The types of values in loops: numbers and truths, alone or in vectors of lanes. */

/** `u8`: bytes, which only arrays hold. */
export type Element = "f64" | "f32" | "i32" | "u8" | "bool";

export interface Shape {
  readonly element: Element;
  readonly lanes: number;
}

export const TYPES = {
  f64: { element: "f64", lanes: 1 },
  f32: { element: "f32", lanes: 1 },
  i32: { element: "i32", lanes: 1 },
  u8: { element: "u8", lanes: 1 },
  bool: { element: "bool", lanes: 1 },
  v2f64: { element: "f64", lanes: 2 },
  v2f32: { element: "f32", lanes: 2 },
  v2bool: { element: "bool", lanes: 2 },
  v4f32: { element: "f32", lanes: 4 },
  v4bool: { element: "bool", lanes: 4 },
} as const satisfies Readonly<Record<string, Shape>>;

export type Type = keyof typeof TYPES;

export const elementOf = (type: Type): Element => TYPES[type].element;
export const lanesOf = (type: Type): number => TYPES[type].lanes;

/** The type with these elements in this many lanes. */
export function typeOf(element: Element, lanes: number): Type {
  const found = Object.entries<Shape>(TYPES).find(([, shape]) => shape.element === element && shape.lanes === lanes);
  if (found === undefined) throw new RangeError(`there is no vector of ${lanes} ${element}`);
  return found[0] as Type;
}
