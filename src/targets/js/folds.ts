/** Reductions and stores of a kernel as lines. */
import { rowMajorNumber } from "../../ir/graph/integer.js";
import { isThreshold, type ReductionName, type ThresholdName } from "../../ir/graph/reductions.js";
import type { ElementOf, Fold, Step } from "../../ir/kernel.js";
import type { KernelContext } from "./blocks.js";
import { Nest } from "./nests.js";

type FoldStep = Extract<Step, { readonly kind: "fold" }>;
type StoreStep = Extract<Step, { readonly kind: "store" }>;

interface OnePass {
  readonly accumulator: string;
  readonly begin: string;
  /** A second accumulator and its initial value. */
  readonly beside?: { readonly name: string; readonly begin: string };
  readonly each: (accumulator: string, value: string, beside: string, index: string) => string;
}

/** NaN stays: nothing is larger than it, and it is only replaced where it is not yet. */
const LARGER = (largest: string, value: string): string => `!(${value} <= ${largest}) && ${largest} === ${largest}`;

/** The reductions for which one look at each element is enough. */
const ONE_PASS: { readonly [K in ReductionName]?: OnePass } = {
  sum: { accumulator: "sum", begin: "0", each: (sum, value) => `${sum} += ${value};` },
  max: {
    accumulator: "largest",
    begin: "-Infinity",
    each: (largest, value) => `if (${LARGER(largest, value)}) ${largest} = ${value};`,
  },
  argmax: {
    accumulator: "place",
    begin: "0",
    beside: { name: "largest", begin: "-Infinity" },
    each: (place, value, largest, index) =>
      [`if (${LARGER(largest, value)}) {`, `${largest} = ${value};`, `${place} = ${index};`, "}"].join("\n"),
  },
};

/** The variable that says whether to write to a buffer; undefined where that need not be asked. */
export type FlagOf = (to: ElementOf) => string | undefined;

export function foldLines(step: FoldStep, kernel: KernelContext, flag: FlagOf): string[] {
  const shared = step.folds.filter(({ how }) => ONE_PASS[how] !== undefined);
  const others = step.folds.filter(({ how }) => ONE_PASS[how] === undefined);
  return [
    ...(shared.length === 0 ? [] : onePassLines(step, shared, kernel, flag)),
    ...others.flatMap((fold) => thresholdLines(step, fold, kernel, flag)),
  ];
}

const nestOf = (step: FoldStep, folds: readonly Fold[], kernel: KernelContext): Nest =>
  new Nest(
    kernel,
    [...step.axes, ...step.over],
    folds.map(({ value }) => value),
    folds.map(({ to }) => to.buffer),
  );

function onePassLines(step: FoldStep, folds: readonly Fold[], kernel: KernelContext, flag: FlagOf): string[] {
  const nest = nestOf(step, folds, kernel);
  const level = nest.levelInside(step.axes);
  const rows = folds.map((fold) => {
    const pass = ONE_PASS[fold.how]!;
    const register = fold.accumulate ? undefined : registerOf(fold.to, kernel);
    return {
      fold,
      pass,
      register,
      accumulator: register ?? nest.scope.claim(pass.accumulator),
      beside: pass.beside === undefined ? "" : nest.scope.claim(pass.beside.name),
    };
  });
  const begin = rows.flatMap(({ pass, register, accumulator, beside }) => [
    `${register === undefined || declares(register, kernel) ? "let " : ""}${accumulator} = ${pass.begin};`,
    ...(pass.beside === undefined ? [] : [`let ${beside} = ${pass.beside.begin};`]),
  ]);
  const index = folds.some(({ how }) => how === "argmax")
    ? nest.place(rowMajorNumber(step.over), nest.innermost, "row")
    : "";
  const body = nest.body((values) =>
    rows
      .map(({ pass, accumulator, beside }, i) => {
        if (pass.begin === "0" && pass.beside === undefined) return pass.each(accumulator, values[i]!, beside, index);
        const [lines, value] = asName(values[i]!, nest);
        return [...lines, pass.each(accumulator, value, beside, index)].join("\n");
      })
      .join("\n"),
  );
  const end = rows.flatMap(({ fold, register, accumulator }) =>
    register === undefined ? resultLine(fold, accumulator, nest, level, flag) : [],
  );
  return nest.whole(level, [...begin, ...nest.inside(level, nest.innermost, body), ...end]);
}

/** The sums of a pass over the elements above the threshold t, m the largest, and the threshold after it. */
interface Threshold {
  readonly comment: string;
  readonly sums: readonly [string, string];
  readonly add: (value: string, t: string, m: string) => readonly [string, string];
  readonly next: (first: string, second: string, t: string, m: string) => string;
}

const THRESHOLDS: { readonly [K in ThresholdName]: Threshold } = {
  // Michelot 1986.
  threshold: {
    comment: "It only grows, and each pass drops at least one element.",
    sums: ["sum", "count"],
    add: (value, _, m) => [`${value} - ${m}`, "1"],
    next: (sum, count, _, m) => `${m} + (${sum} - 1) / ${count}`,
  },
  squareThreshold: {
    comment: "Newton's method from below: it only grows.",
    sums: ["squares", "sum"],
    add: (value, t) => [`(${value} - ${t}) * (${value} - ${t})`, `${value} - ${t}`],
    next: (squares, sum, t) => `${t} + (${squares} - 1) / (2 * ${sum})`,
  },
};

/** As in the meaning of the reduction: values are computed again in every pass. */
function thresholdLines(step: FoldStep, fold: Fold, kernel: KernelContext, flag: FlagOf): string[] {
  if (!isThreshold(fold.how)) throw new RangeError(`${fold.how} has to be taken apart`);
  const { comment, sums, add, next: after } = THRESHOLDS[fold.how];
  const nest = nestOf(step, [fold], kernel);
  const level = nest.levelInside(step.axes);
  const [largest, threshold, next, first, second, grows] = ["largest", "threshold", "next", ...sums, "grows"].map(
    (name) => nest.scope.claim(name),
  ) as [string, string, string, string, string, string];
  const pass = (each: (value: string) => string): string[] =>
    nest.inside(
      level,
      nest.innermost,
      nest.body(([text]) => {
        const [lines, value] = asName(text!, nest);
        return [...lines, each(value)].join("\n");
      }),
    );
  return nest.whole(level, [
    `let ${largest} = -Infinity;`,
    ...pass((value) => ONE_PASS.max!.each(largest, value, "", "")),
    `let ${threshold} = ${largest} - 1;`,
    `let ${next} = ${largest} - ${largest} === 0 ? ${threshold} : NaN;`,
    `// ${comment}`,
    `for (let ${grows} = ${next} === ${next}; ${grows}; ${grows} = ${next} > ${threshold}) {`,
    `${threshold} = ${next};`,
    `let ${first} = 0;`,
    `let ${second} = 0;`,
    ...pass((value) => {
      const [a, b] = add(value, threshold, largest);
      return [`if (${value} > ${threshold}) {`, `${first} += ${a};`, `${second} += ${b};`, "}"].join("\n");
    }),
    `${next} = ${after(first, second, threshold, largest)};`,
    "}",
    resultLine(fold, next, nest, level, flag),
  ]);
}

export function storeLines(step: StoreStep, kernel: KernelContext, flag: FlagOf): string[] {
  const nest = new Nest(
    kernel,
    step.axes,
    step.stores.map(({ value }) => value),
    step.stores.map(({ to }) => to.buffer),
  );
  const fresh = step.stores.flatMap(({ to, accumulate }) => {
    const register = accumulate ? undefined : registerOf(to, kernel);
    return register !== undefined && declares(register, kernel) ? [register] : [];
  });
  // Made before the body, so that what the places need stands before the lines that use them.
  const writers = step.stores.map(({ to, accumulate }) => writer(to, accumulate, nest, nest.innermost, flag));
  let times = 0;
  const body = nest.body((values) => {
    times++;
    return values.map((value, i) => writers[i]!(value)).join("\n");
  });
  // Written in one place, a variable can be declared there.
  const last = body.length - 1;
  const declared =
    times === 1 && fresh.length === 1 && step.stores.length === 1 && nest.isFlat
      ? [...body.slice(0, last), `let ${body[last]!}`]
      : [...fresh.map((name) => `let ${name};`), ...body];
  return nest.isFlat
    ? nest.whole(nest.innermost, declared)
    : [...fresh.map((name) => `let ${name};`), ...nest.whole(nest.innermost, body)];
}

/** Writes a value where it belongs, if that is inside. */
function writer(
  to: ElementOf,
  accumulate: boolean,
  nest: Nest,
  level: number,
  flagOf: FlagOf,
): (value: string) => string {
  const guards = nest.guards(to, level);
  const flag = flagOf(to);
  const conditions = flag === undefined ? guards : [flag, ...guards];
  const condition = conditions.length === 0 ? "" : `if (${conditions.join(" && ")}) `;
  const element = nest.element(to, level);
  return (value) => `${condition}${element} ${accumulate ? "+=" : "="} ${value};`;
}

/** The result of a fold written where it belongs; a variable that is new is declared. */
function resultLine({ to, accumulate }: Fold, value: string, nest: Nest, level: number, flag: FlagOf): string {
  const register = registerOf(to, nest.kernel);
  const isNew = register !== undefined && !accumulate && declares(register, nest.kernel);
  return `${isNew ? "let " : ""}${writer(to, accumulate, nest, level, flag)(value)}`;
}

const registerOf = (to: ElementOf, kernel: KernelContext): string | undefined => {
  const home = kernel.home(to.buffer);
  return home.kind === "variable" ? home.variable : undefined;
};

/** Whether this is the first line that mentions a register. */
function declares(register: string, kernel: KernelContext): boolean {
  const first = !kernel.declared.has(register);
  kernel.declared.add(register);
  return first;
}

/** A value that is used more than once. */
function asName(text: string, nest: Nest): readonly [lines: readonly string[], name: string] {
  if (/^[\w$]+$/.test(text)) return [[], text];
  const name = nest.scope.claim("element");
  return [[`const ${name} = ${text};`], name];
}
