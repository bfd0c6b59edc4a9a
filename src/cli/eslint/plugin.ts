/**
 * `nonlin/eslint`: a rule of ESLint that reports derivatives that are wrong, at their place.
 *
 * Rules answer at once, and proving does not: files are verified by a thread, and the rule waits for its answer.
 */
import { MessageChannel, Worker, receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import type { Answer, Connection } from "./worker.js";
import { LIMITS } from "../shell/threads.js";
import type { FileTask } from "../verify/folder.js";
import type { Finding } from "../verify/format.js";
import { isSource } from "../verify/source.js";

/** As much of ESLint's context as the rule uses. */
interface Context {
  readonly filename: string;
  readonly sourceCode: { readonly ast: unknown; readonly text?: string };
  readonly options: readonly unknown[];
  report(problem: { readonly loc: { readonly line: number; readonly column: number }; readonly message: string }): void;
}

/** A file that takes longer, the start of the thread included, is given up. */
const LONGEST = 60_000;

/** A thread that starts with the first file, and anew after a file that was given up. */
class Verifier {
  #thread:
    { readonly worker: Worker; readonly port: MessagePort; readonly answered: Connection["answered"] } | undefined;

  findings(task: FileTask): readonly Finding[] {
    const { worker, port, answered } = (this.#thread ??= this.#start());
    Atomics.store(answered, 0, 0);
    worker.postMessage(task);
    if (Atomics.wait(answered, 0, 0, LONGEST) === "timed-out") {
      this.#thread = undefined;
      void worker.terminate();
      return [];
    }
    const { message } = receiveMessageOnPort(port) as { readonly message: Answer };
    if ("failure" in message) throw new Error(`nonlin failed: ${message.failure}`);
    return message.findings;
  }

  #start() {
    const { port1, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      workerData: { port: port2, answered } satisfies Connection,
      transferList: [port2],
      resourceLimits: LIMITS,
    });
    // The linter ends when it is done, and the thread with it.
    worker.unref();
    return { worker, port: port1, answered };
  }
}

const verifier = new Verifier();

const derivatives = {
  meta: {
    type: "problem",
    docs: { description: "Derivatives that are proved to be wrong, with an input at which they are" },
    schema: [
      { type: "object", properties: { tolerance: { type: "number", minimum: 0 } }, additionalProperties: false },
    ],
  },
  create: (context: Context) => ({
    Program(): void {
      const { filename: file, sourceCode, options } = context;
      const { text } = sourceCode;
      if (text === undefined || !isSource(file)) return;
      const { tolerance = 0 } = (options[0] ?? {}) as { readonly tolerance?: number };
      const wishes = { tolerance, explain: false, format: "github", certify: false } as const;
      for (const { level, line, column, message } of verifier.findings({ file, text, wishes }))
        // Only what is wrong: the unknown is no mistake.
        if (level === "error") context.report({ loc: { line, column: column - 1 }, message });
    },
  }),
} as const;

export const nonlin = { meta: { name: "nonlin" }, rules: { derivatives } };

/** A configuration that has the rule for whatever files are linted. */
export const recommended = {
  name: "nonlin/recommended",
  plugins: { nonlin },
  rules: { "nonlin/derivatives": "error" },
} as const;
