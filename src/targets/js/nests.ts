/**
 * Loop nests: what does not vary in a loop is computed before it.
 *
 * Levels: 0 is before the kernel's loops, 1 inside of its blocks, and from there one more for each loop of the nest.
 */
import { integerText } from "../../codegen/javascript/integers.js";
import { schedule } from "../../codegen/schedule.js";
import { variable } from "../../ir/build.js";
import { substitute, topological, variables, type Expr } from "../../ir/expr.js";
import { integerParts, isNatural, plus, position, times, type Integer } from "../../ir/graph/integer.js";
import type { Axis, Input } from "../../ir/graph/tensor.js";
import { blockEnd, blockStart, type Access, type Buffer, type ElementOf, type Guard } from "../../ir/kernel.js";
import type { KernelContext } from "./blocks.js";
import { ZERO, splitSum } from "../../codegen/loops/places.js";
import type { Scope } from "../../codegen/javascript/graph/scope.js";
import { writeBlock } from "../../codegen/javascript/spelling.js";
import { writeLoopBlock } from "./spelling.js";

/** In the innermost loop a mispredicted branch costs more than the work it saves. */
const LOOP_BRANCH_COST = 40;
const OUTER_BRANCH_COST = 8;

const OUTSIDE = 0;
const IN_BLOCK = 1;

/** A subexpression that was computed before the loop. */
const lifted = (expr: Expr): Expr => variable("wildcard", `lifted ${expr.id}`);

const isName = (text: string): boolean => /^[\w$.]+$/.test(text);

export class Nest {
  readonly scope: Scope;
  private readonly loops: readonly Axis[];
  /** Lines at the beginning of each level. */
  private readonly before: string[][];
  private readonly roots: readonly Expr[];
  private readonly levels = new Map<Expr, number>();
  private readonly conditions = new Map<string, string>();
  private readonly integerLevels = new Map<Integer, number>();

  /** `written`: what the step itself writes, so that it cannot be read before. */
  constructor(
    readonly kernel: KernelContext,
    axes: readonly Axis[],
    roots: readonly Expr[],
    private readonly written: readonly Buffer[],
  ) {
    this.loops = axes.filter((axis) => !kernel.isPlain(axis));
    this.scope = kernel.visible.nested();
    for (const axis of this.loops) kernel.variable(axis);
    this.before = Array.from({ length: this.innermost + 1 }, (_, level) => (level === OUTSIDE ? kernel.prelude : []));
    for (const root of roots) kernel.context.uses(root);
    this.roots = this.lift(roots);
  }

  get innermost(): number {
    return IN_BLOCK + this.loops.length;
  }

  /** Without loops of its own. */
  get isFlat(): boolean {
    return this.loops.length === 0;
  }

  /** The level inside of the loops along these axes, the first ones of the nest. */
  levelInside = (axes: readonly Axis[]): number =>
    IN_BLOCK + axes.filter((axis) => this.loops.some(({ name }) => name === axis.name)).length;

  private levelOf(integer: Integer): number {
    let level = this.integerLevels.get(integer);
    if (level === undefined) {
      level = Math.max(...integerParts(integer).map((part) => this.levelOfPart(part)));
      this.integerLevels.set(integer, level);
    }
    return level;
  }

  private levelOfPart(part: Integer): number {
    if (part.kind === "position") {
      const loop = this.loops.findIndex(({ name }) => name === part.name);
      if (loop < 0 && this.kernel.scope.of(part) === undefined) throw new RangeError(`no loop runs along ${part.name}`);
      return IN_BLOCK + 1 + loop;
    }
    if (part.kind === "element")
      return Math.max(OUTSIDE, ...part.tensor!.axes.map((axis) => this.levelOf(position(axis))));
    const isBlock = this.kernel.blocks.some(({ axis }) => part === blockStart(axis) || part === blockEnd(axis));
    return isBlock ? IN_BLOCK : OUTSIDE;
  }

  private levelOfAccess(access: Access): number {
    if (access.kind === "integer") return this.levelOf(access.value);
    if (access.kind === "random") return this.levelOf(access.index);
    const { buffer, at, guards } = access.element;
    if (this.written.includes(buffer)) return this.innermost;
    const places = [...at, ...guards.flatMap(({ place, size }) => [place, size])];
    const least = this.kernel.written.has(buffer) ? IN_BLOCK : OUTSIDE;
    return Math.max(least, ...places.map((place) => this.levelOf(place)));
  }

  /** Names what expressions load, computes what can be computed before the innermost loop, and gives what is left. */
  private lift(roots: readonly Expr[]): readonly Expr[] {
    const order = topological(roots);
    const users = new Map<Expr, (Expr | undefined)[]>(order.map((expr) => [expr, []]));
    for (const expr of order) {
      const access = this.kernel.access(expr);
      this.levels.set(
        expr,
        access === undefined
          ? Math.max(OUTSIDE, ...expr.args.map((arg) => this.levels.get(arg)!))
          : this.levelOfAccess(access),
      );
      for (const arg of expr.args) users.get(arg)!.push(expr);
    }
    for (const root of roots) users.get(root)!.push(undefined);

    const replacements = new Map<Expr, Expr>();
    for (let level = OUTSIDE; level <= this.innermost; level++) {
      const here = order.filter((expr) => this.levels.get(expr) === level);
      for (const expr of here) {
        const uses = users.get(expr)!;
        const once = uses.length === 1 && (uses[0] === undefined ? this.innermost : this.levels.get(uses[0])) === level;
        this.bindAccess(expr, level, once, uses);
      }
      if (level === this.innermost) break;
      const leaving = here.filter(
        (expr) =>
          expr.args.length > 0 && users.get(expr)!.some((user) => user === undefined || this.levels.get(user)! > level),
      );
      this.compute(leaving, replacements, level);
      for (const expr of leaving) replacements.set(expr, lifted(expr));
    }
    return roots.map((root) => substitute(root, replacements));
  }

  private compute(exprs: readonly Expr[], replacements: ReadonlyMap<Expr, Expr>, level: number): void {
    const open = exprs.filter((expr) => this.scope.of(lifted(expr)) === undefined);
    if (open.length === 0) return;
    const rewritten = open.map((expr) => substitute(expr, replacements));
    let texts: readonly string[] = [];
    const keep = (results: readonly string[]): string => {
      texts = results;
      return "";
    };
    // Twice, so that each gets a name.
    const lines = writeBlock(
      schedule([...rewritten, ...rewritten], { branchCost: OUTER_BRANCH_COST }),
      this.scopeAt(level),
      keep,
    );
    this.before[level]!.push(...lines.filter((line) => line !== ""));
    open.forEach((expr, i) => {
      const text = texts[i]!;
      this.scopeAt(level).bind(lifted(expr), isName(text) ? text : `(${text})`);
    });
  }

  private scopeAt = (level: number): Scope => (level === OUTSIDE ? this.kernel.outside : this.scope);

  /** Integers do not change: later steps of the block see those that are computed where they can see them. */
  private integerScope = (level: number): Scope => (level === IN_BLOCK ? this.kernel.visible : this.scopeAt(level));

  private bindAccess(expr: Expr, level: number, once: boolean, users: readonly (Expr | undefined)[]): void {
    const access = this.kernel.access(expr);
    if (access === undefined || this.scope.of(expr) !== undefined) return;
    const scope = this.scopeAt(level);
    const keep = (wanted: string, text: string, inline: boolean): void => {
      if (inline) return scope.bind(expr, text);
      const name = scope.claim(wanted);
      this.before[level]!.push(`const ${name} = ${text};`);
      scope.bind(expr, name);
    };
    if (access.kind === "integer") {
      const text = this.named(access.value, "place");
      return keep("place", text, true);
    }
    if (access.kind === "random") {
      this.kernel.context.uses("uniform");
      const { key } = this.kernel.context;
      const index = this.place(access.index, level, "draw");
      const draw = `uniform(${[...key, access.stream, index].join(", ")})`;
      // Nothing is below 0: where nothing is dropped, nothing is drawn.
      const bound = this.boundOf(expr, users);
      return keep("draw", bound === undefined ? draw : `${bound} <= 0 ? 0 : ${draw}`, false);
    }
    const { element } = access;
    const { buffer } = element;
    const text = this.load(element, level);
    const isRegister = this.kernel.home(buffer).kind === "variable";
    keep(`${buffer.name}Value`, text, isRegister || (once && !text.includes("?")));
  }

  /** The name of the one thing that a value is compared with, when it is used for nothing but whether it is less. */
  private boundOf(value: Expr, users: readonly (Expr | undefined)[]): string | undefined {
    const bounds = users.map((user) => {
      const [a, b] = user?.args ?? [];
      return user?.op === "lt" && a === value ? b : user?.op === "le" && b === value ? a : undefined;
    });
    const [bound] = bounds;
    if (bound === undefined || bounds.some((other) => other !== bound)) return undefined;
    return this.scope.of(bound) ?? this.scope.of(lifted(bound));
  }

  private load(element: ElementOf, level: number): string {
    const { buffer } = element;
    const flag = buffer.role === "input" ? this.kernel.context.flags.get(buffer) : undefined;
    const conditions = this.guards(element, level);
    const text = this.element(element, level);
    if (flag !== undefined && buffer.absent === 0) conditions.unshift(flag);
    const guarded = conditions.length === 0 ? text : `${conditions.join(" && ")} ? ${text} : 0`;
    return flag === undefined || buffer.absent === 0 ? guarded : `${flag} ? ${guarded} : ${buffer.absent}`;
  }

  /** An element as text, for lines of a level. */
  element({ buffer, at }: Pick<ElementOf, "buffer" | "at">, level: number): string {
    const home = this.kernel.home(buffer);
    if (home.kind === "variable") return home.variable;
    return `${home.array}[${this.place(this.offset(buffer, at), level, buffer.name)}]`;
  }

  offset(buffer: Buffer, at: readonly Integer[]): Integer {
    const home = this.kernel.home(buffer);
    if (home.kind !== "array") throw new RangeError(`"${buffer.name}" is not in an array`);
    const terms = at.map((place, i) => times(this.kernel.local(buffer, i, place), buffer.strides[i]!));
    return terms.reduce((sum, term) => plus(sum, term), home.base);
  }

  /** A place as text: what does not vary at this level is computed before. */
  place(offset: Integer, level: number, name: string): string {
    const [outer, inner] = splitSum(offset, (part) => this.levelOf(part) >= level);
    this.named(outer, `${name}At`);
    return this.text(plus(outer, inner));
  }

  text = (integer: Integer, least = 0): string => {
    // An element of an index tensor is loaded once.
    for (const part of integerParts(integer))
      if (part.kind === "element" && this.scope.of(part) === undefined)
        this.declare(part, `${(part.tensor as Input).name}Value`, this.kernel.nameIn(this.scope, part)!);
    return integerText(integer, this.scope.of, least);
  };

  /** The text of an integer that is computed once at its level. */
  named(integer: Integer, wanted: string): string {
    if (integer.args.length > 0 && this.scope.of(integer) === undefined)
      this.declare(integer, wanted, this.text(integer));
    return this.text(integer, 15);
  }

  private declare(integer: Integer, wanted: string, text: string): void {
    const level = this.levelOf(integer);
    const scope = this.integerScope(level);
    const name = scope.claim(wanted);
    this.before[level]!.push(`const ${name} = ${text};`);
    scope.bind(integer, name);
  }

  /** Conditions for an element to be inside. */
  guards({ buffer, at, guards }: ElementOf, level: number): string[] {
    const open = guards.filter(({ place, size }) => !(place.kind === "mod" && place.args[1] === size));
    return open.map((guard) => {
      const along = at.indexOf(guard.place);
      const name = along < 0 ? "place" : `${buffer.axes[along]!.name}Place`;
      return this.condition(guard, level, name);
    });
  }

  private condition({ place, size }: Guard, level: number, name: string): string {
    const key = `${place.text} in ${size.text}`;
    const known = this.conditions.get(key);
    if (known !== undefined) return known;
    const own = Math.max(this.levelOf(place), this.levelOf(size));
    const at = this.named(place, name);
    const text = `${isNatural(place) ? "" : `${at} >= 0 && `}${at} < ${this.text(size, 11)}`;
    if (own === level) return text;
    const inside = this.scopeAt(own).claim("inside");
    this.before[own]!.push(`const ${inside} = ${text};`);
    this.conditions.set(key, inside);
    return inside;
  }

  /** The lines of the innermost loop; `sink` writes the values. */
  body(sink: (values: readonly string[]) => string): string[] {
    return writeLoopBlock(
      schedule(this.roots, { branchCost: LOOP_BRANCH_COST }),
      this.scope.nested(),
      sink,
      this.isSteady,
    );
  }

  /** A condition on places, parameters and what does not vary in the innermost loop: it is nearly always as before. */
  private isSteady = (condition: Expr): boolean =>
    variables(condition).every((place) => {
      const access = this.kernel.access(place);
      return access === undefined || access.kind === "integer" || this.levels.get(place)! < this.innermost;
    });

  /** Lines inside the loops from one level to another. */
  inside(from: number, to: number, lines: readonly string[]): string[] {
    if (from === to) return [...lines];
    const axis = this.loops[from - IN_BLOCK]!;
    const name = this.kernel.variable(axis);
    const block = this.kernel.block(axis);
    const [first, end] = block === undefined ? [ZERO, axis.size] : [blockStart(axis), blockEnd(axis)];
    return [
      `for (let ${name} = ${this.text(first)}; ${name} < ${this.text(end, 11)}; ${name}++) {`,
      ...this.before[from + 1]!,
      ...this.inside(from + 1, to, lines),
      "}",
    ];
  }

  /** All of it: lines up to a level inside of the nest. */
  whole = (to: number, lines: readonly string[]): string[] => [
    ...this.before[IN_BLOCK]!,
    ...this.inside(IN_BLOCK, to, lines),
  ];
}
