/** A file or stdin, line by line as they come, whatever is in it. */
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { Diagnostic } from "../../diagnostic.js";
import { fileFailure } from "../shell/failure.js";

/** A line's number, and its text or why it cannot be had. */
export type Line = { readonly number: number } & ({ readonly text: string } | { readonly mistake: Diagnostic });

const LONGEST_LINE = 100_000;
const NEWLINE = 10;

/** The lines that are not blank; "-" is stdin. Of a line that is too long, only its number is kept. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [parts, length, number]: [Uint8Array[], number, number] = [[], 0, 0];
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length <= LONGEST_LINE) parts.push(part);
    else parts = [];
  };
  const finish = (): Line | undefined => {
    const [bytes, size] = [Buffer.concat(parts), length];
    [parts, length, number] = [[], 0, number + 1];
    const refuse = (why: string): Line => ({ number, mistake: new Diagnostic(`line ${number}: ${why}`) });
    if (size > LONGEST_LINE) return refuse(`it has ${size} bytes, and ${LONGEST_LINE} are allowed`);
    try {
      const text = decoder.decode(bytes);
      return text.trim() === "" ? undefined : { number, text };
    } catch {
      return refuse("it is no text in UTF-8");
    }
  };
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      const line = finish();
      if (line !== undefined) yield line;
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  const last = length > 0 ? finish() : undefined;
  if (last !== undefined) yield last;
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const stream: Readable = file === "-" ? process.stdin : createReadStream(file);
  try {
    for await (const chunk of stream) yield Buffer.from(chunk as Buffer);
  } catch (error) {
    throw fileFailure("read", file === "-" ? "stdin" : file, error);
  }
}
