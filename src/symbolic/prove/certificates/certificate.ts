/**
 * What the search hands over with a verdict that says "equal": the cases of the parameters, in each the cells of the line of
 * inputs, and the places at which the two sides differ after all.
 */
import type { Region } from "../regions/region.js";

/** One case of the parameters: its cells from left to right, each compared, and every input between two of them. */
export interface LineRecord {
  readonly facts: Region["facts"];
  readonly equalities: Region["equalities"];
  readonly cells: readonly Region[];
}

export interface Certificate {
  readonly lines: readonly LineRecord[];
  /** Where the two sides are said to differ: an input, or a cell for special parameters. */
  readonly exceptions: readonly Region[];
}
