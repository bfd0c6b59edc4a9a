/** Words and numbers as Python writes them. */

/** Words that name nothing in Python: keywords, and constants that look like names. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

export const isKeyword = (name: string): boolean => KEYWORDS.has(name);

/** Whole numbers up to here are of type int for every framework: JAX raises an error for longer ones. */
const LARGEST_INT = 2 ** 31 - 1;

/** The shortest text that reads back as the number; far powers of two as powers. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "math.nan";
  if (!Number.isFinite(value)) return value > 0 ? "math.inf" : "-math.inf";
  if (Object.is(value, -0)) return "-0.0";
  const exponent = Math.log2(Math.abs(value));
  const far = Math.abs(exponent) >= 40 && Number.isInteger(exponent) && 2 ** exponent === Math.abs(value);
  if (far) return `${value < 0 ? "-" : ""}2.0**${exponent}`;
  const text = String(value);
  return Math.abs(value) > LARGEST_INT && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** The same, as a number of type float wherever it stands. */
export function floatText(value: number): string {
  const text = numberText(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** `gated_dense_silu` as the name of a class. */
export const className = (id: string): string =>
  id
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

const WIDTH = 88;

/** A documentation string of paragraphs, wrapped; nothing in them ends it. */
export function documentation(paragraphs: readonly string[], indent = 0): string {
  const margin = " ".repeat(indent);
  const said = paragraphs.filter((text) => text !== "");
  const [first, ...rest] = said.map((text) => wrapped(escaped(text), WIDTH - indent));
  if (rest.length === 0 && !first!.includes("\n") && first!.length + 6 + indent <= WIDTH)
    return `${margin}"""${first!}"""`;
  return [`"""${first!}`, ...rest.flatMap((text) => ["", text]), '"""']
    .join("\n")
    .split("\n")
    .map((line) => (line === "" ? "" : margin + line))
    .join("\n");
}

const escaped = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', "'")
    .replace(/[^\P{C}\n]/gu, " ");

/** Lines of at most `width` characters; list items hang. */
const wrapped = (text: string, width: number): string =>
  text
    .split("\n")
    .map((line) => {
      const hang = line.startsWith("- ") ? "  " : "";
      const lines = [""];
      for (const word of line.split(" ").filter((word) => word !== "")) {
        const last = lines[lines.length - 1]!;
        const joined = last === "" ? word : `${last} ${word}`;
        // The first line opens with three quotation marks.
        const room = width - (lines.length === 1 ? 3 : 0);
        if (last === "" || joined.length <= room) lines[lines.length - 1] = joined;
        else lines.push(hang + word);
      }
      return lines.join("\n");
    })
    .join("\n");

/** The lines of a text further in. */
export const indented = (text: string, by = 4): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(by) + line))
    .join("\n");

/** A text without its documentation strings: what names are used in it. */
export const withoutDocumentation = (text: string): string => text.replace(/"""[^]*?"""/g, "");
