/**
 * Conditions without jumps: `a & b` for `a && b`, whose operands here may always be evaluated. A jump in a loop costs
 * compilers dearly: a kernel of ten of them, each with a handful of && in what it calls, took SwiftShader 70 s instead of 1.
 */
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Lines of WGSL with & and | for && and ||, and the parentheses that these need. */
export const eager = (code: string): string =>
  code
    .split("\n")
    .map((line) => (/^\s*\/\//.test(line) || !/&&|\|\|/.test(line) ? line : convert(line)))
    .join("\n");

function convert(text: string): string {
  let done = "";
  let operands: string[] = [];
  let operators: string[] = [];
  let operand = "";
  const flush = (): void => {
    operands.push(operand);
    done += operands.length === 1 ? operand : joined(operands, operators);
    [operands, operators, operand] = [[], [], ""];
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const pair = text.slice(i, i + 2);
    const close = CLOSING[char];
    if (pair === "&&" || pair === "||") {
      operands.push(operand);
      operators.push(char);
      operand = "";
      i++;
    } else if (close !== undefined && endOf(text, i) !== undefined) {
      const end = endOf(text, i)!;
      operand += char + convert(text.slice(i + 1, end)) + close;
      i = end;
    } else if (/[,;{}]/.test(char) || isAssignment(text, i)) {
      flush();
      done += char;
    } else operand += char;
  }
  flush();
  return done;
}

const isAssignment = (text: string, at: number): boolean =>
  text[at] === "=" && text[at + 1] !== "=" && !/[=<>!]/.test(text[at - 1] ?? "");

/** Where a bracket is closed; undefined where that is on another line. */
function endOf(text: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (/[([{]/.test(text[i]!)) depth += 1;
    else if (/[)\]}]/.test(text[i]!)) depth -= 1;
    if (depth === 0) return i;
  }
  return undefined;
}

function joined(operands: readonly string[], operators: readonly string[]): string {
  const [before] = /^\s*(return\b)?\s*/.exec(operands[0]!)!;
  const [after] = /\s*$/.exec(operands[operands.length - 1]!)!;
  const wrapped = [operands[0]!.slice(before.length), ...operands.slice(1)].map((one) => parenthesised(one.trim()));
  return before + wrapped.map((one, i) => (i === 0 ? one : `${operators[i - 1]!} ${one}`)).join(" ") + after;
}

/** Names, calls and what is in parentheses already can stand as they are. */
function parenthesised(text: string): string {
  const [start] = /^!?[\w.]*/.exec(text)!;
  const isAtom = start.length === text.length || endOf(text, start.length) === text.length - 1;
  return isAtom && /^$|^[([]/.test(text.slice(start.length)) ? text : `(${text})`;
}
