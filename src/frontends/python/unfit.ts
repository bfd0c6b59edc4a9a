/** Why an argument of a function of a library does not fit. */
import type { Reason } from "../place.js";

/** The caller knows where the argument is. */
export class Unfit extends Error {
  constructor(
    readonly reason: Reason,
    readonly parameter: string | undefined,
  ) {
    super(reason.message);
  }
}
