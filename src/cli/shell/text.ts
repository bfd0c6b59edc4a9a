/** Text for terminals and for machines. */

/** A user's text between quotes, short and on one line. */
export function quote(text: string): string {
  const characters = [...text];
  return JSON.stringify(characters.length > 60 ? `${characters.slice(0, 57).join("")}...` : text);
}

/** The text with what could move a cursor or ring a bell made visible; line ends stay. */
export const withoutControls = (text: string): string =>
  replaceControls(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g);

/** One character for each character, so that columns still match. */
export const withoutControlsInColumns = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, " ");

function replaceControls(text: string, pattern: RegExp): string {
  return text.replace(pattern, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** How many columns a terminal gives to the text. */
export function columns(text: string): number {
  let width = 0;
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** Rows with each column as wide as its widest cell; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = ""): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, columns(cell))));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell + " ".repeat(widths[i]! - columns(cell)))).join("  ");
  return rows.map((row) => `${indent}${line(row)}`.trimEnd() + "\n").join("");
}

/** JSON of plain data, two spaces deep or (0) on one line; what JSON has no number for ("NaN") is a string. */
export const toJson = (value: unknown, indent: 0 | 2 = 2): string =>
  JSON.stringify(
    value,
    (_key, field: unknown) => (typeof field === "number" && !Number.isFinite(field) ? String(field) : field),
    indent,
  ) + "\n";

/** "1 file", "2 files". */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
