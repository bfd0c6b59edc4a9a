/** Where a command's text goes, and what the place can show. */
export interface Terminal {
  /** Results: what a pipe or a file wants. */
  out(text: string): void;
  /** Messages, progress and errors. */
  err(text: string): void;
  /** Somebody watches the messages as they appear. */
  readonly interactive: boolean;
  readonly unicode: boolean;
}

/** The terminal of this process. */
export function processTerminal(environment: NodeJS.ProcessEnv = process.env): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true && environment["TERM"] !== "dumb",
    unicode: showsUnicode(environment),
  };
}

function showsUnicode(environment: NodeJS.ProcessEnv): boolean {
  if (process.platform === "win32") return environment["WT_SESSION"] !== undefined;
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  return /utf-?8/i.test(locale);
}
