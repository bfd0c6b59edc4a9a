/** Finds what a version of a framework has: for an id of the catalogue, or under a name as users write it. */
import { keras2Rows } from "./keras2.js";
import { keras3Misnamed, keras3Rows } from "./keras3.js";
import { ggmlRows, transformersRows, vllmRows } from "./models.js";
import type { BuiltIn, Call, Misnamed } from "./row.js";
import { torchRows } from "./torch.js";
import { isWithin, versionText, type FrameworkName, type FrameworkVersion } from "./version.js";

interface Framework {
  readonly rows: readonly BuiltIn[];
  readonly misnamed: readonly Misnamed[];
}

const KERAS_2: Framework = { rows: keras2Rows, misnamed: [] };
const KERAS_3: Framework = { rows: keras3Rows, misnamed: keras3Misnamed };

const FRAMEWORKS: Readonly<Record<FrameworkName, (version: string) => Framework>> = {
  torch: () => ({ rows: torchRows, misnamed: [] }),
  keras: (version) => (version.startsWith("2.") ? KERAS_2 : KERAS_3),
  transformers: () => ({ rows: transformersRows, misnamed: [] }),
  vllm: () => ({ rows: vllmRows, misnamed: [] }),
  ggml: () => ({ rows: ggmlRows, misnamed: [] }),
};

const frameworkOf = ({ framework, version }: FrameworkVersion): Framework => FRAMEWORKS[framework](version);

const known = new Map<string, readonly BuiltIn[]>();

/** The functions that this version has. */
export function builtInsOf(at: FrameworkVersion): readonly BuiltIn[] {
  const key = versionText(at);
  const found = known.get(key) ?? frameworkOf(at).rows.filter((row) => isWithin(at, row));
  known.set(key, found);
  return found;
}

/** This version's counterpart of a function of the catalogue. */
export const builtInOf = (id: string, at: FrameworkVersion): BuiltIn | undefined =>
  builtInsOf(at).find((row) => row.id === id);

/** A function of this version that has the name of a function of the catalogue, but is another. */
export const misnamedOf = (id: string, at: FrameworkVersion): Misnamed | undefined =>
  frameworkOf(at).misnamed.find((row) => row.id === id && isWithin(at, row));

/** How much of a row's own name a call is: one that passes the parameters says more than one with fixed arguments. */
const isWhole = ({ arguments: given }: Call): boolean => given.every(({ value }) => !("literal" in value));

/** `torch.nn.functional.gelu` is also `nn.functional.gelu`, `functional.gelu` and `gelu`; and `F.gelu`. */
function namesOf(path: string): readonly string[] {
  const parts = path.toLowerCase().split(".");
  const tails = parts.map((_, index) => parts.slice(index).join("."));
  const short = path.startsWith("torch.nn.functional.") ? [`f.${parts.at(-1)!}`] : [];
  const full = path.startsWith("keras.") ? [`tf.${parts.join(".")}`] : [];
  return [...tails, ...short, ...full];
}

/** The row's names, those first that mean it before others. */
function rowNames(row: BuiltIn): readonly (readonly [name: string, strength: number])[] {
  const calls = [row.function, row.layer].filter((each) => each !== undefined);
  return [
    [row.id, 3],
    ...(row.called ?? []).map((name) => [name.toLowerCase(), 4] as const),
    ...(row.names ?? []).flatMap((path) => namesOf(path).map((name, index) => [name, index === 0 ? 2 : 0] as const)),
    ...calls.flatMap((each) => namesOf(each.path).map((name) => [name, isWhole(each) ? 2 : -1] as const)),
  ];
}

const names = new Map<string, ReadonlyMap<string, BuiltIn>>();

/** Every name that means something in this version, in lower case. */
export function namesIn(at: FrameworkVersion): ReadonlyMap<string, BuiltIn> {
  const key = versionText(at);
  const found = names.get(key);
  if (found !== undefined) return found;
  const best = new Map<string, { readonly row: BuiltIn; readonly strength: number }>();
  for (const row of builtInsOf(at))
    for (const [name, strength] of rowNames(row))
      if (strength > (best.get(name)?.strength ?? -1)) best.set(name, { row, strength });
  const result = new Map([...best].map(([name, { row }]) => [name, row]));
  names.set(key, result);
  return result;
}

const joined = (name: string): string => name.replaceAll("_", "");

/** The row that users mean by a name in this version: `hard_sigmoid`, `nn.Hardtanh`, `F.gelu`, `layers.LeakyReLU`. */
export function builtInCalled(name: string, at: FrameworkVersion): BuiltIn | undefined {
  const wanted = name.trim().toLowerCase();
  const names = namesIn(at);
  // PyTorch writes hardsigmoid what Keras writes hard_sigmoid.
  return names.get(wanted) ?? names.get([...names.keys()].find((each) => joined(each) === joined(wanted)) ?? "");
}
