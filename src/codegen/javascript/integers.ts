/** How JavaScript and TypeScript write integers, and text that names values. */
import { integerParts, isBinary, isNatural, type Integer } from "../../ir/graph/integer.js";
import { ATOM } from "../print.js";

/** The name of an integer in the code; undefined where it has none. */
export type NameOf = (integer: Integer) => string | undefined;

interface Text {
  readonly text: string;
  readonly precedence: number;
}

const SUM = 12;
/** A remainder binds like a product, but is no factor that could be moved. */
const REMAINDER = 12.5;
const PRODUCT = 13;

const within = ({ text, precedence }: Text, least: number): string => (precedence < least ? `(${text})` : text);

/** How the operations on integers are written; `natural`: neither operand is negative. */
const SPELLINGS: {
  readonly [K in "add" | "mul" | "floorDiv" | "mod"]: (a: Text, b: Text, natural: boolean) => Text;
} = {
  add: (a, b) => {
    const right = within(b, SUM);
    const negative = /^-[\w(]/.test(right);
    return { text: `${within(a, SUM)} ${negative ? `- ${right.slice(1)}` : `+ ${right}`}`, precedence: SUM };
  },
  mul: (a, b) => ({
    text: a.text === "-1" ? `-${within(b, PRODUCT)}` : `${within(a, REMAINDER)} * ${within(b, PRODUCT)}`,
    precedence: PRODUCT,
  }),
  floorDiv: (a, b) => ({ text: `Math.floor(${within(a, PRODUCT)} / ${within(b, PRODUCT + 1)})`, precedence: ATOM }),
  // The remainder has the sign of the divisor; JavaScript's has that of the dividend.
  mod: (a, b, natural) =>
    natural
      ? { text: `${within(a, REMAINDER)} % ${within(b, PRODUCT + 1)}`, precedence: REMAINDER }
      : {
          text: `${within(a, SUM)} - ${within(b, PRODUCT)} * Math.floor(${within(a, PRODUCT)} / ${within(b, PRODUCT + 1)})`,
          precedence: SUM,
        },
};

/** The text of an integer; `name` gives those of its leaves, and of what was computed before. */
export function integerText(root: Integer, name: NameOf, least = 0): string {
  const texts = new Map<Integer, Text>();
  for (const part of integerParts(root)) {
    const known = name(part);
    if (known !== undefined) texts.set(part, { text: known, precedence: ATOM });
    else if (part.kind === "constant")
      texts.set(part, { text: String(part.value), precedence: part.value < 0 ? PRODUCT : ATOM });
    else if (isBinary(part.kind)) {
      const [a, b] = part.args as [Integer, Integer];
      const [left, right] = [texts.get(a), texts.get(b)];
      if (left === undefined || right === undefined) continue;
      texts.set(part, SPELLINGS[part.kind](left, right, isNatural(a) && isNatural(b)));
    }
  }
  const text = texts.get(root);
  if (text === undefined) throw new RangeError(`nothing says what ${root.text} is`);
  return within(text, least);
}

/** Text of the user's inside of a template literal, with what is in braces replaced. */
export const templateText = (text: string, replaced: (name: string) => string | undefined): string =>
  text
    .split(/(\{[^{}]*\})/)
    .map((part) => {
      const value = part.startsWith("{") ? replaced(part.slice(1, -1)) : undefined;
      return value === undefined ? part.replace(/[\\`$]/g, "\\$&") : `\${${value}}`;
    })
    .join("");
