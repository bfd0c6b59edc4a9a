/** Places in a formula's text, and how a refusal names one. */
import { Diagnostic } from "../diagnostic.js";

/** A half-open range of characters. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Why something is refused, and what to write instead. */
export interface Reason {
  readonly message: string;
  readonly hint: string;
}

export const reason = (message: string, hint: string): Reason => ({ message, hint });

/** Refuses what stands at a place. */
export type Refuse = (place: Span, reason: Reason) => never;
export const refusing =
  (source: string): Refuse =>
  (place, why) => {
    throw refusal(source, place, why);
  };

export const refusal = (source: string, { start, end }: Span, { message, hint }: Reason): Diagnostic =>
  new Diagnostic(message, { source, start, end, hint });

const LONGEST_QUOTE = 40;

/** A piece of the user's text as a message shows it: short, and without control characters. */
export function quote(text: string): string {
  const characters = [...text];
  const shown = characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE).join("")}...` : text;
  return `"${shown.replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : codePointName(c)))}"`;
}

/** `U+200B`: the only readable name of a character that cannot be seen. */
export const codePointName = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
