/** The two functions that a name on a command line means in two versions of frameworks. */
import { catalogue, findGraph, rowActivations } from "../../catalogue.js";
import type { Side } from "../../frameworks/gradients.js";
import { Diagnostic } from "../../diagnostic.js";
import { builtInCalled, builtInOf, misnamedOf, namesIn } from "../../frameworks/find.js";
import type { BuiltIn, Call } from "../../frameworks/row.js";
import type { FrameworkVersion } from "../../frameworks/version.js";
import { unknownName } from "../shell/arguments.js";
import { definitionCalled, knownNames } from "../shell/subject.js";

/** The function that each version has under this name; where only one has the name, its counterpart in the other. */
export function sidesOf(name: string, versions: readonly [FrameworkVersion, FrameworkVersion]): readonly [Side, Side] {
  const called = versions.map((at) => builtInCalled(name, at));
  const id = called[0]?.id ?? called[1]?.id ?? idCalled(name);
  if (id === undefined) {
    const layer = findGraph(name);
    if (layer !== undefined)
      throw new Diagnostic(`${layer.id} is a layer: compare knows activations`, {
        hint: "name the activation alone",
      });
    const known = versions.flatMap((at) => [...namesIn(at).keys()]);
    throw unknownName("activation", name, [...new Set([...knownNames(), ...known])], "nonlin list shows the catalogue");
  }
  const rows = versions.map((at, index) => called[index] ?? builtInOf(id, at));
  // A layer is compared with a layer.
  const wantsLayer = rows.some((row) => row?.layer && (row.function === undefined || isCalled(row.layer, name)));
  return versions.map((at, index) => sideOf(id, rows[index], at, wantsLayer)) as [Side, Side];
}

/** Layers are no activations. */
const idCalled = (name: string): string | undefined =>
  definitionCalled(name)?.id ?? rowActivations.find(({ id }) => id === findGraph(name)?.id)?.id;

const isCalled = ({ path }: Call, name: string): boolean => {
  const last = (text: string): string => text.trim().split(".").at(-1)!;
  return last(path) === last(name);
};

export function sideOf(id: string, row: BuiltIn | undefined, at: FrameworkVersion, wantsLayer = false): Side {
  const misnamed = row === undefined ? misnamedOf(id, at) : undefined;
  const call = wantsLayer ? (row?.layer ?? row?.function) : (row?.function ?? row?.layer);
  const definition = row && catalogue.find((each) => each.id === row.id);
  return {
    at,
    ...(row !== undefined && { row }),
    ...(call !== undefined && { call }),
    ...(definition !== undefined && { definition }),
    ...(misnamed !== undefined && { misnamed }),
  };
}
