/** Which outputs the steps of a function are for: those that callers leave out need not be computed. */
import {
  buffersRead,
  buffersWritten,
  plainSteps,
  type Buffer,
  type GraphFunction,
  type PlainStep,
  type Step,
} from "../../ir/kernel.js";

/** The purpose of a step: the outputs that may be left out, or something that is always written. */
export type Purpose = ReadonlySet<Buffer> | "always";
export type Purposes = ReadonlyMap<PlainStep, Purpose>;

export const joined = (a: Purpose, b: Purpose): Purpose =>
  a === "always" || b === "always" ? "always" : new Set([...a, ...b]);
const sizeOf = (purpose: Purpose): number => (purpose === "always" ? Infinity : purpose.size);

/** Which outputs the steps of a function are for: what they write, and what others make of it. */
export function findPurposes(of: GraphFunction, mayBeLeftOut: (output: Buffer) => boolean): Purposes {
  const uses = new Map<Buffer, Purpose>();
  for (const output of of.outputs) uses.set(output, mayBeLeftOut(output) ? new Set([output]) : "always");
  const purposes = new Map<PlainStep, Purpose>();
  const steps = of.kernels.flatMap((kernel) => plainSteps(kernel.steps).map((step) => ({ kernel, step }))).reverse();
  // Blocks come one after the other, so that a step may be for one before it.
  for (let changed = true; changed;) {
    changed = false;
    for (const { kernel, step } of steps) {
      const purpose = buffersWritten(step)
        .map((buffer) => uses.get(buffer) ?? new Set<Buffer>())
        .reduce<Purpose>(joined, new Set());
      purposes.set(step, purpose);
      for (const buffer of buffersRead(step, kernel.accesses)) {
        const before = uses.get(buffer) ?? new Set();
        const after = joined(before, purpose);
        if (sizeOf(after) === sizeOf(before)) continue;
        uses.set(buffer, after);
        changed = true;
      }
    }
  }
  return purposes;
}

export const purposeOf = (step: Step, purposes: Purposes): Purpose =>
  plainSteps([step])
    .map((inner) => purposes.get(inner)!)
    .reduce(joined, new Set());
