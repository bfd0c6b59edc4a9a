/** The texts of `nonlin help` and `nonlin <command> --help`. */
import { commands, type Command } from "../commands.js";
import type { OptionTable } from "./arguments.js";
import { table } from "./text.js";

/** The overview. */
export const overview = (): string =>
  "nonlin: a symbolic compiler for the nonlinear parts of neural networks\n\n" +
  "usage: nonlin <command> [options]\n\n" +
  table(
    Object.entries(commands).map(([name, { summary }]) => [name, summary]),
    "  ",
  ) +
  "\nnonlin <command> --help explains a command.\n" +
  "Exit codes: 0 done, 1 found something wrong, 2 bad usage or cannot tell.\n";

const HELP: OptionTable = { help: { summary: "this text" } };

/** A command's page. */
export const commandHelp = (command: Command): string =>
  `usage: ${command.usage}\n\n${command.about}\n\n` +
  table(
    Object.entries({ ...command.options, ...HELP }).map(([name, row]) => [
      `--${name}${row.value === undefined ? "" : ` ${row.value}`}`,
      row.summary,
    ]),
    "  ",
  );
