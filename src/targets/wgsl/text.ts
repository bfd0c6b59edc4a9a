/** WGSL text: lines with the indentation that their braces say, and comments of a bounded width. */

const WIDTH = 110;

/** Lines indented by the braces that are open; a line that begins by closing one stands outside of it. */
export function indented(lines: readonly string[]): string {
  let depth = 0;
  return lines
    .flatMap((line) => line.split("\n"))
    .map((line) => {
      const code = line.trim().replace(/\/\/.*/, "");
      const closesFirst = /^[})]/.test(code) ? 1 : 0;
      const text = line.trim() === "" ? "" : "  ".repeat(Math.max(0, depth - closesFirst)) + line.trim();
      depth += (code.match(/[{(]/g) ?? []).length - (code.match(/[})]/g) ?? []).length;
      return text;
    })
    .join("\n");
}

/** Sentences as comment lines; what is broken is broken between words. */
export function comment(text: string): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + word.length >= WIDTH) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line].map((one) => `// ${one}`.trimEnd());
  });
}

/** Whatever a definition says, in one line that stays a comment. */
export const oneLine = (text: string): string => text.replace(/\s+/g, " ");
