/** Gradients that are declared to be surrogates: other ones than the derivative, on purpose. */

const DECLARATION = /\bnonlin:\s*surrogate\b|@surrogate\b/;
/** A line that is a comment, a decorator, or inside a comment of several lines. */
const ABOVE = /^\s*(?:\/\/|#|\/\*|\*|@\w)/;
const COMMENT = /(?:\/\/|#|\/\*|^\s*\*).*$/;

/** Whether a comment on the line of one of the places says so, or one directly above it. */
export const isDeclaredSurrogate = (text: string, ...places: readonly number[]): boolean =>
  places.some((place) => {
    let start = text.lastIndexOf("\n", place - 1) + 1;
    const lineAt = (from: number): string => text.slice(from, (text.indexOf("\n", from) + 1 || text.length + 1) - 1);
    const says = (line: string): boolean => DECLARATION.test(COMMENT.exec(line)?.[0] ?? "");
    if (says(lineAt(start))) return true;
    while (start > 0) {
      start = text.lastIndexOf("\n", start - 2) + 1;
      const line = lineAt(start);
      if (!ABOVE.test(line)) return false;
      if (says(line)) return true;
    }
    return false;
  });
