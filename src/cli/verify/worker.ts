/** A thread that verifies the files it is sent, one after the other. */
import { parentPort } from "node:worker_threads";
import { createOracle } from "../../pipeline/activation.js";
import { createTimedProver } from "./claim.js";
import { reportOnFile, type FileTask } from "./folder.js";

const oracle = createOracle();
const prover = oracle.then(createTimedProver);

parentPort?.on(
  "message",
  (task: FileTask) =>
    void Promise.all([prover, oracle])
      .then((both) => reportOnFile(task, ...both))
      .then((report) => parentPort?.postMessage(report)),
);
