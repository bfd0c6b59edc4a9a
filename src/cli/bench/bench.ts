/** `nonlin bench`: how fast the emitted loops are here, and how right, beside the formula as it is typed. */
import { Diagnostic } from "../../diagnostic.js";
import type { Definition } from "../../ir/definition.js";
import { formulaText } from "../../ir/print.js";
import type { Arguments } from "../shell/arguments.js";
import type { Run } from "../commands.js";
import { resolveGraphs } from "../shell/graph-subject.js";
import { readAssignments, resolveSubject } from "../shell/subject.js";
import { table, toJson } from "../shell/text.js";
import { BOUND, ROUNDS, measure, type Figures } from "./measure.js";
import { withModules } from "./modules.js";

const LENGTH = 1_000_000;
const LONGEST = 50_000_000;
const SHORT = 80;
/** ULP with which no digit is right. */
const LOST = 2 ** 24;

export const run: Run = async (given, terminal) => {
  const length = lengthOf(given);
  if ((await resolveGraphs(given)) !== undefined)
    throw new Diagnostic(`bench times elementwise activations, not ${given.positionals[0]!}`, {
      hint: "the folder bench of the repository times layers: layers.mjs and wasm.mjs",
    });
  const definition = await resolveSubject(given.positionals[0]!, readAssignments(given.all("param")));
  const figures = await withModules(definition, (candidates) => measure(candidates, length));
  const { id, formula } = definition;
  terminal.out(
    given.has("json")
      ? toJson({
          id,
          formula: formulaText(formula),
          length,
          node: process.versions.node,
          ...Object.fromEntries(figures),
        })
      : report(definition, length, figures),
  );
  return 0;
};

function lengthOf(given: Arguments): number {
  const text = given.value("length") ?? String(LENGTH);
  const length = Number(text);
  if (Number.isInteger(length) && length >= 1 && length <= LONGEST) return length;
  throw new Diagnostic(`--length is a whole number from 1 to ${LONGEST}, not "${text.slice(0, 40)}"`);
}

function report({ id, formula }: Definition, length: number, figures: ReadonlyMap<string, Figures>): string {
  const usual = figures.get("plain") ?? figures.get("js")!;
  const rows = [...figures].map(([name, { forward, backward, ulp, at }]) => [
    name,
    forward.toFixed(2),
    backward.toFixed(2),
    `${(usual.forward / forward).toFixed(1)} / ${(usual.backward / backward).toFixed(1)}`,
    ulp >= LOST ? `no digit right at ${at}` : `${ulp.toFixed(2)} at ${at}`,
  ]);
  const plain = figures.has("plain")
    ? ""
    : "The formula as it is typed is not there: it gives nothing near the function.\n";
  return (
    `${id}: ${formulaText(formula, SHORT)}\n` +
    `${length} numbers in [-${BOUND}, ${BOUND}), medians of ${ROUNDS} rounds in turn, Node ${process.versions.node}\n\n` +
    table([["", "forward, ns", "backward, ns", "times as fast", "largest error of forward, ULP of float32"], ...rows]) +
    plain
  );
}
