/** `nonlin compare`: whether two frameworks mean the same by a name, and what closes the gap. */
import { compareSides, type Comparison, type Side } from "../../pipeline/comparison.js";
import { Diagnostic } from "../../diagnostic.js";
import { canBe } from "../../frameworks/call.js";
import { parseVersion, versionText, type FrameworkVersion } from "../../frameworks/version.js";
import type { ParameterValues } from "../../ir/definition.js";
import { createOracle } from "../../symbolic/oracle.js";
import { createProver } from "../../symbolic/prove/prove.js";
import { unknownName, type Arguments } from "../shell/arguments.js";
import type { ExitCode, Run } from "../commands.js";
import { comparisonText } from "./report.js";
import { exportedSnippet } from "./snippet.js";
import { sidesOf } from "./sides.js";
import { readAssignments } from "../shell/subject.js";
import { quote, toJson } from "../shell/text.js";

export const run: Run = async (given, terminal) => {
  if (given.has("all")) {
    refuseBesideAll(given);
    const { compareAll } = await import("./matrix.js");
    return compareAll(given, terminal);
  }
  if (given.has("markdown")) throw new Diagnostic("--markdown goes with --all");
  const [name, ...versions] = given.positionals;
  if (name === undefined || versions.length !== 2)
    throw new Diagnostic("compare needs a name and two versions", {
      hint: "for example nonlin compare hard_sigmoid keras@2.4 torch@2.13",
    });
  const [a, b] = versions.map(parseVersion) as [FrameworkVersion, FrameworkVersion];
  const values = readAssignments(given.all("param"));
  const sides = sidesOf(name, [a, b]);
  checkValues(sides, values);
  const oracle = await createOracle();
  const comparison = await compareSides(
    { sides, given: values },
    { oracle, prover: createProver(oracle), snippet: exportedSnippet(oracle) },
  );
  terminal.out(given.has("json") ? toJson({ name, ...comparison }) : comparisonText(name, comparison));
  return exitCode(comparison);
};

const exitCode = ({ same, verdict }: Comparison): ExitCode => (same ? 0 : verdict === "unknown" ? 2 : 1);

function refuseBesideAll(given: Arguments): void {
  const [word] = given.positionals;
  if (word !== undefined) throw new Diagnostic(`--all compares every activation: leave out ${quote(word)}`);
  if (given.all("param").length > 0) throw new Diagnostic("--param goes with one activation, not with --all");
}

/** Values are for parameters that a side has, within their ranges, and that the framework lets one set. */
function checkValues(sides: readonly [Side, Side], values: ParameterValues): void {
  const known = sides.flatMap(({ definition }) => definition?.parameters ?? []);
  for (const [name, value] of Object.entries(values)) {
    const parameter = known.find((each) => each.name === name);
    if (parameter === undefined)
      throw unknownName(
        "parameter",
        name,
        new Set(known.map((each) => each.name)),
        known.length === 0 ? "it has no parameters" : undefined,
      );
    const [low, high] = parameter.range;
    if (value < low || value > high || Number.isNaN(value))
      throw new Diagnostic(`${name} = ${value} is outside its range, ${low} to ${high}`);
    for (const { row, at } of sides)
      if (row?.fixed?.[name] !== undefined && !canBe({ ...row, fixed: { [name]: row.fixed[name]! } }, values))
        throw new Diagnostic(`${name} cannot be set in ${versionText(at)}: it is ${row.fixed[name]}`, {
          hint: `leave out --param ${name}`,
        });
  }
}
