/** Cuts a formula's text into tokens with their places, and refuses what no formula contains. */
import { quote, refusal, type Span } from "./place.js";
import { REFUSED_NAMES, REFUSED_SPELLINGS } from "./refused.js";

export interface Token extends Span {
  readonly kind: "number" | "name" | "operator";
  readonly text: string;
}

const WORDS: ReadonlySet<string> = new Set(["and", "or", "not"]);
const OPERATORS = ["<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "^", "?", ":", "(", ")", ","] as const;

const SPACE = /\s+/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/uy;
const NAME = /[\p{L}_$][\p{L}\p{M}\p{Nd}_$]*/uy;

/** The match of a sticky pattern at this place. */
function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    checkLineBreak(text, tokens.at(-1), token);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(text: string, start: number, previous: Token | undefined): Token {
  const token = (kind: Token["kind"], spelling: string): Token => ({
    kind,
    text: spelling,
    start,
    end: start + spelling.length,
  });

  const number = match(NUMBER, text, start);
  if (number !== undefined) {
    checkNumber(text, start, number, previous);
    return token("number", number);
  }

  const name = match(NAME, text, start);
  if (name !== undefined) {
    const reason = REFUSED_NAMES.get(name);
    if (reason !== undefined) throw refusal(text, { start, end: start + name.length }, reason);
    return token(WORDS.has(name) ? "operator" : "name", name);
  }

  const afterValue = previous !== undefined && endsValue(previous);
  // "a ?.5 : 1" is a conditional: the refused "?." is followed by a name.
  const refused = REFUSED_SPELLINGS.find(
    (spelling) =>
      text.startsWith(spelling.text, start) && !(spelling.text === "?." && /\d/.test(text[start + 2] ?? "")),
  );
  const operator = OPERATORS.find((spelling) => text.startsWith(spelling, start));
  if (operator !== undefined && (refused === undefined || refused.text.length <= operator.length))
    return token("operator", operator);
  if (refused !== undefined)
    throw refusal(
      text,
      { start, end: start + refused.text.length },
      afterValue ? refused.afterValue : refused.otherwise,
    );

  const character = String.fromCodePoint(text.codePointAt(start)!);
  throw refusal(
    text,
    { start, end: start + character.length },
    {
      message: `the character ${quote(character)} has no meaning in a formula`,
      hint: "remove it, or write the name or the operator that it stands for",
    },
  );
}

/** Two values on two lines would be multiplied, or the second be the argument of the first. */
function checkLineBreak(text: string, previous: Token | undefined, token: Token): void {
  if (previous === undefined || !endsValue(previous) || !beginsValue(token)) return;
  if (!/[\n\r\u2028\u2029]/.test(text.slice(previous.end, token.start))) return;
  throw refusal(text, token, {
    message: "a second expression begins on this line, and a formula is one expression",
    hint: 'to go on with the first, write an operator, such as "*", between the two',
  });
}

const beginsValue = (token: Token): boolean => token.kind !== "operator" || token.text === "(" || token.text === "not";
/** Nothing can follow such a token but an operator. */
export const endsValue = (token: Token): boolean => token.kind !== "operator" || token.text === ")";

const OTHER_BASE = /0[xXbBoO][0-9a-fA-F]+/uy;
const BARE_EXPONENT = /[eE][+-]/uy;

function checkNumber(text: string, start: number, number: string, previous: Token | undefined): void {
  const end = start + number.length;
  const other = match(OTHER_BASE, text, start);
  if (other !== undefined)
    throw refusal(
      text,
      { start, end: start + other.length },
      {
        message: "binary, octal and hexadecimal numbers are not supported",
        hint: "write the number in decimal",
      },
    );
  const exponent = match(BARE_EXPONENT, text, end);
  if (exponent !== undefined && !/[eE]/.test(number))
    throw refusal(
      text,
      { start, end: end + exponent.length },
      {
        message: `${quote(number + exponent)} is not a number: digits are missing in its exponent`,
        hint: `write digits, such as "1e-3", or a "*" before the name "e"`,
      },
    );
  if (previous?.kind === "number")
    throw refusal(
      text,
      { start, end },
      {
        message: `an operator is missing between the numbers ${quote(previous.text)} and ${quote(number)}`,
        hint: 'write "*" between them; a number has one decimal point and no spaces',
      },
    );
}
