/** The frameworks and versions that are known, and how users write them: `torch@2.13`, `keras@2.4`, `keras@3.15-jax`. */
import { Diagnostic, nearest } from "../diagnostic.js";

const BACKENDS = ["tensorflow", "jax", "torch"] as const;

/** The library that Keras 3 computes with. */
export type Backend = (typeof BACKENDS)[number];

export interface FrameworkVersion {
  readonly framework: FrameworkName;
  /** Major and minor: `2.13`. */
  readonly version: string;
  /** Of Keras 3 only, and there always. */
  readonly backend?: Backend;
}

const minors = (major: number, first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `${major}.${first + index}`);

/** The version of a library whose versions are not told apart. */
const ONLY = "";

/** The versions, oldest first; what stands without a version is the last. */
const VERSIONS = {
  torch: [...minors(1, 7, 13), ...minors(2, 0, 13)],
  keras: ["2.4", ...minors(3, 0, 15)],
  transformers: [ONLY],
  vllm: [ONLY],
  ggml: [ONLY],
} as const;

export type FrameworkName = keyof typeof VERSIONS;

/** Other words for a framework, or for a backend. */
const FRAMEWORK_NAMES: Readonly<Record<string, FrameworkName>> = {
  torch: "torch",
  pytorch: "torch",
  keras: "keras",
  "tf.keras": "keras",
  transformers: "transformers",
  vllm: "vllm",
  ggml: "ggml",
  "llama.cpp": "ggml",
};
const BACKEND_NAMES: Readonly<Record<string, Backend>> = {
  ...Object.fromEntries(BACKENDS.map((name) => [name, name])),
  tf: "tensorflow",
  pytorch: "torch",
};

const EXAMPLES = "such as torch@2.13, keras@2.4 or keras@3.15-jax";

export const versionsOf = (framework: FrameworkName): readonly string[] => VERSIONS[framework];

/** The backends of a version of Keras; none of anything else. */
export const backendsOf = ({ framework, version }: FrameworkVersion): readonly Backend[] =>
  framework === "keras" && version.startsWith("3.") ? BACKENDS : [];

/** Is a version within these bounds, ends included? */
export function isWithin(
  { framework, version }: FrameworkVersion,
  { since, until }: { readonly since?: string; readonly until?: string },
): boolean {
  const order: readonly string[] = VERSIONS[framework];
  const at = order.indexOf(version);
  return (since === undefined || at >= order.indexOf(since)) && (until === undefined || at <= order.indexOf(until));
}

/** As users write it; the backend only where there is one. */
export const versionText = ({ framework, version, backend }: FrameworkVersion): string =>
  version === ONLY ? framework : `${framework}@${version}${backend === undefined ? "" : `-${backend}`}`;

/** Reads `framework[@version[-backend]]`; a whole number stands for its last minor version, and a patch is left away. */
export function parseVersion(text: string): FrameworkVersion {
  const shown = shorten(text);
  const parts = /^([^@]*)(?:@(\d+)(?:\.(\d+)(?:\.\d+)?)?(?:-(\w+))?)?$/.exec(text.trim().toLowerCase());
  const [, name = text.split("@")[0]!, major, minor, backendName] = parts ?? [];
  const framework = lookUp(FRAMEWORK_NAMES, name);
  if (framework === undefined)
    throw new Diagnostic(`unknown framework ${shorten(name)}`, {
      hint: suggestion(name, Object.keys(FRAMEWORK_NAMES)) ?? EXAMPLES,
    });
  if (parts === null) throw new Diagnostic(`${shown} is not a framework and its version`, { hint: EXAMPLES });
  const known = versionsOf(framework);
  if (known[0] === ONLY && major !== undefined)
    throw new Diagnostic(`versions of ${framework} are not told apart`, { hint: `write ${framework}` });
  const version =
    major === undefined
      ? known.at(-1)
      : known.findLast((each) => (minor === undefined ? each.startsWith(`${major}.`) : each === `${major}.${minor}`));
  if (version === undefined)
    throw new Diagnostic(`${framework} ${shorten(`${major}${minor === undefined ? "" : `.${minor}`}`)} is not known`, {
      hint: `known are ${spans(known)}`,
    });
  const found: FrameworkVersion = { framework, version };
  const backends = backendsOf(found);
  if (backendName === undefined) return backends.length === 0 ? found : { ...found, backend: backends[0]! };
  if (backends.length === 0)
    throw new Diagnostic(`${framework}@${version} has no backends`, { hint: `write ${framework}@${version}` });
  const backend = lookUp(BACKEND_NAMES, backendName);
  if (backend === undefined)
    throw new Diagnostic(`unknown backend ${shorten(backendName)} of Keras`, { hint: `one of ${backends.join(", ")}` });
  return { ...found, backend };
}

const lookUp = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** The user's text, within bounds and without control characters. */
const shorten = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function suggestion(name: string, known: readonly string[]): string | undefined {
  const meant = nearest(name, known);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** "1.7 to 1.13, 2.0 to 2.13". */
function spans(versions: readonly string[]): string {
  const majors = [...new Set(versions.map((version) => version.split(".")[0]!))];
  return majors
    .map((major) => versions.filter((version) => version.startsWith(`${major}.`)))
    .map((each) => (each.length === 1 ? each[0]! : `${each[0]!} to ${each.at(-1)!}`))
    .join(", ");
}
