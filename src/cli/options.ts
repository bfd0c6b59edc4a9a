/** Values that several commands' options share. */
import type { Saving } from "../compile.js";

export const SAVINGS: readonly Saving[] = ["auto", "input", "output"];
