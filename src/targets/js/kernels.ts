/** Kernels as lines: loops over blocks, and their steps inside. */
import { integerText } from "../../codegen/javascript/integers.js";
import type { Integer } from "../../ir/graph/integer.js";
import {
  blockEnd,
  blockExtent,
  blockStart,
  buffersWritten,
  isPlain,
  plainSteps,
  type Block,
  type Buffer,
  type ElementOf,
  type Kernel,
  type PlainStep,
  type Step,
} from "../../ir/kernel.js";
import { joined, purposeOf, type Purpose, type Purposes } from "../../codegen/graph/purposes.js";
import { KernelContext, type FunctionContext } from "./blocks.js";
import { foldLines, storeLines } from "./folds.js";
import { ZERO } from "../../codegen/loops/places.js";
import { contractLines } from "./products.js";

/** The condition under which something is for anything; undefined for always. */
function conditionOf(purpose: Purpose, flags: FunctionContext["flags"]): string | undefined {
  if (purpose === "always" || purpose.size === 0) return undefined;
  return [...purpose].map((buffer) => flags.get(buffer)!).join(" || ");
}

/** `workspace`: how much of the workspace is kept between kernels. */
export function kernelLines(
  kernel: Kernel,
  context: FunctionContext,
  purposes: Purposes,
  workspace: Integer,
): string[] {
  const inside = new KernelContext(kernel, context, workspace);
  const { flags } = context;
  const whole = conditionOf(kernel.steps.map((step) => purposeOf(step, purposes)).reduce(joined, new Set()), flags);
  const clear = (tiles: boolean): string[] =>
    kernel.cleared.filter(({ role }) => (role === "tile") === tiles).flatMap((buffer) => clearLines(buffer, inside));
  const [cleared, clearedInBlocks] = [clear(false), clear(true)];
  const steps = stepLines(kernel.steps, inside, purposes, whole);
  const lines = [...cleared, ...blockLines(inside, [...clearedInBlocks, ...steps])];
  return [
    ...inside.prelude,
    `// ${describe(kernel)}`,
    ...(whole === undefined ? lines : [`if (${whole}) {`, ...lines, "}"]),
  ];
}

/** The lines of steps; neighbours that are for the same outputs stand under one condition. */
function stepLines(
  steps: readonly Step[],
  kernel: KernelContext,
  purposes: Purposes,
  whole: string | undefined,
): string[] {
  const lines: string[] = [];
  for (let i = 0; i < steps.length;) {
    const own = conditionOf(purposeOf(steps[i]!, purposes), kernel.context.flags);
    const condition = own === whole ? undefined : own;
    const group: Step[] = [];
    while (i < steps.length && conditionOf(purposeOf(steps[i]!, purposes), kernel.context.flags) === own)
      group.push(steps[i++]!);
    // Variables that conditional steps write are read outside of the condition, and so declared before it.
    const declared = condition === undefined ? [] : plainSteps(group).flatMap((step) => newRegisters(step, kernel));
    const part = condition === undefined ? kernel.scope : kernel.scope.nested();
    const body = kernel.within(part, () => group.flatMap((step) => linesOf(step, kernel, purposes, own)));
    if (condition === undefined) lines.push(...body);
    else lines.push(...declared.map((name) => `let ${name};`), `if (${condition}) {`, ...body, "}");
  }
  return lines;
}

function linesOf(step: Step, kernel: KernelContext, purposes: Purposes, condition: string | undefined): string[] {
  if (step.kind === "sweep") return loopLines(step.block, kernel, stepLines(step.steps, kernel, purposes, condition));
  if (step.kind === "contract") return contractLines(step, kernel);
  const flagOf = ({ buffer }: ElementOf): string | undefined => kernel.context.flags.get(buffer);
  const targets = (step.kind === "fold" ? step.folds : step.stores).map(({ to }) => to);
  // A condition that holds for the whole step has been tested before it.
  const flag = new Set(targets.map(flagOf)).size > 1 ? flagOf : () => undefined;
  return step.kind === "fold" ? foldLines(step, kernel, flag) : storeLines(step, kernel, flag);
}

/** The variables that a step is the first to write; they are declared by whoever asks. */
function newRegisters(step: PlainStep, kernel: KernelContext): string[] {
  return buffersWritten(step).flatMap((buffer) => {
    const home = kernel.home(buffer);
    if (home.kind !== "variable" || kernel.declared.has(home.variable)) return [];
    kernel.declared.add(home.variable);
    return [home.variable];
  });
}

/** The lines that set a buffer to 0 before steps add to it. */
function clearLines(buffer: Buffer, kernel: KernelContext): string[] {
  const home = kernel.home(buffer);
  if (home.kind === "variable") {
    kernel.declared.add(home.variable);
    return [`let ${home.variable} = 0;`];
  }
  const flag = kernel.context.flags.get(buffer);
  const condition = flag === undefined ? "" : `if (${flag}) `;
  if (buffer.role === "output") return [`${condition}${home.array}.fill(0);`];
  const [from, length] = [home.base, buffer.length].map((integer) => integerText(integer, kernel.name, 12));
  return [`${home.array}.fill(0, ${from}, ${home.base === ZERO ? length : `${from} + ${length}`});`];
}

const blockLines = (kernel: KernelContext, body: readonly string[]): readonly string[] =>
  kernel.kernel.blocks.reduceRight<readonly string[]>((lines, block) => loopLines(block, kernel, lines), body);

/** A loop over the blocks along an axis. */
function loopLines(block: Block, kernel: KernelContext, lines: readonly string[]): string[] {
  const { axis } = block;
  const text = (integer: Integer): string => integerText(integer, kernel.name, 11);
  const size = text(axis.size);
  if (isPlain(block)) {
    const name = kernel.variable(axis);
    return [`for (let ${name} = 0; ${name} < ${size}; ${name}++) {`, ...lines, "}"];
  }
  const [start, end, extent] = [text(blockStart(axis)), text(blockEnd(axis)), text(blockExtent(axis))];
  return [
    `for (let ${start} = 0; ${start} < ${size}; ${start} += ${extent}) {`,
    `const ${end} = Math.min(${size}, ${start} + ${extent});`,
    ...lines,
    "}",
  ];
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]!}`;

/** A description of a kernel for a comment: its results, the tiles on the way, and its loops and blocks. */
function describe({ steps, blocks }: Kernel): string {
  const written = [...new Set(plainSteps(steps).flatMap(buffersWritten))];
  const names = (tiles: boolean): string[] =>
    written.filter(({ role }) => (role === "tile") === tiles).map(({ name }) => name);
  const [between, results] = [names(true), names(false)];
  const plain = blocks.filter(isPlain).map(({ axis }) => axis.name);
  const several = blocks.filter((block) => !isPlain(block)).map(({ axis }) => axis.name);
  return [
    list(results),
    ...(between.length === 0 ? [] : [`by way of ${list(between)}`]),
    ...(plain.length === 0 ? [] : [`for each of ${list(plain)}`]),
    ...(several.length === 0 ? [] : [`in blocks of ${list(several)}`]),
  ].join(", ");
}
