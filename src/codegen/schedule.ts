/**
 * From a DAG to lines: what is used twice gets a name, what is used once is written in place, and what only one branch of
 * a costly case distinction needs is computed inside that branch. Linear in the nodes.
 */
import { topological, type Expr } from "../ir/expr.js";
import { OPERATIONS } from "../ir/ops.js";

export type Statement =
  | { readonly kind: "assign"; readonly target: Expr; readonly value: Expr }
  | {
      readonly kind: "branch";
      readonly target: Expr;
      readonly condition: Expr;
      readonly then: Block;
      readonly otherwise: Block;
    };

export interface Block {
  readonly statements: readonly Statement[];
  readonly results: readonly Expr[];
}

export interface Schedule extends Block {
  /** The nodes that get a name, in the order in which they are computed. */
  readonly named: ReadonlySet<Expr>;
}

export interface ScheduleOptions {
  /** A branch whose work costs at least this much (about nanoseconds) is only entered when it is taken. */
  readonly branchCost: number;
  /** The case distinctions that may be branches; all when absent. */
  readonly mayBranch?: (select: Expr) => boolean;
}

/** Operations written into one line before it is broken. */
const LONGEST_LINE = 10;
/** Case distinctions nested deeper than this are not worth their indentation. */
const DEEPEST = 6;

interface Region {
  readonly parent: Region | undefined;
  readonly depth: number;
  readonly select: Expr | undefined;
  readonly nodes: Expr[];
  cost: number;
  /** Cheap branches dissolve into the region around them. */
  dissolved: boolean;
}

const region = (parent: Region | undefined, select: Expr | undefined): Region => ({
  parent,
  depth: parent === undefined ? 0 : parent.depth + 1,
  select,
  nodes: [],
  cost: 0,
  dissolved: false,
});

function commonRegion(a: Region, b: Region): Region {
  let [p, q] = [a, b];
  while (p !== q) {
    if (p.depth >= q.depth) p = p.parent!;
    else q = q.parent!;
  }
  return p;
}

export function schedule(roots: readonly Expr[], options: ScheduleOptions): Schedule {
  const order = topological(roots);
  const uses = new Map<Expr, number>();
  for (const expr of order) for (const arg of expr.args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  for (const root of roots) uses.set(root, (uses.get(root) ?? 0) + 1);

  const top = region(undefined, undefined);
  const homes = new Map<Expr, Region>();
  const branches = new Map<Expr, readonly [Region, Region]>();
  const regions: Region[] = [];
  const visit = (expr: Expr, wanted: Region): void => {
    const before = homes.get(expr);
    homes.set(expr, before === undefined ? wanted : commonRegion(before, wanted));
  };
  for (const root of roots) visit(root, top);
  for (let i = order.length - 1; i >= 0; i--) {
    const expr = order[i]!;
    const home = homes.get(expr)!;
    if (expr.op === "select" && home.depth < DEEPEST && options.mayBranch?.(expr) !== false) {
      const pair = [region(home, expr), region(home, expr)] as const;
      branches.set(expr, pair);
      regions.push(...pair);
      visit(expr.args[0]!, home);
      visit(expr.args[1]!, pair[0]);
      visit(expr.args[2]!, pair[1]);
    } else for (const arg of expr.args) visit(arg, home);
    home.cost += OPERATIONS[expr.op].cost;
  }
  for (let i = regions.length - 1; i >= 0; i--) regions[i]!.parent!.cost += regions[i]!.cost;
  for (const pair of branches.values())
    if (Math.max(pair[0].cost, pair[1].cost) < options.branchCost) for (const side of pair) side.dissolved = true;
  const homeOf = (expr: Expr): Region => {
    let home = homes.get(expr)!;
    while (home.dissolved) home = home.parent!;
    return home;
  };
  for (const expr of order) if (expr.args.length > 0) homeOf(expr).nodes.push(expr);

  const named = new Set<Expr>();
  const weights = new Map<Expr, number>();
  const isBranch = (expr: Expr): boolean => branches.has(expr) && !branches.get(expr)![0].dissolved;

  const block = (home: Region, results: readonly Expr[]): Block => {
    const statements: Statement[] = [];
    for (const expr of home.nodes) {
      if (isBranch(expr)) {
        const [then, otherwise] = branches.get(expr)!;
        const [condition, a, b] = expr.args as [Expr, Expr, Expr];
        named.add(expr);
        statements.push({
          kind: "branch",
          target: expr,
          condition,
          then: block(then, [a]),
          otherwise: block(otherwise, [b]),
        });
        continue;
      }
      const weight = 1 + expr.args.reduce((sum, arg) => sum + (named.has(arg) ? 0 : (weights.get(arg) ?? 0)), 0);
      weights.set(expr, weight);
      const isResult = results.includes(expr) && uses.get(expr) === 1;
      const cheap = expr.op === "neg" && expr.args[0]!.args.length === 0;
      if (isResult || cheap || (uses.get(expr) === 1 && weight < LONGEST_LINE)) continue;
      named.add(expr);
      statements.push({ kind: "assign", target: expr, value: expr });
    }
    return { statements, results };
  };
  const { statements } = block(top, roots);
  return { statements, results: roots, named };
}
