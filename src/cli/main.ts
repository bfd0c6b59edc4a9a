#!/usr/bin/env node
/** The process: its arguments, its exit code, and what it says when something goes wrong. */
import { readFileSync } from "node:fs";
import { Diagnostic } from "../diagnostic.js";
import { readArguments, unknownName } from "./shell/arguments.js";
import { commands, type ExitCode } from "./commands.js";
import { diagnosticFields, internalError, renderDiagnostic } from "./shell/failure.js";
import { commandHelp, overview } from "./shell/help.js";
import { processTerminal, type Terminal } from "./shell/terminal.js";
import { toJson } from "./shell/text.js";

const HELP = new Set(["help", "--help", "-h"]);

async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = words;
  if (name === "--version") {
    terminal.out(`${version()}\n`);
    return 0;
  }
  const topic = name === undefined || HELP.has(name) ? rest[0] : name;
  if (topic === undefined) {
    terminal.out(overview());
    return 0;
  }
  const command = Object.hasOwn(commands, topic) ? commands[topic] : undefined;
  if (command === undefined)
    throw unknownName(topic.startsWith("-") ? "option" : "command", topic, [...Object.keys(commands), "help"]);
  if (topic !== name || asksForHelp(rest)) {
    terminal.out(commandHelp(command));
    return 0;
  }
  const given = readArguments(rest, command.options, command.positionals, `usage: ${command.usage}`);
  return (await command.load()).run(given, terminal);
}

const beforeDashes = (words: readonly string[]): readonly string[] =>
  words.includes("--") ? words.slice(0, words.indexOf("--")) : words;

const asksForHelp = (words: readonly string[]): boolean =>
  beforeDashes(words).some((word) => word === "--help" || word === "-h");

function version(): string {
  const description: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof description === "object" && description !== null && "version" in description
    ? String(description.version)
    : "unknown";
}

/** Says what went wrong; a mistake of the user with its place, a mistake of ours in one line. */
function report(error: unknown, words: readonly string[], terminal: Terminal): void {
  const diagnostic = error instanceof Diagnostic ? error : internalError(error);
  if (beforeDashes(words).includes("--json")) terminal.out(toJson({ error: diagnosticFields(diagnostic) }));
  else terminal.err(renderDiagnostic(diagnostic));
}

function main(): void {
  const words = process.argv.slice(2);
  const terminal = processTerminal();
  let finished = false;
  const fail = (error: unknown): void => {
    finished = true;
    process.exitCode = 2;
    report(error, words, terminal);
  };
  // A reader that closed the pipe has seen enough.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      finished = true;
      process.exit(error.code === "EPIPE" ? process.exitCode : 2);
    });
  process.on("uncaughtException", (error) => {
    fail(error);
    process.exit();
  });
  // Node ends quietly when nothing is left to wait for though a promise never settled; a configuration may end it too.
  process.on("exit", () => {
    if (!finished) fail(new Diagnostic("the process ended before the command was done"));
  });
  run(words, terminal).then((code) => {
    finished = true;
    process.exitCode = code;
  }, fail);
}

main();
