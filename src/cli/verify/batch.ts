/** `nonlin verify --batch`: one JSON object in per line, one out, in order and as they come. */
import { Diagnostic } from "../../diagnostic.js";
import { readBatchLine, type BatchItem } from "../../frontends/batch.js";
import type { Prover } from "../../symbolic/prove/prove.js";
import type { ExitCode } from "../commands.js";
import { diagnosticFields } from "../shell/failure.js";
import type { Terminal } from "../shell/terminal.js";
import { toJson } from "../shell/text.js";
import { proveGoal } from "./claim.js";
import { linesOf, type Line } from "./lines.js";
import { exitCode, milliseconds, proofFields, summary, tallyOf, type Tally } from "./report.js";

/** Answers every line of a file, or of stdin where the file is called "-". */
export async function verifyBatch(
  file: string,
  prover: Prover,
  explain: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const started = performance.now();
  const outcomes: (keyof Tally)[] = [];
  for await (const line of linesOf(file)) {
    const item = "text" in line ? await readBatchLine(line.text, line.number) : line;
    const { outcome, fields } = answerItem(item, prover, explain);
    outcomes.push(outcome);
    terminal.out(toJson({ id: idOf(item, line), ...fields }, 0));
  }
  if (outcomes.length === 0) throw new Diagnostic(`there is no line in ${file === "-" ? "the input" : file}`);
  const tally = tallyOf(outcomes);
  terminal.err(summary("line", tally, (performance.now() - started) / 1000, true));
  return exitCode(tally);
}

/** The id of a line that was given none is its number. */
const idOf = (item: BatchItem | Line, line: Line): string | number =>
  "id" in item && item.id !== undefined ? item.id : line.number;

function answerItem(
  item: BatchItem | (Line & { readonly mistake: Diagnostic }),
  prover: Prover,
  explain: boolean,
): { readonly outcome: keyof Tally; readonly fields: Readonly<Record<string, unknown>> } {
  if ("mistake" in item)
    return { outcome: "unreadable", fields: { verdict: "unknown", error: diagnosticFields(item.mistake), ms: 0 } };
  const { proof, milliseconds: time } = proveGoal(item.goal, prover);
  return { outcome: proof.verdict, fields: { ...proofFields(proof, explain), ms: milliseconds(time) } };
}
