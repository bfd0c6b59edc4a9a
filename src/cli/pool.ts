/** Spreads tasks over threads. Results come in the order of the tasks, whichever thread was faster. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Diagnostic } from "../diagnostic.js";
import type { Task } from "./plan.js";
import type { Compiled } from "./task.js";
import type { Answer } from "./worker.js";

/** With fewer tasks than this, starting threads costs more than it saves. */
const WORTH_A_THREAD = 6;
const MOST_THREADS = 4;

/** Compiles all tasks; `progress` hears of each one done. The first failure, in the order of the tasks, is thrown. */
export async function compileAll(
  tasks: readonly Task[],
  progress: (done: number, task: Task) => void,
): Promise<readonly Compiled[]> {
  if (tasks.length === 0) return [];
  const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(tasks.length / WORTH_A_THREAD));
  if (threads < 2) return compileHere(tasks, progress);
  const results: (Compiled | undefined)[] = [];
  const failures: unknown[] = [];
  let next = 0;
  let done = 0;
  const serve = async (worker: Worker): Promise<void> => {
    while (next < tasks.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = read(await ask(worker, tasks[index]!));
        progress(++done, tasks[index]!);
      } catch (error) {
        failures[index] = error;
      }
    }
  };
  const workers = Array.from(
    { length: threads },
    () =>
      // Expressions live short: a larger nursery halves the time that collecting them takes.
      new Worker(new URL("./worker.js", import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 128 } }),
  );
  try {
    await Promise.all(workers.map(serve));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  for (const failure of failures) if (failure !== undefined) throw failure;
  return results.map((result) => result!);
}

async function compileHere(
  tasks: readonly Task[],
  progress: (done: number, task: Task) => void,
): Promise<readonly Compiled[]> {
  const [{ compileTask }, { createOracle }] = await Promise.all([import("./task.js"), import("../compile.js")]);
  const oracle = await createOracle();
  const results: Compiled[] = [];
  for (const task of tasks) progress(results.push(await compileTask(task, oracle)), task);
  return results;
}

const ask = (worker: Worker, task: Task): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off("message", answered).off("error", failed).off("exit", ended);
      finish();
    };
    const answered = (answer: Answer): void => settle(() => resolve(answer));
    const failed = (error: Error): void => settle(() => reject(error));
    const ended = (): void => settle(() => reject(new Error(`the thread that compiled ${task.subject.id} ended`)));
    worker.on("message", answered).on("error", failed).on("exit", ended);
    worker.postMessage(task);
  });

function read(answer: Answer): Compiled {
  if ("compiled" in answer) return answer.compiled;
  if ("failure" in answer) throw new Error(answer.failure);
  const { message, ...place } = answer.mistake;
  throw new Diagnostic(message, place);
}
