/** Threads that are sent tasks, one after the other. */
import { Worker } from "node:worker_threads";

export interface Work<Task, Answer> {
  readonly script: URL;
  readonly threads: number;
  /** Tasks of one group are done by one thread, in their order. */
  readonly groups: readonly (readonly Task[])[];
  readonly settle: (task: Task, answer: Answer) => void;
  /** The data that a thread gets for a task, where it is not the task itself. */
  readonly message?: (task: Task) => unknown;
  /** How a thread is called that ended by itself. */
  readonly name: (task: Task) => string;
  /** How long a task may take, and its answer where it took longer. */
  readonly limit?: { readonly milliseconds: number; readonly answer: (task: Task) => Answer };
}

/** Expressions live short: a larger nursery halves the time that collecting them takes. */
export const LIMITS = { maxYoungGenerationSizeMb: 128 };
const LATE = Symbol("late");

export async function onThreads<Task, Answer>(work: Work<Task, Answer>): Promise<void> {
  const { script, settle, limit } = work;
  const waiting = [...work.groups];
  const workers = new Set<Worker>();
  const start = (): Worker => {
    const worker = new Worker(script, { resourceLimits: LIMITS });
    workers.add(worker);
    return worker;
  };
  const serve = async (): Promise<void> => {
    let worker = start();
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
      for (const task of group) {
        const answer = await ask<Answer>(worker, work.message?.(task) ?? task, work.name(task), limit?.milliseconds);
        if (answer !== LATE) {
          settle(task, answer);
          continue;
        }
        settle(task, limit!.answer(task));
        workers.delete(worker);
        await worker.terminate();
        worker = start();
      }
  };
  try {
    await Promise.all(Array.from({ length: work.threads }, serve));
  } finally {
    await Promise.all([...workers].map((worker) => worker.terminate()));
  }
}

const ask = <Answer>(worker: Worker, message: unknown, name: string, limit?: number): Promise<Answer | typeof LATE> =>
  new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off("message", answered).off("error", failed).off("exit", ended);
      clearTimeout(timer);
      finish();
    };
    const answered = (answer: Answer): void => settle(() => resolve(answer));
    const failed = (error: Error): void => settle(() => reject(error));
    const ended = (): void => settle(() => reject(new Error(`the thread that worked on ${name} ended`)));
    const timer = limit === undefined ? undefined : setTimeout(() => settle(() => resolve(LATE)), limit);
    worker.on("message", answered).on("error", failed).on("exit", ended);
    worker.postMessage(message);
  });
