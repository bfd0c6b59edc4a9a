/** The one list of definitions. */
import { channelwise } from "./activations/channelwise.js";
import { gatedUnits } from "./activations/gated.js";
import { piecewise } from "./activations/piecewise.js";
import { rowwise } from "./activations/rowwise.js";
import { smooth } from "./activations/smooth.js";
import { stochastic } from "./activations/stochastic.js";
import type { Definition } from "./ir/definition.js";
import type { GraphDefinition } from "./ir/graph/definition.js";
import { IDENTITY, layers, withActivation, type Layer } from "./layers/layers.js";

export { layers, type Layer } from "./layers/layers.js";

/** Elementwise activations. */
export const catalogue: readonly Definition[] = [...piecewise, ...smooth];

/** Activations that are more than a function of each element by itself. */
export const rowActivations: readonly GraphDefinition[] = [...rowwise, ...gatedUnits, ...channelwise, ...stochastic];

const byName = new Map<string, Definition>();
for (const definition of catalogue) for (const name of definition.names) byName.set(name.toLowerCase(), definition);
// An id is never taken by another activation's name in some framework.
for (const definition of catalogue) byName.set(definition.id, definition);

/** The definition with this id, or with this name in a framework, in any case. */
export const findDefinition = (name: string): Definition | undefined => byName.get(name.trim().toLowerCase());

/** The layer with the activation that it usually has. */
export const customaryLayer = (layer: Layer): GraphDefinition =>
  withActivation(layer, findDefinition(layer.customary)!);

/** Everything that is not elementwise; each layer with the activation that it usually has. */
export const graphs: readonly GraphDefinition[] = [...rowActivations, ...layers.map(customaryLayer)];

const layersAlone = layers.map((layer) => [layer, withActivation(layer, findDefinition(IDENTITY)!)] as const);

const layersByName = new Map<string, Layer>();
for (const [layer, { names }] of layersAlone) for (const name of names) layersByName.set(name.toLowerCase(), layer);
for (const layer of layers) layersByName.set(layer.id, layer);

/** The layer with this id, or with this name in a framework, in any case. */
export const findLayer = (name: string): Layer | undefined => layersByName.get(name.trim().toLowerCase());

const graphsByName = new Map<string, GraphDefinition>();
for (const definition of [...rowActivations, ...layersAlone.map(([, alone]) => alone)])
  for (const name of [...definition.names, definition.id]) graphsByName.set(name.toLowerCase(), definition);
for (const definition of graphs) graphsByName.set(definition.id, definition);

/** The graph with this id, or with this name in a framework, in any case; a layer's id is the layer without activation. */
export const findGraph = (name: string): GraphDefinition | undefined => graphsByName.get(name.trim().toLowerCase());
