/**
 * Sizes and places in WGSL, as u32. Sums and products wrap around, so that a place below 0 is one beyond every size and one
 * comparison tells whether a place is inside; only where such a place is divided it has to be looked at as i32.
 */
import { integerParts, times, type Integer } from "../../../ir/graph/integer.js";

/** The names of the leaves of integer expressions. */
export interface IntegerNames {
  readonly size: (name: string) => string;
  readonly position: (axis: string) => string;
  /** The element of an index tensor, as u32. */
  readonly element: (of: Integer) => string;
  /** Sizes of axes that are not among the uniforms have functions. */
  readonly known: (size: Integer) => string | undefined;
  /** Sizes of axes are made of sizes whose differences are not negative. */
  readonly ofSizes?: boolean;
}

interface Text {
  readonly text: string;
  readonly precedence: number;
}

const ATOM = 3;

export const integerText = (of: Integer, names: IntegerNames): string => print(of, names).text;

/** As an operand of another operator. */
export function integerOperand(of: Integer, names: IntegerNames): string {
  const { text, precedence } = print(of, names);
  return precedence < ATOM ? `(${text})` : text;
}

const isNegative = ({ kind, value }: Integer): boolean => kind === "constant" && value < 0;

/** Whether it is not known to be at least 0. */
export const mayBeNegative = (of: Integer): boolean =>
  integerParts(of).some((part) => part.kind === "element" || isNegative(part));

function print(of: Integer, names: IntegerNames): Text {
  const known = names.known(of);
  if (known !== undefined) return { text: known, precedence: ATOM };
  const [a, b] = of.args;
  const operand = (part: Integer, least: number): string => {
    const { text, precedence } = print(part, names);
    return precedence < least ? `(${text})` : text;
  };
  switch (of.kind) {
    case "constant":
      return { text: `${of.value < 0 ? 2 ** 32 + of.value : of.value}u`, precedence: ATOM };
    case "size":
      return { text: names.size(of.name), precedence: ATOM };
    case "position":
      return { text: names.position(of.name), precedence: ATOM };
    case "element":
      return { text: names.element(of), precedence: ATOM };
    case "add": {
      const negated = negatedOf(b!);
      const [symbol, right] = negated === undefined ? ["+", operand(b!, 1)] : ["-", operand(negated, 2)];
      return { text: `${operand(a!, 1)} ${symbol} ${right}`, precedence: 1 };
    }
    case "mul": {
      const negated = negatedOf(of);
      if (negated !== undefined) return { text: `0u - ${operand(negated, 2)}`, precedence: 1 };
      return { text: `${operand(a!, 2)} * ${operand(b!, 3)}`, precedence: 2 };
    }
    case "floorDiv":
    case "mod": {
      const isQuotient = of.kind === "floorDiv";
      if (names.ofSizes === true || !mayBeNegative(a!))
        return { text: `${operand(a!, 2)} ${isQuotient ? "/" : "%"} ${operand(b!, 3)}`, precedence: 2 };
      const helper = isQuotient ? "floor_quotient" : "floor_remainder";
      return { text: `${helper}(${print(a!, names).text}, ${print(b!, names).text})`, precedence: ATOM };
    }
  }
}

/** n where this is -n, so that adding it is written as subtracting n; undefined where it is no such negation. */
function negatedOf(of: Integer): Integer | undefined {
  if (isNegative(of)) return times(-1, of);
  const [a, b] = of.args;
  return of.kind === "mul" && isNegative(a!) ? times(-a!.value, b!) : undefined;
}
