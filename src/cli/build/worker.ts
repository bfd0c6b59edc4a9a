/** A thread that compiles the tasks it is sent, one after the other. */
import { parentPort } from "node:worker_threads";
import type { Task } from "./plan.js";
import { answerTask } from "./task.js";

parentPort?.on("message", (task: Task) => void answerTask(task).then((answer) => parentPort?.postMessage(answer)));
