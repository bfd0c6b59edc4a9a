/** The native style: PyTorch's own functions and modules. */
import { isSameLayer, nativeFunction, type NativeModule } from "../../codegen/python/native.js";
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

/** The text of a module, but for its head; undefined where PyTorch can do no more than the explicit style does. */
export function nativeModule(of: NativeModule, className: string): string | undefined {
  const text = nativeFunction(of);
  if (text === undefined) return undefined;
  const { builtIn, plan } = of;
  const layer =
    builtIn !== undefined && isSameLayer(builtIn, plan.definition)
      ? `${className} = ${short(builtIn.layer!.path)}`
      : moduleClass({ className, names: of.names, plan });
  return [text, layer].join("\n\n\n");
}

/** What a module imports, as far as it is used. */
export function imports(body: string): string {
  const code = withoutDocumentation(body);
  const uses = (name: string): boolean => new RegExp(`(?<![.\\w])${name}\\b`).test(code);
  return [
    ...(uses("math") ? ["import math\n"] : []),
    ...(uses("torch") ? ["import torch"] : []),
    ...(uses("F") ? ["import torch.nn.functional as F"] : []),
    `from torch import ${["Tensor", "nn"].filter(uses).join(", ")}`,
  ].join("\n");
}
