/** The inputs of a compilation, as text and as a hash: the same inputs give the same result. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Definition } from "../../ir/definition.js";
import { definitionCalled } from "../shell/subject.js";
import { topological, type Payload } from "../../ir/expr.js";
import { sha256 } from "./cache.js";
import { filesBelow } from "../shell/files.js";
import type { Task } from "./plan.js";

/** The hash of the running compiler: its files and the versions of what it is built on. */
export function compilerFingerprint(): string {
  const folder = fileURLToPath(new URL("../..", import.meta.url));
  const code = filesBelow(folder).filter((path) => /\.(js|ts)$/.test(path) && !path.endsWith(".d.ts"));
  const files = [...code.map((path) => join(folder, path)), join(folder, "..", "package.json")];
  return sha256(JSON.stringify([process.version, ...files.map((path) => sha256(readFileSync(path)))]));
}

/** The key of a compilation: the same for the same definition, options and compiler, in every run. */
export function taskKey({ subject, target, save }: Task, compiler: string): string {
  // The graphs of the catalogue are the compiler's code, which is part of the key.
  const definition =
    subject.kind !== "activation"
      ? writeData(subject)
      : subject.config === undefined
        ? serialise(definitionCalled(subject.id)!)
        : writeData(subject.config);
  return sha256(JSON.stringify([compiler, target, save, definition]));
}

/** The definition as text in which every node of its expressions stands once, whatever the size of the tree. */
export function serialise(definition: Definition): string {
  const { formula, kinks, parameters } = definition;
  const order = topological([formula, ...kinks, ...parameters.map(({ symbol }) => symbol)]);
  const index = new Map(order.map((expr, i) => [expr, i]));
  const at = (expr: (typeof order)[number]): number => index.get(expr)!;
  return JSON.stringify([
    definition.id,
    definition.title,
    definition.names,
    definition.reference,
    order.map(({ op, args, payload }) => [op, args.map(at), writePayload(payload)]),
    at(formula),
    kinks.map(at),
    parameters.map(({ name, symbol, default: value, range, learnable }) => [
      name,
      at(symbol),
      writeNumber(value),
      range.map(writeNumber),
      learnable,
    ]),
    writeData(definition.samples),
  ]);
}

const writeNumber = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function writePayload(payload: Payload): unknown {
  if (typeof payload === "number") return ["float", writeNumber(payload)];
  if (payload === undefined || typeof payload === "string") return payload ?? null;
  if ("numerator" in payload) return ["rational", `${payload.numerator}/${payload.denominator}`];
  return ["variable", payload.name, payload.role, payload.range.map(writeNumber)];
}

/** Plain data with its keys in order and no number lost, so that -0 and Infinity count. */
export const writeData = (value: unknown): string =>
  JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field === "number") return ["float", writeNumber(field)];
    if (typeof field !== "object" || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
