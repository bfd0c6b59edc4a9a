/** Names in graph modules: snake_case, no word that the language or the modules need, and locals distinct within a function. */
import { STEMS, type Naming } from "../../../codegen/names.js";
import type { Expr } from "../../../ir/expr.js";
import { isFree } from "../names.js";
import { HELPERS } from "./helpers.js";

/** Names that graph modules use themselves. */
const OWN = new Set([...Object.keys(HELPERS), "sizes"]);

/** `gateWeight` as `gate_weight`. */
export function identifier(name: string): string {
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll("__", "_");
  return isFree(snake) && !OWN.has(snake) ? snake : `${snake}_`;
}

/** The names in one function: no two of them are the same, so that no block hides a name of another. */
export class Locals implements Naming {
  constructor(
    private readonly used: Set<string>,
    private readonly texts = new Map<Expr, string>(),
  ) {}

  readonly of = (expr: Expr): string | undefined => this.texts.get(expr);

  readonly give = (expr: Expr): string => {
    const name = this.fresh(STEMS[expr.op] ?? "t");
    this.texts.set(expr, name);
    return name;
  };

  /** Says how a variable is written. */
  bind(expr: Expr, text: string): void {
    this.texts.set(expr, text);
  }

  /** `sum`, `sum2`, ... */
  fresh(stem: string): string {
    let name = identifier(stem);
    for (let i = 2; this.used.has(name); i++) name = `${identifier(stem)}${i}`;
    this.used.add(name);
    return name;
  }

  readonly nested = (): Locals => new Locals(this.used, new Map(this.texts));
}
