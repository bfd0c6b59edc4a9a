/** One line on a terminal that says how far a build is; nothing elsewhere. */
import type { Terminal } from "./terminal.js";

export interface Progress {
  update(text: string): void;
  /** Removes the line. */
  end(): void;
}

/** The progress line of a terminal. */
export function progressOn(terminal: Terminal, quiet: boolean): Progress {
  if (quiet || !terminal.interactive) return { update: () => undefined, end: () => undefined };
  let width = 0;
  const show = (text: string): void => {
    terminal.err(`\r${text.padEnd(width)}`);
    width = text.length;
  };
  return {
    update: show,
    end: () => {
      if (width === 0) return;
      show("");
      terminal.err("\r");
    },
  };
}
