/**
 * A loop over elements in vector lanes: a loop that takes several vectors at a time, and one for the elements that are left,
 * each in a vector of its own, so that it is computed in the same way.
 */
import {
  allStatements,
  apply,
  assign,
  constantOf,
  letBe,
  local,
  splat,
  store,
  whole,
  type Local,
  type LoopFunction,
  type Statement,
  type Value,
} from "../../ir/loops/loops.js";
import { elementOf, typeOf } from "../../ir/loops/types.js";

/** How a loop is spread over a machine. */
export interface Schedule {
  /** Elements of a vector. */
  readonly lanes: number;
  /** Vectors of a pass. */
  readonly unroll: number;
}

type Loop = Extract<Statement, { kind: "for" }>;

/** One pass of the loop: how many elements each vector holds, and how its locals are told from those of other passes. */
interface Pass {
  readonly lanes: number;
  readonly count: number;
  readonly rename: (name: string) => string;
  readonly index: (index: Value) => Value;
}

/** A name for the first element that is left: none that the loop has. */
function nameForLeft({ numbers, body }: LoopFunction): string {
  const lets = allStatements(body).flatMap((one) => (one.kind === "let" ? [one.local] : []));
  const taken = new Set([...numbers, ...lets].map(({ name }) => name));
  return taken.has("left") ? "left." : "left";
}

export function inLanes(loop: LoopFunction, { lanes, unroll }: Schedule): LoopFunction {
  const at = loop.body.findIndex(({ kind }) => kind === "for");
  const each = loop.body[at] as Loop;
  const before = loop.body.slice(0, at);
  const sums = assignedIn(each.body);
  const inside = new Set(each.body.flatMap((one) => (one.kind === "let" ? [one.local.name] : [])));
  const numbers = new Set(loop.numbers.map(({ name }) => name));
  const pass = (count: number, suffix: string, by: number, renamed: ReadonlySet<string>): Pass => ({
    lanes,
    count,
    rename: (name) => (renamed.has(name) ? `${name}${suffix}` : name),
    index: (index) => (by === 0 ? index : apply("add", index, whole(by))),
  });
  const widened = (statements: readonly Statement[], of: Pass): Statement[] =>
    statements.map((statement) => inPass(statement, of, numbers));

  const left = local("i32", nameForLeft(loop));
  const step = lanes * unroll;
  const passes = Array.from({ length: unroll }, (_, k) => pass(lanes, k === 0 ? "" : `.${k + 1}`, k * lanes, inside));
  // The elements that are left are in every lane: their sums are counted once.
  const rest = pass(1, ".rest", 0, new Set(sums.map(({ name }) => name)));
  const all = pass(lanes, "", 0, new Set());
  const rests = before.filter((one) => one.kind === "let" && sums.some(({ name }) => name === one.local.name));
  return {
    ...loop,
    body: [
      ...widened(before, all),
      ...widened(rests, rest),
      letBe(left, apply("bitAnd", each.to, whole(-step))),
      { ...each, to: left, step, body: passes.flatMap((one) => widened(each.body, one)) },
      { ...each, from: left, step: 1, body: widened(each.body, rest) },
      ...(sums.length === 0
        ? []
        : [
            {
              kind: "return" as const,
              values: sums.map((sum) => {
                const vector = inVector(sum, lanes);
                return apply("add", apply("total", vector), apply("first", { ...vector, name: rest.rename(sum.name) }));
              }),
            },
          ]),
    ],
  };
}

/** The locals that are assigned, each once. */
const assignedIn = (statements: readonly Statement[]): Local[] =>
  statements.flatMap((statement) => (statement.kind === "assign" ? [statement.local] : []));

const inVector = ({ name, type }: Local, lanes: number): Local => local(typeOf(elementOf(type), lanes), name);

function inPass(statement: Statement, pass: Pass, numbers: ReadonlySet<string>): Statement {
  const { lanes, count, rename } = pass;
  const value = (of: Value): Value => inVectors(of, pass, numbers);
  switch (statement.kind) {
    case "let":
    case "assign": {
      const to = inVector(statement.local, lanes);
      return (statement.kind === "let" ? letBe : assign)({ ...to, name: rename(to.name) }, value(statement.value));
    }
    case "store":
      return store(statement.array, pass.index(statement.index), value(statement.value), count);
    default:
      throw new RangeError(`${statement.kind} is not in lanes`);
  }
}

function inVectors(value: Value, pass: Pass, numbers: ReadonlySet<string>): Value {
  const { lanes, count, rename, index } = pass;
  const type = typeOf(elementOf(value.type), lanes);
  const within = (of: Value): Value => inVectors(of, pass, numbers);
  switch (value.kind) {
    case "constant":
      return constantOf(type, value.value);
    case "local":
      return numbers.has(value.name) ? splat(value, lanes) : { ...value, type, name: rename(value.name) };
    case "load":
      return { ...value, type, index: index(value.index), count };
    case "call":
      return { ...value, type, args: value.args.map(within) };
    case "apply":
      return apply(value.op, ...value.args.map(within));
    case "splat":
      throw new RangeError("it is in lanes already");
  }
}
