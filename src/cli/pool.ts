/** Spreads tasks over threads. Results come in the order of the tasks, whichever thread was faster. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Diagnostic } from "../diagnostic.js";
import type { Task } from "./plan.js";
import type { Answer, Compiled } from "./task.js";

/** With fewer tasks than this, starting threads costs more than it saves. */
const WORTH_A_THREAD = 6;
const MOST_THREADS = 4;

/** The result of a task: a definition that cannot be compiled does not keep the others from it. */
export type Result = Compiled | Diagnostic;

/** Compiles all tasks; `progress` hears of each one done. */
export async function compileAll(
  tasks: readonly Task[],
  progress: (done: number, task: Task) => void,
): Promise<readonly Result[]> {
  if (tasks.length === 0) return [];
  const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(tasks.length / WORTH_A_THREAD));
  if (threads < 2) return compileHere(tasks, progress);
  const results: Result[] = [];
  let next = 0;
  let done = 0;
  const serve = async (worker: Worker): Promise<void> => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = read(await ask(worker, tasks[index]!));
      progress(++done, tasks[index]!);
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
  return results;
}

async function compileHere(
  tasks: readonly Task[],
  progress: (done: number, task: Task) => void,
): Promise<readonly Result[]> {
  const { answerTask } = await import("./task.js");
  const results: Result[] = [];
  for (const task of tasks) progress(results.push(read(await answerTask(task))), task);
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

function read(answer: Answer): Result {
  if ("compiled" in answer) return answer.compiled;
  const { message, ...place } = answer.mistake;
  return new Diagnostic(message, place);
}
