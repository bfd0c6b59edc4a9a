/** The one list of definitions. */
import { channelwise } from "./activations/channelwise.js";
import { gatedUnits, units, type Unit } from "./activations/gated.js";
import { piecewise } from "./activations/piecewise.js";
import { recent } from "./activations/recent.js";
import { rowwise } from "./activations/rowwise.js";
import { smooth } from "./activations/smooth.js";
import { stochastic } from "./activations/stochastic.js";
import type { Definition } from "./ir/definition.js";
import type { GraphDefinition } from "./ir/graph/definition.js";
import { IDENTITY, layers, withActivation, type Layer } from "./layers/layers.js";

export { layers, type Layer } from "./layers/layers.js";

/** Elementwise activations. */
export const catalogue: readonly Definition[] = [...piecewise, ...smooth, ...recent];

/** Activations that are more than a function of each element by itself. */
export const rowActivations: readonly GraphDefinition[] = [...rowwise, ...gatedUnits, ...channelwise, ...stochastic];

/** Finds by id or by a framework's name, in any case, and by an id however its words are joined: LeakyReLU, hard-swish. */
function finder<Entry>(
  names: Iterable<readonly [name: string, entry: Entry]>,
  ids: Iterable<readonly [string, Entry]>,
) {
  const joined = (name: string): string => name.replaceAll(/[_\s-]/g, "");
  // An id is never taken by another one's name in some framework.
  const exact = new Map([...names, ...ids].map(([name, entry]) => [name.toLowerCase(), entry]));
  const loose = new Map([...ids].map(([id, entry]) => [joined(id), entry]));
  return (name: string): Entry | undefined => {
    const given = name.trim().toLowerCase();
    return exact.get(given) ?? loose.get(joined(given));
  };
}

const named = <Entry extends { readonly names: readonly string[] }>(entries: readonly Entry[]) =>
  entries.flatMap((entry) => entry.names.map((name) => [name, entry] as const));
const identified = <Entry extends { readonly id: string }>(entries: readonly Entry[]) =>
  entries.map((entry) => [entry.id, entry] as const);

/** The definition with this id or name. */
export const findDefinition = finder(named(catalogue), identified(catalogue));

/** The layer with the activation that it usually has. */
export const customaryLayer = (layer: Layer): GraphDefinition =>
  withActivation(layer, findDefinition(layer.customary)!);

/** Everything that is not elementwise; each layer with the activation that it usually has. */
export const graphs: readonly GraphDefinition[] = [...rowActivations, ...layers.map(customaryLayer)];

const layersAlone = layers.map((layer) => [layer, withActivation(layer, findDefinition(IDENTITY)!)] as const);

/** The layer with this id or name. */
export const findLayer = finder(
  layersAlone.flatMap(([layer, { names }]) => names.map((name) => [name, layer] as const)),
  identified(layers),
);

const alone = [...rowActivations, ...layersAlone.map(([, graph]) => graph)];

/** The graph with this id or name; a layer's id is the layer without activation. */
export const findGraph = finder([...named(alone), ...identified(alone)], identified(graphs));

/** The gated unit with this id or name. */
export function findUnit(name: string): Unit | undefined {
  const found = findGraph(name);
  return units.find(({ id }) => id === found?.id);
}
