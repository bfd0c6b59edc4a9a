/** The one list of targets. */
export const targets = { js: {} };
export type TargetName = keyof typeof targets;
export const isTargetName = (name: string): name is TargetName => Object.hasOwn(targets, name);
