/** Expressions as statements of loops: what is used twice gets a name, and what loops do not have is the host's. */
import { leafValue } from "../../ir/evaluate.js";
import { node, rebuild, topological, variableOf, variables, type Expr } from "../../ir/expr.js";
import { apply, assign, call, constantOf, letBe, local, type Statement, type Value } from "../../ir/loops/loops.js";
import { EXPONENTS, type LoopOperationName } from "../../ir/loops/operations.js";
import { elementOf } from "../../ir/loops/types.js";
import type { OperationName } from "../../ir/ops.js";
import { STEMS } from "../names.js";
import { schedule, type Block, type Statement as Scheduled } from "../schedule.js";

/** Numbers of arrays are float32; between a load and a store they are computed in this. */
export type Computed = "f64" | "f32";

type Branch = Extract<Scheduled, { readonly kind: "branch" }>;

/** A maker of names: the wanted one, or with a number where that is taken. */
export type Fresh = (stem: string) => string;

export function freshNames(taken: readonly string[]): Fresh {
  const used = new Set(taken);
  return (stem) => {
    let name = stem;
    for (let i = 1; used.has(name); i++) name = `${stem}${i}`;
    used.add(name);
    return name;
  };
}

/** Case distinctions that are bounds, as such: a < b ? b : a. */
export const withBounds = (root: Expr): Expr =>
  rebuild([root], (expr) => {
    const [condition, yes, no] = expr.args;
    if (expr.op !== "select" || condition!.op !== "lt") return expr;
    const [a, b] = condition!.args;
    if (yes === b && no === a) return node("max", a!, b!);
    return yes === a && no === b ? node("min", b!, a!) : expr;
  }).get(root)!;

export interface Context {
  /** The values of variables. */
  readonly bound: ReadonlyMap<string, Value>;
  readonly fresh: Fresh;
  readonly computed: Computed;
  /**
   * Whether an expression is the same for all elements: what is costly and such a condition leaves out is not computed. Absent:
   * none is known to be.
   */
  readonly isSteady?: (expr: Expr) => boolean;
}

/** Work that is worth a branch: about that of an exponential. */
const BRANCH_COST = 8;

/** Statements that compute expressions, and what their values then are. */
export function lines(
  roots: readonly Expr[],
  { bound, fresh, computed, isSteady }: Context,
): { readonly statements: readonly Statement[]; readonly results: readonly Value[] } {
  const scheduled = schedule(roots, {
    branchCost: BRANCH_COST,
    mayBranch: (select) => isSteady?.(select.args[0]!) === true && !isSteady(select),
  });
  const borders = bordersIn(roots);
  const values = new Map<Expr, Value>();
  /** The floats of each expression; those of a condition are what it compares. */
  const floats = new Map<Expr, Computed>();
  const floatsOf = ({ op, args }: Expr): Computed => {
    const given = args.find((arg) => !isNumber(arg));
    return op === "double" ? "f64" : given === undefined ? computed : floats.get(given)!;
  };
  /** Sums in which whole numbers are the exponents of powers of two. */
  const exponents = new Map<Expr, Value>();
  const compute = (root: Expr, into: Statement[]): Value => {
    for (const expr of topological([root], values)) {
      if (expr.op === "round") {
        const sum = withExponents(values.get(expr.args[0]!)!);
        const to = local(sum.type, fresh("e"));
        into.push(letBe(to, sum));
        exponents.set(expr, to);
      }
      const [whole, more] = expr.args;
      if (expr.op === "add" && exponents.has(whole!) && isNumber(more!)) {
        const sum = exponents.get(whole!)!;
        exponents.set(expr, apply("add", sum, constantOf(floatsOf(whole!), leafValue(more!))));
      }
      const value =
        expr.op === "variable" ? bound.get(variableOf(expr).name) : valueOf(expr, values, exponents, floatsOf(expr));
      if (value === undefined) throw new RangeError(`nothing says what ${variableOf(expr).name} is`);
      values.set(expr, value);
      const element = elementOf(value.type);
      // In lanes a truth has the bits of what is compared.
      if (expr.op === "select" && element !== floatsOf(expr.args[0]!))
        throw new RangeError(`a choice between ${element} is by a comparison of ${floatsOf(expr.args[0]!)}`);
      floats.set(expr, element === "f32" || element === "f64" ? element : floatsOf(expr));
      const isNamed = scheduled.named.has(expr)
        ? value.kind !== "constant"
        : borders.has(expr) && value.kind === "apply";
      if (!isNamed) continue;
      const to = local(value.type, fresh(STEMS[expr.op] ?? "t"));
      into.push(letBe(to, value));
      values.set(expr, to);
    }
    return values.get(root)!;
  };
  const all = (block: Block): Statement[] => {
    const into: Statement[] = [];
    for (const statement of block.statements) {
      if (statement.kind === "assign") compute(statement.target, into);
      else into.push(...branch(statement, compute(statement.condition, into)));
    }
    return into;
  };
  /** A branch keeps what it leaves in the lanes that take it, which are all or none. */
  const branch = ({ target, then, otherwise }: Branch, condition: Value): Statement[] => {
    const to = local(computed, fresh(STEMS.select ?? "t"));
    const side = (block: Block, isLeft: Value): Statement[] => {
      const into = all(block);
      into.push(assign(to, apply("select", isLeft, to, compute(block.results[0]!, into))));
      return into;
    };
    const sides = { then: side(then, apply("not", condition)), otherwise: side(otherwise, condition) };
    values.set(target, to);
    floats.set(target, computed);
    return [letBe(to, constantOf(computed, 0)), { kind: "if", condition, ...sides }];
  };
  const statements = scheduled.statements.some(({ kind }) => kind === "branch") ? all(scheduled) : [];
  return { statements, results: roots.map((root) => compute(root, statements)) };
}

/**
 * The places where numbers enter or leave float64 on the way: in lanes one is made of two halves, and what follows takes it as one.
 * Those of parameters alone are the same in all lanes.
 */
const bordersIn = (roots: readonly Expr[]): ReadonlySet<Expr> =>
  new Set(
    topological(roots)
      .flatMap((expr) =>
        expr.op === "double" ? expr.args : expr.op === "single" && !roots.includes(expr) ? [expr] : [],
      )
      .filter((expr) => variables(expr).some((one) => variableOf(one).role !== "parameter")),
  );

/** Operations that loops have, by those of expressions. */
const DIRECT: { readonly [K in OperationName]?: LoopOperationName } = {
  add: "add",
  sub: "sub",
  mul: "mul",
  div: "div",
  neg: "neg",
  abs: "abs",
  sqrt: "sqrt",
  max: "greatest",
  min: "least",
  lt: "lt",
  le: "le",
  eq: "eq",
  and: "and",
  or: "or",
  not: "not",
  select: "select",
};

const exponentsOf = (floats: Computed): Value => constantOf(floats, EXPONENTS[floats]);
const withExponents = (of: Value): Value => apply("add", of, exponentsOf(elementOf(of.type) === "f32" ? "f32" : "f64"));

/** Powers of two in steps of 128. */
const STEPS = 128;

/** An expression whose operands have values; operations that loops do not have are functions of the host's. */
function valueOf(
  expr: Expr,
  values: ReadonlyMap<Expr, Value>,
  exponents: ReadonlyMap<Expr, Value>,
  floats: Computed,
): Value {
  const { op, args } = expr;
  if (args.length === 0) return constantOf(floats, leafValue(expr));
  // The nearest whole number, and 0 for those near it on either side.
  if (op === "round") return apply("sub", exponents.get(expr)!, exponentsOf(floats));
  if (op === "exp2Steps") {
    const [steps, exponent] = args[0]!.args;
    if (args[0]!.op !== "mul" || leafValue(steps!) !== STEPS) throw new RangeError("only whole powers of two are bits");
    return apply("powerOfTwo", exponents.get(exponent!) ?? withExponents(values.get(exponent!)!));
  }
  const operands = args.map((arg) => (isNumber(arg) ? constantOf(floats, leafValue(arg)) : values.get(arg)!));
  const [operand] = operands as [Value];
  if (op === "double") return elementOf(operand.type) === "f64" ? operand : apply("widen", operand);
  if (op === "single") return elementOf(operand.type) === "f32" ? operand : apply("narrow", operand);
  const direct = DIRECT[op];
  return direct === undefined ? call(op, ...operands) : apply(direct, ...operands);
}

/** A constant: of whatever floats it stands among. */
const isNumber = ({ op, args }: Expr): boolean => args.length === 0 && op !== "variable";
