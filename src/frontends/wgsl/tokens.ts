/** Cuts a shader's text into tokens with their places. */
import { quote, refusal, type Span } from "../place.js";

export interface Token extends Span {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
}

/** Spaces and comments, numbers with their suffixes, names, and signs, the longer first. */
const TOKEN =
  /(?<space>(?:\s|\/\/[^\n]*)+)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fhiu]?|0[xX][\da-fA-F]+u?)|(?<name>[A-Za-z_]\w*)|(?<sign>->|<=|>=|==|!=|<<|>>|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%&|^!~<>=(){}[\],;:.@?])/y;

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let start = 0; start < text.length; start = TOKEN.lastIndex) {
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined)
      throw refusal(
        text,
        { start, end: start + 1 },
        { message: `${quote(text[start]!)} begins nothing in a shader`, hint: "build the module again" },
      );
    const [kind, found] = Object.entries(groups).find(([, each]) => each !== undefined)!;
    if (kind !== "space") tokens.push({ kind: kind as Token["kind"], text: found, start, end: TOKEN.lastIndex });
  }
  tokens.push({ kind: "end", text: "", start: text.length, end: text.length });
  return tokens;
}
