/**
 * From tokens to mathjs's syntax tree, with places.
 *
 * mathjs keeps no places, so it never sees the user's text: it parses a copy in which the number at token 7 is spelled
 * `7` and the name at token 8 is spelled `s8`. The leaves of its tree are then places themselves. Neither names nor
 * digits reach mathjs, so nothing that it knows of `i`, `cm`, `Infinity` or `__proto__` matters.
 */
import { loadParser, type SyntaxNode } from "./mathjs.js";
import { quote, refusal, type Reason, type Span } from "./place.js";
import type { Token } from "./tokens.js";

export const tokenOfConstant = (node: SyntaxNode & { type: "ConstantNode" }): number => node.value;
export const tokenOfSymbol = (node: SyntaxNode & { type: "SymbolNode" }): number => Number(node.name.slice(1));

interface Canonical {
  readonly text: string;
  /** The token at each place where a token of `text` begins. */
  readonly tokenAt: ReadonlyMap<number, number>;
}

function canonical(tokens: readonly Token[]): Canonical {
  const pieces: string[] = [];
  const tokenAt = new Map<number, number>();
  let length = 0;
  const put = (spelling: string, index: number): void => {
    tokenAt.set(length, index);
    pieces.push(spelling, " ");
    length += spelling.length + 1;
  };
  tokens.forEach((token, index) => {
    // mathjs takes the second ":" of "a ? b ? c : d : e" for a range unless the inner conditional is in parentheses.
    if (token.kind === "operator" && token.text === ":") put(")", index);
    put(token.kind === "number" ? String(index) : token.kind === "name" ? `s${index}` : token.text, index);
    if (token.kind === "operator" && token.text === "?") put("(", index);
  });
  return { text: pieces.join(""), tokenAt };
}

const TOO_DEEP: Reason = {
  message: "the formula nests too deeply to be parsed",
  hint: "build so large an expression with the functions of nonlin in TypeScript",
};

const MISSING_VALUE = "write a number, a name or an expression in parentheses there";

export async function parseSyntax(text: string, tokens: readonly Token[]): Promise<SyntaxNode> {
  const parse = await loadParser();
  const { text: copy, tokenAt } = canonical(tokens);
  try {
    return parse(copy);
  } catch (error) {
    const whole: Span = { start: tokens[0]!.start, end: tokens.at(-1)!.end };
    if (error instanceof RangeError) throw refusal(text, whole, TOO_DEEP);
    if (!(error instanceof SyntaxError)) throw error;
    // mathjs counts characters from 1, and gives the end of the text when something is missing there.
    const index = tokenAt.get((error as SyntaxError & { char?: number }).char! - 1);
    if (index === undefined)
      throw refusal(
        text,
        { start: whole.end, end: whole.end },
        {
          message: `the formula ends after ${quote(tokens.at(-1)!.text)}, where a value should follow`,
          hint: MISSING_VALUE,
        },
      );
    throw refusal(text, tokens[index]!, syntaxReason(error.message, tokens, index));
  }
}

function syntaxReason(message: string, tokens: readonly Token[], index: number): Reason {
  const [token, previous] = [tokens[index]!, tokens[index - 1]];
  if (/^(Value|Parenthesis \)) expected/.test(message) && token.kind === "operator") {
    const place =
      previous === undefined
        ? `before ${quote(token.text)}`
        : `between ${quote(previous.text)} and ${quote(token.text)}`;
    return { message: `a value is missing ${place}`, hint: MISSING_VALUE };
  }
  return {
    message: `${quote(token.text)} cannot stand ${previous === undefined ? "here" : `after ${quote(previous.text)}`}`,
    hint: 'write an operator, such as "*", between two values',
  };
}
