/**
 * Names inside an emitted function of a graph: those of expressions, of integers and of everything else that has one.
 */
import { STEMS, type Naming } from "../../names.js";
import type { Expr } from "../../../ir/expr.js";
import type { Integer } from "../../../ir/graph/integer.js";

/** Words that no variable can be called, and globals that the code uses. */
const TAKEN =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
  "finally for function if implements import in instanceof interface let new null package private protected public " +
  "return static super switch this throw true try typeof undefined var void while with yield async of " +
  "Math Number NaN Infinity Object Array Float32Array Float64Array Int32Array Uint8Array RangeError TypeError";

export class Scope implements Naming {
  private readonly names = new Map<Expr | Integer, string>();
  /** Where it puts what is bound. */
  private binds: Scope = this;

  private constructor(
    private readonly taken: readonly Set<string>[],
    private readonly outer: Scope | undefined,
  ) {}

  /** The scope of a function in a module that has these names. */
  static create(names: Iterable<string>): Scope {
    return new Scope([new Set([...TAKEN.split(" "), ...names])], undefined);
  }

  /** A name that nothing has: the wanted one, else the alternative, else one with a number. */
  claim(wanted: string, alternative?: string): string {
    const word = wanted.replace(/[^\w$]/g, "_").replace(/^(?=\d)/, "_");
    let name = word;
    if (this.isTaken(name) && alternative !== undefined) name = alternative;
    for (let i = 1; this.isTaken(name); i++) name = `${alternative ?? word}${i}`;
    for (const set of this.taken) set.add(name);
    return name;
  }

  private isTaken(name: string): boolean {
    return this.taken.some((set) => set.has(name));
  }

  of = (thing: Expr | Integer): string | undefined => this.names.get(thing) ?? this.outer?.of(thing);

  /** Says what something is called. */
  bind(thing: Expr | Integer, name: string): void {
    this.binds.names.set(thing, name);
  }

  give = (expr: Expr): string => {
    const name = this.claim(STEMS[expr.op] ?? "t");
    this.bind(expr, name);
    return name;
  };

  /** A scope whose bindings stay inside; the names that it claims are taken everywhere in the function. */
  nested = (): Scope => new Scope(this.taken, this);

  /** A scope whose bindings stay inside, and whose claimed names are free again after it. */
  part = (): Scope => new Scope([new Set(this.taken.flatMap((set) => [...set]))], this);

  /** For lines before those of a part: the part sees what they bind, and their names stay taken out here. */
  before(part: Scope): Scope {
    const scope = new Scope([...this.taken, ...part.taken], part);
    scope.binds = part;
    return scope;
  }
}
