/** Names in graph modules: snake_case, no word that the language or the modules need, and locals distinct within a function. */
import { STEMS, type Naming } from "../../../codegen/names.js";
import type { Expr } from "../../../ir/expr.js";
import { memberName } from "../names.js";

/** What modules call by these names. */
const NEEDED = new Set(
  (
    "abs array atomic bitcast bool f16 f32 floor i32 select sizes u32 vec3 vec4 storageBarrier workgroupBarrier " +
    "is_nan is_infinite infinity not_a_number product_error sum_error uniform_draw floor_quotient floor_remainder"
  ).split(" "),
);

/** `gateWeight` as `gate_weight`. */
export function identifier(name: string): string {
  const snake = memberName(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase());
  return NEEDED.has(snake) || snake.startsWith("precise_") ? `${snake}_` : snake;
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
