/** WebAssembly as text that people can read, and the bytes that it stands for. */
import { functionsIn, type LoopFunction } from "../../ir/loops/loops.js";
import { UNIFORM } from "../../codegen/loops/uniform.js";
import { calledFunctions, functionTerm, importTerm, lanewiseTerm, type Term } from "./spelling.js";

/** Functions that modules bring themselves; others are the host's. */
const OWN: ReadonlyMap<string, LoopFunction> = new Map([[UNIFORM.name, UNIFORM]]);

/** Longer lists are written over several lines. */
const WIDTH = 110;

const flat = (term: Term): string => (typeof term === "string" ? term : `(${term.map(flat).join(" ")})`);

/**
 * Words and short lists stand on the line of what they belong to, others on lines of their own; a block that ends with
 * another opens it on its own line.
 */
function linesOf(term: Term, indent: string): string[] {
  const whole = flat(term);
  if (typeof term === "string" || (indent.length + whole.length <= WIDTH && !isBlock(term))) return [indent + whole];
  const { head, rest, ends } = opened(term, WIDTH - indent.length);
  const lines = rest.flatMap((part) => linesOf(part, `${indent}  `));
  return [indent + head, ...lines.slice(0, -1), `${lines.at(-1)!}${")".repeat(ends)}`];
}

/** The line that a list begins with, what stands on lines of their own below it, and how many lists end there. */
function opened(
  term: readonly Term[],
  width: number,
): { readonly head: string; readonly rest: readonly Term[]; readonly ends: number } {
  const first = term.findIndex((part, i) => i > 0 && typeof part !== "string" && !isHead(term, part));
  const last = term.at(-1)!;
  const before = `(${term.slice(0, -1).map(flat).join(" ")}`;
  if (isBlock(term) && typeof last !== "string" && isBlock(last)) {
    const inner = opened(last, width);
    const head = `${before} ${inner.head}`;
    if (head.length <= width) return { head, rest: inner.rest, ends: inner.ends + 1 };
  }
  return { head: `(${term.slice(0, first).map(flat).join(" ")}`, rest: term.slice(first), ends: 1 };
}

const BLOCKS = new Set(["module", "func", "loop", "if", "then", "else"]);
const HEADS = new Set(["export", "param", "result"]);
const opener = (term: Term): Term | undefined => (typeof term === "string" ? undefined : term[0]);
const isBlock = (term: Term): boolean => BLOCKS.has(opener(term) as string);
/** Signatures stand with the word "func". */
const isHead = (of: Term, part: Term): boolean => opener(of) === "func" && HEADS.has(opener(part) as string);

/** The text of a module of functions; `header` is a comment. */
export function moduleText(functions: readonly LoopFunction[], header: string): string {
  const inner = [...new Map(functions.flatMap(functionsIn).map((one) => [one.name, one])).values()];
  const called = [...calledFunctions([...inner, ...functions])];
  const module: Term = [
    "module",
    ["import", '"host"', '"memory"', ["memory", "1"]],
    ...called.filter(([name]) => !OWN.has(name)).map(([name, count]) => importTerm(name, count)),
    ...called.flatMap(([name]) => OWN.get(name) ?? []).map((own) => functionTerm(own, false)),
    ...called.map(([name, count]) => lanewiseTerm(name, count)),
    ...inner.map((one) => functionTerm(one, false)),
    ...functions.map((one) => functionTerm(one)),
  ];
  return `${header}\n${linesOf(module, "").join("\n")}\n`;
}

/** The bytes of a module's text. */
export async function moduleBytes(text: string): Promise<Uint8Array> {
  const { compile } = await import("watr");
  return compile(text);
}
