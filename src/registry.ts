/** The one list of targets. */
import { js } from "./targets/js.js";

export const targets = { js } as const;

export type TargetName = keyof typeof targets;
export const isTargetName = (name: string): name is TargetName => Object.hasOwn(targets, name);
