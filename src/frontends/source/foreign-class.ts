/** Classes of other files whose instances keep their gradients: what stands in for one, as far as small engines agree. */
import { piecesOf } from "../interpreter/syntax.js";
import type { Span } from "../place.js";
import { parseSource } from "./parse.js";
import type { Reader } from "./reader.js";
import type { Expression, ExpressionOf, Source } from "./syntax.js";
import { recordOf, type Maker } from "./values.js";

export interface StandIns {
  /** The only class of another file that a piece of syntax makes instances of, by its name. */
  readonly madeIn: (body: unknown) => string | undefined;
  /** Does something while that name stands for the class that is taken for it. */
  readonly during: <Result>(name: string, action: (made: Maker) => Result) => Result | undefined;
}

type Call = ExpressionOf<"call"> & { readonly callee: ExpressionOf<"member"> };

/** `Value.make(data, ..., (out) => () => {...})`: a method of the class that is given a backward. */
const makesWith = (piece: Readonly<Record<string, unknown>>): Call | undefined => {
  const { kind, callee, args } = piece as unknown as Call;
  const isMember = kind === "call" && callee.kind === "member" && callee.object.kind === "name";
  return isMember && args.length > 1 && args.some((arg) => arg.kind === "function")
    ? (piece as unknown as Call)
    : undefined;
};

/** It keeps its first argument, by whatever name, and the function that it is given, or what that makes of it. */
function textOf(name: string, calls: readonly Call[]): string {
  const methods = new Map(calls.map((call) => [call.callee.name, call]));
  const statics = [...methods].map(([method, { args }]) => {
    const given = args.map((_, i) => `a${i}`);
    const at = args.findIndex((arg) => arg.kind === "function");
    const back = args[at] as ExpressionOf<"function">;
    const backward = back.node.args.length === 0 ? given[at]! : `${given[at]!}(out)`;
    return `static ${method}(${given.join(", ")}) { const out = new ${name}(a0); out._backward = ${backward}; return out; }`;
  });
  const fields = "this.data = data; this.value = data; this.val = data; this.grad = 0; this.gradient = 0;";
  const wanted = "this.requiresGrad = true; this.requires_grad = true;";
  return `class ${name} { constructor(data) { ${fields} ${wanted} } ${statics.join(" ")} }`;
}

export async function createStandIns({ statements }: Source, reader: Reader): Promise<StandIns> {
  const classes = new Map<string, ExpressionOf<"class">>();
  const places = new Map(
    statements.flatMap((each) =>
      each.kind === "foreign" ? each.names.map((name): readonly [string, Span] => [name, each]) : [],
    ),
  );
  const nameIn = (callee: Expression): string | undefined =>
    callee.kind === "name" && /^[A-Z]/.test(callee.name) && places.has(callee.name) ? callee.name : undefined;
  const namesIn = (body: unknown): ReadonlySet<string> =>
    new Set(
      [...piecesOf(body)].flatMap((piece) => {
        const call = makesWith(piece);
        const name =
          piece["kind"] === "new" ? nameIn(piece["callee"] as Expression) : call && nameIn(call.callee.object);
        return name === undefined ? [] : [name];
      }),
    );
  for (const name of namesIn(statements)) {
    const calls = [...piecesOf(statements)].flatMap((piece) => makesWith(piece) ?? []);
    const source = await parseSource(
      textOf(
        name,
        calls.filter((call) => nameIn(call.callee.object) === name),
      ),
      "a.ts",
    );
    const [declared] = source.statements;
    if (declared?.kind === "declare" && declared.value?.kind === "class")
      classes.set(name, placed(declared.value, places.get(name)!) as ExpressionOf<"class">);
  }

  return {
    madeIn: (body) => {
      const [only, ...others] = [...namesIn(body)].filter((name) => classes.has(name));
      return others.length === 0 ? only : undefined;
    },
    during: (name, action) => {
      const cell = reader.module.cells.get(name);
      const value = cell && reader.peek(classes.get(name)!);
      const made = recordOf(value)?.maker;
      if (cell === undefined || made === undefined) return undefined;
      const before = cell.content;
      cell.content = value!;
      try {
        return action(made);
      } finally {
        cell.content = before;
      }
    },
  };
}

/** Syntax that stands where the class is imported. */
function placed(node: unknown, { start, end }: Span): unknown {
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map((each) => placed(each, { start, end }));
  const parts = Object.entries(node).map(([key, part]) => [key, placed(part, { start, end })] as const);
  return { ...Object.fromEntries(parts), ...("start" in node && { start, end }) };
}
