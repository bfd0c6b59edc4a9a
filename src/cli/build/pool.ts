/** Spreads tasks over threads. Results come in the order of the tasks, whichever thread was faster. */
import { availableParallelism } from "node:os";
import { Diagnostic } from "../../diagnostic.js";
import { findGraph } from "../../catalogue.js";
import type { Task } from "./plan.js";
import type { Subject } from "./subjects.js";
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
  const groups = byActivation(tasks);
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

/**
 * The numbers of the tasks by activation, those with most tasks first: a thread that has compiled one for some target has done
 * much for the others, and for graphs with it.
 */
function byActivation(tasks: readonly Task[]): number[][] {
  const groups = new Map<string, number[]>();
  tasks.forEach(({ subject }, index) => {
    const id = activationIn(subject) ?? subject.id;
    groups.set(id, [...(groups.get(id) ?? []), index]);
  });
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

function activationIn(subject: Subject): string | undefined {
  if (subject.kind === "layer") return subject.activation?.id;
  return subject.kind === "graph" ? findGraph(subject.id)?.activations[0]?.id : subject.id;
}

function read(answer: Answer): Result {
  if ("compiled" in answer) return answer.compiled;
  const { message, ...place } = answer.mistake;
  return new Diagnostic(message, place);
}
