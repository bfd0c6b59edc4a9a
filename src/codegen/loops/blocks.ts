/**
 * Loops with a detour for few elements, in blocks: where no element of a block takes it, the block is computed without it, and
 * otherwise with both ways for each element. Neither has a branch inside, so that compilers make vectors of them, and every
 * element is computed in the same way, wherever it is.
 */
import {
  allValues,
  apply,
  assign,
  constantOf,
  letBe,
  local,
  whole,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { freshNames } from "./expressions.js";
import { namesIn } from "./hoist.js";

type For = Extract<Statement, { kind: "for" }>;
type If = Extract<Statement, { kind: "if" }>;

/** Elements of a block: few enough that one far element costs little, and enough for several vectors. */
const BLOCK = 256;

/** The loop with its detours taken block by block; loops without any as they are. */
export function inBlocks(loop: LoopFunction): LoopFunction {
  const fresh = freshNames(namesIn(loop));
  return { ...loop, body: loop.body.map((one) => (one.kind === "for" ? (blocks(one, fresh) ?? one) : one)) };
}

function blocks(loop: For, fresh: (stem: string) => string): Statement | undefined {
  const at = loop.body.findIndex(({ kind }) => kind === "if");
  if (at < 0) return undefined;
  const detour = loop.body[at] as If;
  const [before, after] = [loop.body.slice(0, at), loop.body.slice(at + 1)];
  const [from, to] = [local("i32", fresh("from")), local("i32", fresh("to"))];
  const isTaken = local("bool", fresh("is_taken"));
  const next = apply("add", from, whole(BLOCK));
  const over = (body: readonly Statement[]): For => ({ ...loop, from, to, body });
  const asked = neededFor(detour.condition, before);
  return {
    kind: "for",
    index: from,
    from: loop.from,
    to: loop.to,
    step: BLOCK,
    body: [
      letBe(to, apply("select", apply("lt", next, loop.to), next, loop.to)),
      letBe(isTaken, constantOf("bool", 0)),
      over([...asked, assign(isTaken, apply("or", isTaken, detour.condition))]),
      {
        kind: "if",
        condition: isTaken,
        then: [over([...before, ...detour.then, ...after])],
        otherwise: [over([...before, ...after])],
      },
    ],
  };
}

/** Those of the statements before a condition that it needs. */
function neededFor(condition: Value, before: readonly Statement[]): Statement[] {
  const needed = new Set(namesOf(condition));
  const found: Statement[] = [];
  for (const statement of [...before].reverse())
    if (statement.kind === "let" && needed.has(statement.local.name)) {
      found.unshift(statement);
      for (const name of namesOf(statement.value)) needed.add(name);
    }
  return found;
}

const namesOf = (value: Value): string[] => allValues(value).flatMap((one) => (one.kind === "local" ? [one.name] : []));
