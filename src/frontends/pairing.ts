/** Which function claims to be the derivative of which, by their names, whatever the language. */

export interface Nameable {
  readonly name: string;
  /** With the objects that it is a member of: `relu.backward`. */
  readonly path: string;
  /** The path of what it is a member of; empty for the file itself. */
  readonly group: string;
  /** Where it is written: functions with several names are one. */
  readonly node: object;
}

/** Words for a derivative, as parts of a name in snake case, each with its order; the first row that fits counts. */
const WORDS: readonly (readonly [pattern: RegExp, order: number])[] = (
  [
    ["(?:second|double)_(?:derivative|deriv|der|grad|gradient|prime)|prime_prime|second|hessian|d2|dd", 2],
    ["(?:derivative|deriv|der|grad|gradient|prime)_?2|d2fn?|ddf", 2],
    [
      "derivatives?|derivate|derivated|derv|derivation|deriv|derive|der|primes?|gradients?|grad|backwards?(?:_(?:delta|pass))?|back_?prop(?:agat(?:e|ion))?|bwd|vjp|diff|dx|d",
      1,
    ],
  ] as const
).map(([words, order]) => [new RegExp(`^(?:(.+)_)?(?:${words})(?:_of)?(?:_(.+))?$`), order]);

/** The same glued to the name: `tanhprime`, `dtanh`, `d2tanh`. */
const GLUED: readonly (readonly [pattern: RegExp, order: number])[] = [
  [/^()d2_?(.+)$/, 2],
  [/^()de(activat.+)$/, 1],
  [/^(.+)(?:prime|derivative|deriv|gradient|grad|backward)()$/, 1],
  [/^()d(.+)$/, 1],
];

/** The words in a name where that of the derivative has one of its own; none at all comes first. */
const BASES: readonly string[] = [
  "",
  ..."f fn func function value forward fwd activate activation act apply call compute evaluate eval calc output fx".split(
    " ",
  ),
];
/** The same where it is called a backward: that is of a forward, if there is one. */
const BACKWARD = /(?:^|_)(?:backwards?(?:_(?:delta|pass))?|back_?prop(?:agat(?:e|ion))?|bwd)(?:_|$)/;
const BASES_OF_BACKWARD: readonly string[] = [
  "",
  ..."forward fwd forwardpass forwardprop forwardpropagate forwardpropagation feedforward".split(" "),
  ...BASES.slice(1),
];

/** A member that is the derivative of the only other function beside it, whatever that is called. */
const ALONE = /^(?:derivative|derivate|derivation|deriv|derive|der|prime)(?:_(?:f|fn|func|function))?$/;

const ACTIVATION = /^_?(?:sigmoid|logistic|tanh|(?:leaky_?)?relu|softplus|elu|swish|gelu)$/i;

/** Names that say what they are by themselves only. */
const MEMBERS: ReadonlyMap<string, string> = new Map([["measure", "activate"]]);

export const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[_$]+/g, "_")
    .replace(/^_|_$/g, "");
export const squash = (name: string): string => name.toLowerCase().replace(/[_$]/g, "");

/** The names, squashed, of functions of which this may be the derivative, the likeliest first; "" stands for what it is a member of. */
function* basesOf(name: string): Generator<readonly [base: string, order: number]> {
  const words = snake(name);
  const bases = BACKWARD.test(words) ? BASES_OF_BACKWARD : BASES;
  for (const [pattern, order] of [...WORDS, ...GLUED]) {
    const found = pattern.exec(words);
    if (found === null) continue;
    const [before, behind] = [squash(found[1] ?? ""), squash(found[2] ?? "")];
    for (const base of bases) yield [before + base + behind, order];
  }
  const member = MEMBERS.get(squash(name));
  if (member !== undefined) yield [member, 1];
}

export interface Found<Named> {
  readonly base: Named;
  readonly order: number;
}

/** Finds the function that another claims to be the derivative of: in the same group, or the function whose member it is. */
export function createPairing<Named extends Nameable>(
  functions: readonly Named[],
): (derivative: Named) => Found<Named> | undefined {
  const groups = new Map<string, Map<string, Named[]>>();
  for (const each of functions) {
    const group = groups.get(each.group) ?? new Map<string, Named[]>();
    groups.set(each.group, group);
    const key = squash(each.name);
    group.set(key, [...(group.get(key) ?? []), each]);
  }
  const tables = new Map(
    [...groups].map(([group, members]) => {
      const at = group.lastIndexOf(".") + 1;
      return [singular(group.slice(0, at) + squash(group.slice(at))), members];
    }),
  );
  const byPath = new Map(functions.map((each) => [each.path, each]));

  return (derivative) => {
    const others = groups.get(derivative.group);
    let ofOwner: Found<Named> | undefined;
    for (const [name, order] of basesOf(derivative.name)) {
      const base = others?.get(name)?.find(({ node }) => node !== derivative.node);
      if (base !== undefined) return { base, order };
      const owner = name === "" ? byPath.get(derivative.group) : undefined;
      if (owner !== undefined) ofOwner ??= { base: owner, order };
    }
    return ofOwner ?? alone(derivative) ?? besides(derivative);
  };

  /** `map` of `{ map: ..., derivative: ... }`; in a file the only function that has the name of an activation. */
  function alone({ name, group, node }: Named): Found<Named> | undefined {
    if (!ALONE.test(snake(name))) return undefined;
    const isMeant = (other: Named): boolean => other.node !== node && (group !== "" || ACTIVATION.test(other.name));
    const others = [...(groups.get(group)?.values() ?? [])].flat().filter(isMeant);
    return others.length === 1 ? { base: others[0]!, order: 1 } : undefined;
  }

  /** `activations.tanh` of `activationDerivatives.tanh`: a member of the same name in the table that it is named after. */
  function besides(derivative: Named): Found<Named> | undefined {
    const { group, name } = derivative;
    const at = group.lastIndexOf(".") + 1;
    for (const [table, order] of basesOf(group.slice(at))) {
      const members = table === "" ? undefined : tables.get(singular(group.slice(0, at) + table));
      for (const own of [squash(name), ...[...basesOf(name)].map(([base]) => base)]) {
        const base = members?.get(own)?.find(({ node }) => node !== derivative.node);
        if (base !== undefined) return { base, order };
      }
    }
    return undefined;
  }
}

const singular = (name: string): string => name.replace(/s$/, "");

/** Names of arguments that ask a function for its derivative instead. */
const FLAG =
  /^(?:(?:is|use|calc|get|return|do|want|with|as|compute)_)?(?:derivative|derivate|derivation|deriv|derive|der|prime|grad|gradient|backward|backprop|diff|differentiate)$/;

/** Whether an argument of this name asks for the derivative, as far as all that the function does with it is to ask whether it is true. */
export const isFlag = (name: string, body: unknown): boolean =>
  FLAG.test(snake(name)) && isOnlyAsked(body, name, false) === true;

const ASKING: ReadonlySet<string> = new Set(["&&", "||", "and", "or", "==", "===", "!=", "!==", "is", "is not"]);

/** true: the name is asked for its truth, and nothing else; false: something else is done with it; undefined: it does not occur. */
function isOnlyAsked(part: unknown, name: string, isAsked: boolean): boolean | undefined {
  if (typeof part !== "object" || part === null) return undefined;
  const { kind, operator } = part as { readonly kind?: unknown; readonly operator?: unknown };
  if (kind === "name") return (part as { readonly name: string }).name === name ? isAsked : undefined;
  const asks = (key: string): boolean =>
    key === "condition" ||
    (kind === "unary" && (operator === "!" || operator === "not")) ||
    (kind === "binary" && ASKING.has(String(operator)));
  const told = Object.entries(part).map(([key, inner]) => isOnlyAsked(inner, name, asks(key)));
  return told.includes(false) ? false : told.includes(true) ? true : undefined;
}
