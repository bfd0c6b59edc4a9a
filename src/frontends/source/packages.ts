/** The names that files import from packages that are known: functions of numbers of mathjs, and of tensors of TensorFlow.js. */
import * as b from "../../ir/build.js";
import { FUNCTIONS } from "../functions.js";
import type { Partial } from "../partial.js";
import { builtin, mathMembers } from "./globals.js";
import { importedTensors, isTensorFlow, tensorFunctions, type Imported } from "./tensors.js";
import { valueOf, type Value } from "./values.js";

const MATHJS = "mathjs";

/** Of numbers alone: what mathjs does with matrices and complex numbers is not read. */
function mathjs(partial: Partial): ReadonlyMap<string, Value> {
  const log = FUNCTIONS.get("log")!;
  return new Map<string, Value>([
    ...mathMembers(partial),
    [
      "log",
      builtin({ count: { atLeast: 1 }, build: (u, base) => (base ? b.div(b.log(u), b.log(base)) : log.build(u)) }),
    ],
    ["add", builtin({ count: 2, build: b.add })],
    ["subtract", builtin({ count: 2, build: b.sub })],
    ["multiply", builtin({ count: 2, build: b.mul })],
    ["divide", builtin({ count: 2, build: b.div })],
    ["dotMultiply", builtin({ count: 2, build: b.mul })],
    ["dotDivide", builtin({ count: 2, build: b.div })],
    ["unaryMinus", builtin({ count: 1, build: b.neg })],
    ["square", builtin({ count: 1, build: (u) => b.naturalPower(u, 2) })],
    ["cube", builtin({ count: 1, build: (u) => b.naturalPower(u, 3) })],
    ["erf", builtin(FUNCTIONS.get("erf")!)],
    ["pi", valueOf(b.pi)],
    ["e", valueOf(b.exp(1))],
  ]);
}

/** A package as `require` gives it, and as `import * as` does. */
export function packageCalled(name: string, partial: Partial | undefined): Value | undefined {
  if (partial === undefined || !(name === MATHJS || isTensorFlow(name))) return undefined;
  const members = name === MATHJS ? mathjs(partial) : tensorFunctions(partial);
  return { kind: "object", member: (member) => members.get(member) };
}

/** The names that a file has from packages. */
export function importedFromPackages(imports: readonly Imported[], partial: Partial): ReadonlyMap<string, Value> {
  const found = new Map(importedTensors(imports, partial));
  const members = imports.some(({ from }) => from === MATHJS) ? mathjs(partial) : undefined;
  for (const { local, name, from } of imports) {
    if (from !== MATHJS || members === undefined) continue;
    const isWhole = name === "*" || name === "default";
    const value: Value | undefined = isWhole
      ? { kind: "object", member: (member) => members.get(member) }
      : members.get(name);
    if (value !== undefined) found.set(local, value);
  }
  return found;
}
