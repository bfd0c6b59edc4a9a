/** One loop over all patterns, in a thread of its own, so that no other loop's types slow it down. */
import { parentPort, workerData } from "node:worker_threads";
import { subjectOf, sweep } from "./sweep.mjs";

const { module, direction } = workerData;
const { loop, exact } = subjectOf(await import(module), direction);
parentPort.postMessage(sweep(loop, exact, 0, 2 ** 32));
