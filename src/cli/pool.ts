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
  const groups = bySubject(tasks);
  const enough = Math.floor(tasks.length / WORTH_A_THREAD);
  const threads = Math.min(availableParallelism(), MOST_THREADS, enough, groups.length);
  const results: Result[] = [];
  let done = 0;
  const settle = (index: number, answer: Answer): void => {
    results[index] = read(answer);
    progress(++done, tasks[index]!);
  };
  if (threads < 2) {
    const { answerTask } = await import("./task.js");
    for (const index of groups.flat()) settle(index, await answerTask(tasks[index]!));
    return results;
  }
  const serve = async (worker: Worker): Promise<void> => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift())
      for (const index of group) settle(index, await ask(worker, tasks[index]!));
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

/** The numbers of the tasks by subject: a thread that has compiled one for some target has done much for the others. */
function bySubject(tasks: readonly Task[]): number[][] {
  const groups = new Map<string, number[]>();
  tasks.forEach(({ subject }, index) => groups.set(subject.id, [...(groups.get(subject.id) ?? []), index]));
  return [...groups.values()];
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
