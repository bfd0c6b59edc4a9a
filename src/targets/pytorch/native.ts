/** The native style: PyTorch's own functions and modules. */
import { callText, isSameLayer, nativeFunction, type NativeModule } from "../../codegen/python/native.js";
import { withoutDocumentation } from "../../codegen/python/text.js";
import { moduleClass } from "./module.js";

const PACKAGES: readonly (readonly [path: string, short: string])[] = [
  ["torch.nn.functional.", "F."],
  ["torch.nn.", "nn."],
];

/** `torch.nn.functional.relu` as `F.relu`. */
export function short(path: string): string {
  const found = PACKAGES.find(([prefix]) => path.startsWith(prefix));
  return found === undefined ? path : found[1] + path.slice(found[0].length);
}

/** PyTorch's module where it is the same, with the same parameters: its name, and how it is made. */
export function sameModule({ builtIn, plan, names }: NativeModule): { name: string; made: string } | undefined {
  if (builtIn === undefined || !isSameLayer(builtIn, plan.definition)) return undefined;
  const layer = builtIn.layer!;
  const initial = names.parameters.map((each) => ({ ...each, name: each.initial }));
  return { name: short(layer.path), made: callText(layer, undefined, initial, short) };
}

/** The text of a module, but for its head; undefined where PyTorch can do no more than the explicit style does. */
export function nativeModule(of: NativeModule, className: string): string | undefined {
  const text = nativeFunction(of);
  if (text === undefined) return undefined;
  const same = sameModule(of);
  // Numbers that are learned for each channel lie along an axis, which no composition knows.
  if (same === undefined && of.names.parameters.some(({ parameter }) => parameter.learnable)) return undefined;
  const layer =
    same === undefined ? moduleClass({ className, names: of.names, plan: of.plan }) : `${className} = ${same.name}`;
  return [text, layer].join("\n\n\n");
}

/** The modules of Python that a module may use. */
const STANDARD = "concurrent.futures ctypes functools hashlib math os platform subprocess tempfile".split(" ");

/** The import lines of a module: those that it uses. */
export function imports(body: string): string {
  const code = withoutDocumentation(body);
  const uses = (name: string): boolean => new RegExp(`(?<![.\\w])${name}\\b`).test(code);
  // By its members: <math.h> is a header of C, and -fno-math-errno an option of its compiler.
  const usesPartOf = (name: string): boolean => new RegExp(`(?<![.\\w<])${name}\\.`).test(code);
  const standard = STANDARD.filter((name) => usesPartOf(name.split(".")[0]!)).map((name) => `import ${name}`);
  return [
    ...(standard.length === 0 ? [] : [`${standard.join("\n")}\n`]),
    ...(uses("torch") ? ["import torch"] : []),
    ...(uses("F") ? ["import torch.nn.functional as F"] : []),
    `from torch import ${["Tensor", "nn"].filter(uses).join(", ")}`,
  ].join("\n");
}
