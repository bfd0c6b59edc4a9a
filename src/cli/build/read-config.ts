/** Checks of a configuration, key by key. */
import { findLayer, layers } from "../../catalogue.js";
import { Diagnostic } from "../../diagnostic.js";
import type { Learning } from "../../ir/definition.js";
import { findTarget, targets } from "../../registry.js";
import { unknownName } from "../shell/arguments.js";
import type { ActivationConfig, Config, LayerConfig, ParameterConfig } from "./config.js";
import { checkId } from "../shell/ids.js";
import { SAVINGS } from "../shell/options.js";
import { flag, line, list, mapOf, number, oneOf, range, shape, text, type Check } from "../shell/schema.js";

const learning: Check<Learning> = (value, place) =>
  typeof value === "string" ? oneOf(["channel", "element"], "value")(value, place) : flag(value, place);

const parameter: Check<ParameterConfig> = (value, place) => {
  const read = shape({ default: number }, { range, learnable: learning })(value, place);
  const [low, high] = read.range ?? [-Infinity, Infinity];
  if (read.default < low || read.default > high)
    throw new Diagnostic(`${place}.default is ${read.default}, outside of its range, ${low} to ${high}`);
  return read;
};

const id: Check<string> = (value, place) => {
  const read = text(value, place);
  checkId(read, place);
  return read;
};

const activation: Check<ActivationConfig> = shape(
  { id, formula: text },
  { title: line, parameters: mapOf(parameter), samples: list(mapOf(number)), reference: line, gradient: line },
);

const layer: Check<LayerConfig> = (value, place) => {
  const read = shape({ layer: text }, { activation: text, id })(value, place);
  const found = findLayer(read.layer);
  if (found === undefined)
    throw unknownName(
      `layer in ${place}.layer:`,
      read.layer,
      layers.map((one) => one.id),
    );
  if (found.takesActivation && read.activation === undefined)
    throw new Diagnostic(`${place} needs the key activation`, {
      hint: `an id or a formula; customary in ${found.id} is "${found.customary}"`,
    });
  if (!found.takesActivation && read.activation !== undefined)
    throw new Diagnostic(`${place}.activation: ${found.id} has no elementwise activation in it`, {
      hint: "leave the key out",
    });
  return read;
};

const target: Check<string> = (value, place) => {
  const name = text(value, place);
  return findTarget(name) ?? oneOf(Object.keys(targets), "target")(name, place);
};

const config: Check<Config> = shape(
  {},
  {
    activations: list(activation),
    layers: list(layer),
    targets: list(target),
    out: text,
    only: list(text),
    catalogue: flag,
    save: oneOf(SAVINGS, "value"),
  },
);

/** The configuration in a value that anyone wrote. */
export function readConfig(value: unknown): Config {
  const read = config(value, "");
  const seen = new Map<string, number>();
  (read.activations ?? []).forEach((entry, i) => {
    // Files of some systems do not tell upper case from lower case.
    const earlier = seen.get(entry.id.toLowerCase());
    if (earlier !== undefined)
      throw new Diagnostic(`activations[${i}].id "${entry.id}" is that of activations[${earlier}] already`);
    seen.set(entry.id.toLowerCase(), i);
  });
  return read;
}
