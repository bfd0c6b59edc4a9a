/** Two kernels of Triton, forward and backward: what the second one stores are the gradients of what the first one loads. */
import { dy, parameter, x, y } from "../../ir/build.js";
import { variableOf, type Expr } from "../../ir/expr.js";
import { reason } from "../place.js";
import { snake } from "../pairing.js";
import { isGradientName } from "../roles.js";
import { within, type Gradient, type Reading } from "./gradients.js";
import { pointerTo, type Cells } from "./kernels.js";
import type { NamedFunction, NamedPair } from "./named.js";
import type { Value } from "./values.js";

/** Whether a function stores something, as a kernel does. */
export const isKernel = ({ node }: NamedFunction): boolean => mentionsStore(node.body);
const mentionsStore = (part: unknown): boolean =>
  typeof part === "object" &&
  part !== null &&
  (("kind" in part && part.kind === "member" && "name" in part && part.name === "store") ||
    Object.values(part).some(mentionsStore));

/** `x` of `x_ptr`, `dx` of `DX` and `grad_x`. */
const bare = (name: string): string => snake(name).replace(/_?(?:ptr|pointer)s?$/, "");
const gradientOf = (name: string): string | undefined => {
  const found = /^(?:d_?|grad_|g_)(.+)$|^(.+)_grad$/.exec(bare(name));
  return found?.[1] ?? found?.[2];
};

export function readKernels({ base, derivative }: NamedPair, reading: Reading): readonly Gradient[] {
  const { reader, symbols } = reading;
  reader.begin("triton");
  const run = (each: NamedFunction, given: (name: string) => Expr): ReadonlyMap<string, Cells> => {
    const found = new Map<string, Cells>();
    reader.beginKernel();
    const args = each.node.parameters.map(({ name }): Value => {
      if (!isPointer(each, name)) return { kind: "number", expr: symbols(name) };
      const pointer = pointerTo(name, given(name));
      found.set(name, pointer.cells);
      return pointer;
    });
    reader.call(each.value, args);
    return found;
  };
  const { place } = derivative.node;
  const first = base.node.parameters.find(({ name }) => isPointer(base, name));
  const symbolOf = (name: string): Expr =>
    first !== undefined && bare(name) === bare(first.name) ? x : symbols(bare(name), "pointer");
  const forward = [...run(base, symbolOf).values()];
  const inputs = forward.filter(({ loaded }) => loaded);
  const outputs = forward.filter(({ stored }) => stored !== undefined);
  const [main] = inputs;
  const [output] = outputs;
  if (main === undefined || output?.stored === undefined || outputs.length > 1)
    return reader.refuse(base.node.place, NO_FORWARD);
  const isInPlace = inputs.includes(output);

  const names = new Map<string, string>();
  const backward = [
    ...run(derivative, (name) => {
      const input = inputs.find((each) => bare(each.name) === bare(name));
      if (input !== undefined) return symbolOf(name);
      if (bare(name) === bare(output.name) && !isInPlace) return y;
      const isAbove = gradientOf(name) === bare(output.name) || isGradientName(bare(name), derivative.name);
      return isAbove ? dy : parameter(`?${name}`);
    }).values(),
  ];
  for (const { given, name, loaded } of backward) {
    if (loaded && variableOf(given).name.startsWith("?")) reader.refuse(place, UNTOLD(name));
    if (loaded) names.set(variableOf(given).name, name);
  }
  const formula = output.stored.memory.content;
  const above = backward.filter(({ given, loaded }) => given === dy && loaded);
  if (above.length > 1) return reader.refuse(place, UNTOLD(above[1]!.name));
  const stored = backward.filter((each) => each.stored !== undefined);
  const claims = stored.flatMap((each): readonly Gradient[] => {
    const of = inputs.find(
      (input) =>
        bare(each.name) === bare(input.name) ||
        gradientOf(each.name) === bare(input.name) ||
        (inputs.length === 1 &&
          stored.length === 1 &&
          // Nothing else can be stored there than the only gradient that there is.
          (!each.loaded || /^(?:d_?|grad_?)(?:x|in|input|inp)$/.test(bare(each.name)))),
    );
    // The output, computed anew, where the gradient from above is not needed any more.
    if (of === undefined && each.given === dy && stored.length > 1) return [];
    if (of === undefined) return reader.refuse(place, UNTOLD(each.name));
    const claim = each.stored!.memory.content;
    reader.requireValues(formula, claim);
    const variable = symbolOf(of.name);
    names.set(variableOf(variable).name, of.name);
    return [
      {
        name: base.path,
        derivativeName: derivative.path,
        place,
        ...within(reader, formula, claim),
        ...(variable !== x && { variable }),
        ...(inputs.length > 1 && { by: of.name }),
        notes: [...reader.assumptions()],
        names: new Map([["x", main.name], ...names]),
        flavour: "triton",
      },
    ];
  });
  return claims.length === 0 ? reader.refuse(place, NO_BACKWARD) : claims;
}

const isPointer = ({ node }: NamedFunction, name: string): boolean =>
  /(?:^|_)(?:ptr|pointer)s?$/i.test(name) || isPointerIn(node.body, name);

/** The names that are added up: `p` and `i` of `p + i + j * stride`. */
function addendsOf(part: unknown): readonly string[] {
  const { kind, value, operator, left, right, name } = (part ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === "name") return [String(name)];
  if (kind === "binary" && operator === "+") return [...addendsOf(left), ...addendsOf(right)];
  return value === undefined ? [] : addendsOf(value);
}

/** Whether something is loaded from, or stored to, what a name stands for. */
function isPointerIn(part: unknown, name: string): boolean {
  if (typeof part !== "object" || part === null) return false;
  const { kind, callee, args } = part as {
    kind?: unknown;
    callee?: { readonly name?: unknown };
    args?: readonly unknown[];
  };
  if (kind === "call" && (callee?.name === "load" || callee?.name === "store") && addendsOf(args?.[0]).includes(name))
    return true;
  return Object.values(part).some((inner) => isPointerIn(inner, name));
}

const NO_FORWARD = reason(
  "this kernel does not load its inputs and store one result",
  "kernels of one result are read, in which each element depends on those at its own place",
);
const NO_BACKWARD = reason("this kernel stores no gradient", "store the gradient of each input");
const UNTOLD = (name: string) =>
  reason(
    `it cannot be told what "${name}" is: an input, the output or a gradient`,
    "call inputs in backward as in forward, and the gradient of x dx or grad_x",
  );
