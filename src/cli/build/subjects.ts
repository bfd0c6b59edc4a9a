/** The subjects of a build: the catalogue, and the definitions that a configuration adds to it. */
import { catalogue, findGraph, findLayer, findUnit, graphs, type Layer } from "../../catalogue.js";
import { Diagnostic } from "../../diagnostic.js";
import { combinedId } from "../../layers/layers.js";
import { unknownName } from "../shell/arguments.js";
import type { ActivationConfig, Config, LayerConfig } from "./config.js";
import { UNNAMED, definitionCalled, isBareWord, titleOf } from "../shell/subject.js";

/** An elementwise activation by something that can be sent to another thread: its id in the catalogue, or its text. */
export interface ActivationSubject {
  readonly id: string;
  readonly config?: ActivationConfig;
}

export type Subject =
  | ({ readonly kind: "activation" } & ActivationSubject)
  /** A graph of the catalogue. */
  | { readonly kind: "graph"; readonly id: string }
  /** A layer of the configuration; without an activation where it takes none. */
  | { readonly kind: "layer"; readonly id: string; readonly layer: string; readonly activation?: ActivationSubject };

/** Everything that the configuration stands for, in order; no two have the same id. */
export function allSubjects(config: Config): readonly Subject[] {
  const { activations, layers } = config;
  const own = [
    ...(activations ?? []).map((entry, i) => ({
      place: `activations[${i}]`,
      subject: { kind: "activation", id: entry.id, config: entry } satisfies Subject,
    })),
    ...(layers ?? []).map((entry, i) => ({
      place: `layers[${i}]`,
      subject: layerSubject(entry, `layers[${i}]`, activations ?? []),
    })),
  ];
  const builtIn = (config.catalogue ?? (activations === undefined && layers === undefined)) ? catalogueSubjects() : [];
  // Files of some systems do not tell upper case from lower case.
  const owners = new Map(builtIn.map(({ id }) => [id.toLowerCase(), "the catalogue"]));
  for (const { place, subject } of own) {
    const owner = owners.get(subject.id.toLowerCase());
    if (owner === "the catalogue")
      throw new Diagnostic(`${place}.id "${subject.id}" is one of the catalogue`, {
        hint: "choose another id, or leave the catalogue out with catalogue: false",
      });
    if (owner !== undefined)
      throw new Diagnostic(`${place}.id "${subject.id}" is that of ${owner} already`, { hint: "choose another id" });
    owners.set(subject.id.toLowerCase(), place);
  }
  return [...builtIn, ...own.map(({ subject }) => subject)];
}

const catalogueSubjects = (): Subject[] => [
  ...catalogue.map(({ id }): Subject => ({ kind: "activation", id })),
  ...graphs.map(({ id }): Subject => ({ kind: "graph", id })),
];

function layerSubject(entry: LayerConfig, place: string, activations: readonly ActivationConfig[]): Subject {
  const layer = findLayer(entry.layer)!;
  if (!layer.takesActivation) return { kind: "layer", id: entry.id ?? layer.id, layer: layer.id };
  const activation = activationSubject(entry.activation!, layer, `${place}.activation`, activations);
  return { kind: "layer", id: entry.id ?? combinedId(layer, activation.id), layer: layer.id, activation };
}

/** An id of the configuration, a name of the catalogue, or a formula. */
function activationSubject(
  text: string,
  layer: Layer,
  place: string,
  activations: readonly ActivationConfig[],
): ActivationSubject {
  const own = activations.find(({ id }) => id === text.trim());
  if (own !== undefined) return { id: own.id, config: own };
  const known = definitionCalled(text);
  if (known !== undefined) return { id: known.id };
  const unit = findUnit(text);
  if (unit !== undefined && layer.defineUnit !== undefined) return { id: unit.id };
  const graph = findGraph(text);
  if (graph !== undefined)
    throw new Diagnostic(`${place}: ${graph.id} is not elementwise, so it cannot be the activation of ${layer.id}`);
  if (isBareWord(text))
    throw unknownName(
      `activation in ${place}:`,
      text.trim(),
      [...activations, ...catalogue].map(({ id }) => id),
      "nonlin list shows the catalogue; a formula has to mention x",
    );
  return { id: UNNAMED, config: { id: UNNAMED, formula: text, title: titleOf(text) } };
}

/** The subjects with these ids, or names in frameworks. */
export function chooseSubjects(subjects: readonly Subject[], names: readonly string[] | undefined): readonly Subject[] {
  if (names === undefined) return subjects;
  const wanted = new Set(
    names.map((name) => {
      const id =
        subjects.find((subject) => subject.id === name)?.id ?? definitionCalled(name)?.id ?? findGraph(name)?.id;
      if (id === undefined || !subjects.some((subject) => subject.id === id))
        throw unknownName(
          "activation",
          name,
          subjects.map((subject) => subject.id),
          "nonlin list shows the catalogue",
        );
      return id;
    }),
  );
  return subjects.filter(({ id }) => wanted.has(id));
}
