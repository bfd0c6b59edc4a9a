/** Source text to plain syntax: the grammar's parser, which is iterative and stops at the first mistake. */
import type { parser } from "@lezer/python";
import { TOO_DEEP } from "../interpreter/refusals.js";
import { refusal } from "../place.js";
import { checkLength } from "../problems.js";
import { createConverter } from "./convert.js";
import { effectsOf, type Effects } from "./effects.js";
import type { Statement } from "./syntax.js";

export interface Source {
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly effects: Effects;
}

/** The parser of files; it throws a `Diagnostic` where a text is none. */
export async function pythonParser(): Promise<(text: string) => Source> {
  const { parser } = await import("@lezer/python");
  const strict = parser.configure({ strict: true });
  return (text) => parsed(text, strict);
}

function parsed(text: string, strict: typeof parser): Source {
  checkLength(text);
  try {
    const { topNode } = strict.parse(masked(text));
    return { text, statements: createConverter(text)(topNode), effects: effectsOf(topNode, text) };
  } catch (error) {
    const place = error instanceof SyntaxError ? /^No parse at (\d+)/.exec(error.message)?.[1] : undefined;
    if (place !== undefined) throw mistake(text, Number(place));
    // A text that overflows the stack here would overflow it everywhere.
    if (error instanceof RangeError) throw refusal(text, { start: 0, end: 0 }, TOO_DEEP);
    throw error;
  }
}

/** Constructs unknown to the grammar, and known ones of the same length; the converter looks at the text itself. */
const MASKS: readonly (readonly [RegExp, string | ((found: string) => string)])[] = [
  // 1. and 1.e5
  [/(?<![\p{L}\p{N}_.])(\d[\d_]*)\.(?!\d)/gu, "$1_"],
  // A line that goes on, in a file whose lines end as in Windows.
  [/\\\r\n/g, " \\\n"],
  // "yield" of nothing.
  [/(?<![\w.])yield(?=[ \t]*(?:[)\]},;#\r\n]|$))/g, "None "],
  // case A():
  [/^[ \t]*case[ \t(][^\r\n]*:/gm, (line) => line.replace(/(?<=\w)\([ \t]*\)/g, (pair) => "_".repeat(pair.length))],
  // lambda x,: x
  [/\blambda\b[^:()\n]{0,400},(?=[ \t]*:)/g, (found) => `${found.slice(0, -1)} `],
  // x[*i]: the converter sees the star.
  [/(?<=\[[ \t]*)\*(?=[\p{L}_])/gu, "-"],
  // Spaces behind the last line.
  [/[ \t]+$(?![\s\S])/g, (line) => "\n".repeat(line.length)],
];
const LONGEST_WITH = 5000;

/** `with (a as b, c as d,):` without its brackets, which the grammar does not know there. */
function opened(text: string): string {
  const parts: string[] = [];
  let last = 0;
  for (const { 0: head, index } of text.matchAll(/^[ \t]*(?:async[ \t]+)?with[ \t]*\(/gm)) {
    const start = index + head.length;
    let [at, depth] = [start, 1];
    for (; at < text.length && at < start + LONGEST_WITH && depth > 0; at++)
      depth += "([{".includes(text[at]!) ? 1 : ")]}".includes(text[at]!) ? -1 : 0;
    const inside = text.slice(start, at - 1);
    if (depth > 0 || start < last || !/\bas\b/.test(inside) || !/^[ \t]*:/.test(text.slice(at, at + 100))) continue;
    const flat = inside
      .replace(/#[^\r\n]*/g, (comment) => " ".repeat(comment.length))
      .replace(/[\r\n]/g, " ")
      .replace(/,(?=\s*$)/, " ");
    parts.push(text.slice(last, start - 1), " ", flat, " ");
    last = at;
  }
  return parts.join("") + text.slice(last);
}

const masked = (text: string): string =>
  opened(MASKS.reduce((current, [pattern, instead]) => current.replace(pattern, instead as string), text));

/** More brackets than this are open at once in nothing that people write; the parser gives up there. */
const DEEPEST_BRACKET = 500;

function mistake(text: string, end: number): Error {
  let depth = 0;
  for (const { 0: bracket } of text.slice(0, end).matchAll(/[()[\]{}]/g)) depth += "([{".includes(bracket) ? 1 : -1;
  if (depth > DEEPEST_BRACKET) return refusal(text, { start: end, end }, TOO_DEEP);
  // The parser is where the mistake is noticed; a line's end belongs to the line.
  const start = end > 0 && end >= text.trimEnd().length ? Math.max(0, text.trimEnd().length - 1) : end;
  return refusal(
    text,
    { start, end: Math.min(text.length, start + 1) },
    {
      message: "the syntax breaks here: this cannot be parsed as Python",
      hint: "correct the syntax, or move the functions and their gradients to a file of their own",
    },
  );
}
