/** Functions and numbers of other files of the project: read there, and called from here. */
import { Diagnostic } from "../../diagnostic.js";
import { unlessRefused } from "../interpreter/refusals.js";
import { quote, reason } from "../place.js";
import { namedFunctions, type NamedFunction } from "./functions.js";
import { parseSource } from "./parse.js";
import { createReader } from "./reader.js";
import { reals } from "./reals.js";
import type { Source } from "./syntax.js";
import { WHOLE, type Imported, type Others, type Value } from "./values.js";

/** The text of a file of the project, by what an import says, such as `./math`. */
export type FindText = (from: string) => string | undefined;

const IMPORT = /(?:\bfrom|\brequire\s*\()\s*(["'])(\.{1,2}\/[^"'\n]+)\1/g;

/** The files that a file imports from; what they import themselves is not followed. */
export async function othersOf(text: string, find: FindText): Promise<Others> {
  const others = new Map<string, ReadonlyMap<string, Value>>();
  for (const { 2: from } of text.matchAll(IMPORT)) {
    const found = others.has(from!) ? undefined : find(from!);
    if (found !== undefined) others.set(from!, await membersOf(found, from!));
  }
  return others;
}

async function membersOf(text: string, from: string): Promise<ReadonlyMap<string, Value>> {
  try {
    const source = await parseSource(text, `${from}.ts`);
    const reader = createReader(source, reals());
    const members = new Map<string, Value>();
    for (const each of namedFunctions(source, reader)) {
      if (each.path === WHOLE) members.set(WHOLE, imported(each, from, source, reader));
      const path = each.path.replace(/^module\.exports\./, "");
      if (!path.includes(".")) members.set(path, imported(each, from, source, reader));
    }
    return members;
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    return new Map();
  }
}

function imported(
  { name, node, value }: NamedFunction,
  from: string,
  source: Source,
  reader: ReturnType<typeof createReader>,
): Imported {
  const args = node.args.map(({ target }, i) => (target.kind === "name" ? target.name : `x${i}`));
  return {
    kind: "builtin",
    from,
    args,
    count: { atLeast: 0 },
    apply: (given) => {
      if (given.length > args.length || given.some(({ kind }) => !PLAIN.has(kind))) return undefined;
      return unlessRefused(
        () => reader.call(value, given),
        ({ message, hint = `read it in ${source.text.length === 0 ? "the file" : from}` }) =>
          reason(`in ${quote(name)} of ${quote(from)}: ${message}`, hint),
      );
    },
  };
}

/** Values that mean the same in every file: nothing that can be changed. */
const PLAIN: ReadonlySet<Value["kind"]> = new Set([
  "number",
  "truth",
  "condition",
  "text",
  "nothing",
  "null",
  "elements",
]);
