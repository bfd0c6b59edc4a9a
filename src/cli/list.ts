/** `nonlin list`: the catalogue. Loads nothing but it. */
import type { Definition } from "../ir/definition.js";
import { catalogue } from "../catalogue.js";
import type { Run } from "./commands.js";
import { table, toJson } from "./text.js";

export const run: Run = async (given, terminal) => {
  terminal.out(given.has("json") ? toJson(catalogue.map(fields)) : table(catalogue.map(row)));
  return 0;
};

const fields = ({ id, title, parameters, names, reference }: Definition) => ({
  id,
  title,
  parameters: parameters.map(({ name, default: value, range, learnable }) => ({
    name,
    default: value,
    range,
    learnable,
  })),
  names,
  reference,
});

const row = ({ id, title, parameters, names }: Definition): readonly string[] => [
  id,
  title,
  parameters.map((parameter) => `${parameter.name}=${parameter.default}`).join(" "),
  names.join(" "),
];
