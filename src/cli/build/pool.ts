/** Spreads tasks over threads. Results come in the order of the tasks, whichever thread was faster. */
import { availableParallelism } from "node:os";
import { Diagnostic } from "../../diagnostic.js";
import type { Task } from "./plan.js";
import type { Answer, Compiled } from "./task.js";
import { onThreads } from "../shell/threads.js";

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
  await onThreads<number, Answer>({
    script: new URL("./worker.js", import.meta.url),
    threads,
    groups,
    settle,
    name: (index) => tasks[index]!.subject.id,
    message: (index) => tasks[index]!,
  });
  return results;
}

/** The numbers of the tasks by subject: a thread that has compiled one for some target has done much for the others. */
function bySubject(tasks: readonly Task[]): number[][] {
  const groups = new Map<string, number[]>();
  tasks.forEach(({ subject }, index) => groups.set(subject.id, [...(groups.get(subject.id) ?? []), index]));
  return [...groups.values()];
}

function read(answer: Answer): Result {
  if ("compiled" in answer) return answer.compiled;
  const { message, ...place } = answer.mistake;
  return new Diagnostic(message, place);
}
