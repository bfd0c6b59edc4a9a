/** Values that several commands' options share. */
import type { Saving } from "../../pipeline/activation.js";
import { findTarget, targets, type TargetName } from "../../registry.js";
import { unknownName } from "./arguments.js";

export const SAVINGS: readonly Saving[] = ["auto", "input", "output"];

/** The target that was named, or a complaint. */
export function readTarget(name: string): TargetName {
  const found = findTarget(name);
  if (found === undefined) throw unknownName("target", name, Object.keys(targets));
  return found;
}
