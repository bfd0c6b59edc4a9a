/** The one list of definitions. */
import type { Definition } from "./ir/definition.js";
import { piecewise } from "./activations/piecewise.js";
import { smooth } from "./activations/smooth.js";

export const catalogue: readonly Definition[] = [...piecewise, ...smooth];

const byName = new Map<string, Definition>();
for (const definition of catalogue) for (const name of definition.names) byName.set(name.toLowerCase(), definition);
// An id is never taken by another activation's name in some framework.
for (const definition of catalogue) byName.set(definition.id, definition);

/** The definition with this id, or with this name in a framework, in any case. */
export const findDefinition = (name: string): Definition | undefined => byName.get(name.trim().toLowerCase());
