/** Reductions and stores of a kernel as lines. */
import { plus, position, times } from "../ir/graph/integer.js";
import type { ReductionName } from "../ir/graph/reductions.js";
import type { Axis } from "../ir/graph/tensor.js";
import type { ElementOf, Fold, Step } from "../ir/kernel.js";
import type { KernelContext } from "./js-blocks.js";
import { Nest } from "./js-nests.js";
import { ZERO } from "./js-places.js";

type FoldStep = Extract<Step, { readonly kind: "fold" }>;
type StoreStep = Extract<Step, { readonly kind: "store" }>;

interface OnePass {
  readonly accumulator: string;
  readonly begin: string;
  /** What else it keeps, and as what that begins. */
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

export function foldLines(step: FoldStep, kernel: KernelContext): string[] {
  const shared = step.folds.filter(({ how }) => ONE_PASS[how] !== undefined);
  const others = step.folds.filter(({ how }) => ONE_PASS[how] === undefined);
  return [
    ...(shared.length === 0 ? [] : onePassLines(step, shared, kernel)),
    ...others.flatMap((fold) => thresholdLines(step, fold, kernel)),
  ];
}

const nestOf = (step: FoldStep, folds: readonly Fold[], kernel: KernelContext): Nest =>
  new Nest(
    kernel,
    [...step.axes, ...step.over],
    folds.map(({ value }) => value),
    folds.map(({ to }) => to.buffer),
  );

function onePassLines(step: FoldStep, folds: readonly Fold[], kernel: KernelContext): string[] {
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
    ? nest.place(indexAlong(step.over), nest.innermost, "row")
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
    register === undefined ? storeText(fold.to, accumulator, fold.accumulate, nest, level) : [],
  );
  return nest.whole(level, [...begin, ...nest.inside(level, nest.innermost, body), ...end]);
}

/** Michelot 1986, as in the meaning of the reduction: values are computed again in every pass. */
function thresholdLines(step: FoldStep, fold: Fold, kernel: KernelContext): string[] {
  if (fold.how !== "threshold") throw new RangeError(`${fold.how} has to be taken apart`);
  const nest = nestOf(step, [fold], kernel);
  const level = nest.levelInside(step.axes);
  const [largest, threshold, next, sum, count] = ["largest", "threshold", "next", "sum", "count"].map((name) =>
    nest.scope.claim(name),
  ) as [string, string, string, string, string];
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
    "// It only grows, and each pass drops at least one element.",
    `for (let grows = ${next} === ${next}; grows; grows = ${next} > ${threshold}) {`,
    `${threshold} = ${next};`,
    `let ${sum} = 0;`,
    `let ${count} = 0;`,
    ...pass((value) =>
      [`if (${value} > ${threshold}) {`, `${sum} += ${value} - ${largest};`, `${count} += 1;`, "}"].join("\n"),
    ),
    `${next} = ${largest} + (${sum} - 1) / ${count};`,
    "}",
    ...storeText(fold.to, next, fold.accumulate, nest, level),
  ]);
}

export function storeLines(step: StoreStep, kernel: KernelContext, flags: readonly (string | undefined)[]): string[] {
  const nest = new Nest(
    kernel,
    step.axes,
    step.stores.map(({ value }) => value),
    step.stores.map(({ to }) => to.buffer),
  );
  const level = nest.innermost;
  // Written once first, so that what the places need stands before the lines that use them.
  const declarations = step.stores.flatMap(({ to, accumulate }) => {
    const register = accumulate ? undefined : registerOf(to, kernel);
    return register !== undefined && declares(register, kernel) ? [register] : [];
  });
  const writers = step.stores.map(({ to, accumulate }, i) => {
    const [before, after] = storeText(to, "\0", accumulate, nest, level).join("\n").split("\0") as [string, string];
    const flag = flags[i];
    return (value: string): string => `${flag === undefined ? "" : `if (${flag}) `}${before}${value}${after}`;
  });
  const body = nest.body((values) => values.map((value, i) => writers[i]!(value)).join("\n"));
  const [only] = declarations;
  const plain =
    declarations.length === 1 && step.stores.length === 1 && body.filter((line) => line.startsWith(`${only} =`));
  const lines =
    plain !== false && plain.length === 1 && !body.some((line) => line.startsWith("if ("))
      ? body.map((line) => (line === plain[0] ? `let ${line}` : line))
      : [...declarations.map((name) => `let ${name};`), ...body];
  return nest.whole(level, lines);
}

/** Lines that write a value where it belongs, if that is inside. */
function storeText(to: ElementOf, value: string, accumulate: boolean, nest: Nest, level: number): string[] {
  const { kernel } = nest;
  const register = registerOf(to, kernel);
  const declaration =
    register !== undefined && !accumulate && value !== "\0" && declares(register, kernel) ? "let " : "";
  const guards = nest.guards(to, level);
  const flag = value === "\0" ? undefined : kernel.context.flags.get(to.buffer);
  const conditions = [...(flag === undefined || to.buffer.role === "input" ? [] : [flag]), ...guards];
  const condition = conditions.length === 0 ? "" : `if (${conditions.join(" && ")}) `;
  return [`${condition}${declaration}${nest.element(to, level)} ${accumulate ? "+=" : "="} ${value};`];
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

/** Which element along some axes it is, in row-major order. */
const indexAlong = (axes: readonly Axis[]) =>
  axes.reduce((index, axis) => plus(times(index, axis.size), position(axis)), ZERO);
