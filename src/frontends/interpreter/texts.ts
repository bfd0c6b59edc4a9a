/** Texts by which a function chooses what it computes, in whatever language. */
import { piecesOf } from "./syntax.js";

interface Piece {
  readonly kind?: unknown;
  readonly [key: string]: unknown;
}

const COMPARES = /^(?:[!=]==?|is|is not)$/;
const CONTAINS = /^(?:not )?in$/;

/** The texts that something is compared with anywhere in a function: `kind == "relu"`, `kind.lower() in ("relu", "elu")`. */
export const textsComparedWith = (isAsked: (side: Piece) => boolean, body: unknown): readonly string[] =>
  [...piecesOf(body)].flatMap(({ kind, operator, left, right }) => {
    const isComparison = kind === "binary" && COMPARES.test(String(operator));
    if (!isComparison && !(kind === "binary" && CONTAINS.test(String(operator)))) return [];
    const sides = [left, right] as readonly Piece[];
    if (!sides.some((side) => isAsked(inside(side)))) return [];
    const others = isComparison ? sides : piecesIn(right as Piece);
    return others.flatMap((side) => (side.kind === "text" ? [String(side["text"])] : []));
  });

const piecesIn = ({ items }: Piece): readonly Piece[] => (Array.isArray(items) ? (items as readonly Piece[]) : []);

/** `kind` of `kind.lower()`. */
function inside(side: Piece): Piece {
  const { callee } = side as { readonly callee?: Piece };
  return side.kind === "call" && callee?.kind === "member" ? (callee["object"] as Piece) : side;
}
