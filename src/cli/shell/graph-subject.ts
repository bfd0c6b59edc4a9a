/** The graphs that `<id or formula>`, `--with` and `--param` name on a command line. */
import { findGraph, findLayer, findUnit, layers, type Layer } from "../../catalogue.js";
import { Diagnostic } from "../../diagnostic.js";
import type { ParameterValues } from "../../ir/definition.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import { IDENTITY, withActivation, withUnit } from "../../layers/layers.js";
import { unknownName, type Arguments } from "./arguments.js";
import { checkId } from "./ids.js";
import { definitionCalled, readAssignments, resolveSubject, withDefaults } from "./subject.js";

/** The graphs that a command is about; undefined when it is about an elementwise activation. */
export async function resolveGraphs(given: Arguments): Promise<readonly GraphDefinition[] | undefined> {
  const text = given.positionals[0]!;
  const [names, id] = [given.names("with"), given.value("name")];
  if (names !== undefined) return withLayers(text, names, readAssignments(given.all("param")), id);
  const found = definitionCalled(text) === undefined ? findGraph(text) : undefined;
  if (found === undefined) return undefined;
  if (id !== undefined) checkId(id, "--name");
  return [{ ...withScalars(found, readAssignments(given.all("param"))), id: id ?? found.id }];
}

/** The layers, each with the activation that the text stands for. */
async function withLayers(
  text: string,
  names: readonly string[],
  given: ParameterValues,
  id: string | undefined,
): Promise<readonly GraphDefinition[]> {
  const chosen = [...new Set(names.map(layerCalled))];
  const isElementwise = definitionCalled(text) !== undefined;
  const unit = isElementwise ? undefined : findUnit(text);
  const graphs = unit && chosen.map((layer) => withUnit(layer, unit));
  if (graphs?.every((graph) => graph !== undefined)) {
    if (id !== undefined) checkId(id, "--name");
    return graphs.map((graph) => ({ ...withScalars(graph, given), id: id ?? graph.id }));
  }
  const graph = isElementwise ? undefined : findGraph(text);
  if (graph !== undefined)
    throw new Diagnostic(`${graph.id} is not elementwise, so it cannot be the activation of ${chosen[0]!.id}`, {
      hint:
        unit === undefined
          ? "without --with it is a module of its own"
          : "a gated unit has a value and a gate: --with gated_dense, or without --with as a module of its own",
    });
  const own = chosen.map((layer) => scalarsOf(layer));
  const isOf = (names: readonly string[], wanted: boolean): ParameterValues =>
    Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name) === wanted));
  const activation = await resolveSubject(text, isOf(own.flat(), false), id);
  return chosen.map((layer, i) => withScalars(withActivation(layer, activation), isOf(own[i]!, true)));
}

function layerCalled(name: string): Layer {
  const layer = findLayer(name);
  if (layer === undefined)
    throw unknownName(
      "layer in --with:",
      name,
      layers.filter(({ takesActivation }) => takesActivation).map((one) => one.id),
    );
  if (!layer.takesActivation)
    throw new Diagnostic(`${layer.id} has no elementwise activation in it`, {
      hint: `name it by itself, without --with: ${layer.id}`,
    });
  return layer;
}

/** The names of a layer's own scalars, such as epsilon. */
const scalarsOf = (layer: Layer): string[] =>
  withActivation(layer, definitionCalled(IDENTITY)!).parameters.map(({ name }) => name);

function withScalars(definition: GraphDefinition, given: ParameterValues): GraphDefinition {
  const size = definition.sizes.find(({ name }) => Object.hasOwn(given, name));
  if (size !== undefined)
    throw new Diagnostic(`${size.name} is a size of ${definition.id}, not a parameter`, {
      hint: "sizes are given when the functions of the module are called",
    });
  return withDefaults(definition, given);
}

/** Complains about switches that mean something for elementwise activations only. */
export function refuseForGraphs(given: Arguments, switches: readonly string[], id: string): void {
  const found = switches.find((name) => given.has(name));
  if (found !== undefined)
    throw new Diagnostic(`--${found} is there for elementwise activations only, and ${id} is none`, {
      hint: `nonlin show ${given.positionals[0]!} --plan says what becomes of it`,
    });
}
