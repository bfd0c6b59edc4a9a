/** The thread behind the rule of ESLint: findings for each file, and a signal to who waits for them. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { createOracle } from "../../pipeline/activation.js";
import { createTimedProver } from "../verify/claim.js";
import { reportOnFile, type FileTask } from "../verify/folder.js";
import type { Finding } from "../verify/format.js";

export interface Connection {
  readonly port: MessagePort;
  /** Becomes 1 as soon as there is an answer. */
  readonly answered: Int32Array<SharedArrayBuffer>;
}

export type Answer = { readonly findings: readonly Finding[] } | { readonly failure: string };

const { port, answered } = workerData as Connection;
const oracle = createOracle();
const prover = oracle.then(createTimedProver);

async function answerTo(task: FileTask): Promise<Answer> {
  try {
    const { report } = await reportOnFile(task, await prover, await oracle);
    return { findings: report.findings };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", async (task: FileTask) => {
  port.postMessage(await answerTo(task));
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
});
