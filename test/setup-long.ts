import { closeRun, openRun } from "./helpers/once-a-run.js";
import { provide } from "./helpers/provide.js";

/** What the long tests run on: every backend of Keras, tf.keras, and PyTorch 1.13 where it is installed. */
export function setup(): void {
  provide(["--full"]);
  openRun();
}

export const teardown = closeRun;
