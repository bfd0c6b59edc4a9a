/** A thread that verifies the files it is sent, one after the other. */
import { parentPort } from "node:worker_threads";
import { createOracle } from "../compile.js";
import { createTimedProver } from "./verify-claim.js";
import { reportOnFile, type FileTask } from "./verify-folder.js";

const oracle = createOracle();
const prover = oracle.then(createTimedProver);

parentPort?.on(
  "message",
  (task: FileTask) =>
    void Promise.all([prover, oracle])
      .then((both) => reportOnFile(task, ...both))
      .then((report) => parentPort?.postMessage(report)),
);
