/** The nodes of the parser's tree, and how its lists are taken apart. */
import type { parser } from "@lezer/python";
import type { Span } from "../place.js";

export type Node = ReturnType<typeof parser.parse>["topNode"];

export const span = ({ from, to }: Node): Span => ({ start: from, end: to });

export function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== "Comment") children.push(child);
  return children;
}

/** The parts between commas; brackets around the list, and an empty part after its last comma, are left out. */
export function listOf(nodes: readonly Node[]): readonly (readonly Node[])[] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (node.name === ",") parts.push([]);
    else if (!BRACKETS.has(node.name)) parts.at(-1)!.push(node);
  }
  return parts.filter((part) => part.length > 0);
}

const BRACKETS: ReadonlySet<string> = new Set(["(", ")", "[", "]", "{", "}"]);

/** The nodes before, between and after those of a name. */
export function splitAt(nodes: readonly Node[], name: string): readonly (readonly Node[])[] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (node.name === name) parts.push([]);
    else parts.at(-1)!.push(node);
  }
  return parts;
}

export const spanOf = (nodes: readonly Node[]): Span => ({ start: nodes[0]!.from, end: nodes.at(-1)!.to });
