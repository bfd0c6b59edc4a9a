/** A thread that compiles the tasks it is sent, one after the other. */
import { parentPort } from "node:worker_threads";
import { createOracle } from "../compile.js";
import { Diagnostic } from "../diagnostic.js";
import { diagnosticFields } from "./failure.js";
import type { Task } from "./plan.js";
import { compileTask, type Compiled } from "./task.js";

/** What comes back: classes do not survive the way between threads. */
export type Answer =
  | { readonly compiled: Compiled }
  | { readonly mistake: ReturnType<typeof diagnosticFields> }
  | { readonly failure: string };

const oracle = createOracle();

parentPort?.on("message", (task: Task) => {
  oracle
    .then((ready) => compileTask(task, ready))
    .then(
      (compiled): Answer => ({ compiled }),
      (error: unknown): Answer =>
        error instanceof Diagnostic
          ? { mistake: diagnosticFields(error) }
          : { failure: error instanceof Error ? error.message : String(error) },
    )
    .then((answer) => parentPort?.postMessage(answer));
});
