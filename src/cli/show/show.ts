/** `nonlin show`: everything worth knowing about one activation, or about layers with it. */
import { defaults, type Definition } from "../../ir/definition.js";
import { Diagnostic } from "../../diagnostic.js";
import { compile, createOracle, type Compilation, type Oracle } from "../../pipeline/activation.js";
import { describe, type Description } from "../../pipeline/describe.js";
import { targets, type TargetName } from "../../registry.js";
import { shortfalls } from "../../codegen/grade.js";
import { createProver } from "../../symbolic/prove/prove.js";
import type { Proof } from "../../symbolic/prove/verdict.js";
import type { Run } from "../commands.js";
import { plot, short } from "./plot.js";
import { resolveGraphs } from "../shell/graph-subject.js";
import { SAVINGS, readTarget } from "../shell/options.js";
import { parameterRows } from "../shell/parameter-rows.js";
import { readAssignments, resolveSubject } from "../shell/subject.js";
import { table, toJson } from "../shell/text.js";
import { claimsOfDefinition, proveGoal } from "../verify/claim.js";
import { proofFields } from "../verify/report.js";

const FUNCTIONS = { value: "f", derivative: "f'", secondDerivative: "f''" } as const;
const PLOT = { width: 60, height: 16 } as const;

export const run: Run = async (given, terminal) => {
  const save = given.choice("save", SAVINGS) ?? "auto";
  const graphs = await resolveGraphs(given);
  if (graphs !== undefined) {
    const { showGraphs } = await import("./show-graph.js");
    return showGraphs(graphs, save, given, terminal);
  }
  const definition = await resolveSubject(given.positionals[0]!, readAssignments(given.all("param")));
  if (given.has("plan"))
    throw new Diagnostic(`--plan is there for graphs, and ${definition.id} is elementwise`, {
      hint: "--with dense shows the plan of a layer with it",
    });
  const oracle = await createOracle();
  const description = await describe(definition, defaults(definition), oracle);
  const target = readTarget(given.value("target") ?? "js");
  const compilation = await compile(definition, { target, save }, oracle);
  const proofs = provedDerivatives(definition, oracle);
  if (given.has("json")) terminal.out(toJson(fields(target, definition, description, compilation, proofs)));
  else {
    const unicode = terminal.unicode && !given.has("ascii");
    terminal.out(page(target, definition, description, compilation, proofs, given.has("explain"), unicode));
  }
  return 0;
};

/** The proofs of f' and f''. */
type Proofs = ReadonlyMap<string, Proof>;

function provedDerivatives(definition: Definition, oracle: Oracle): Proofs {
  const prover = createProver(oracle);
  const claims = claimsOfDefinition(definition, prover).filter(({ goal }) => goal.variable === undefined);
  return new Map(claims.map(({ short = "", goal }) => [short, proveGoal(goal, prover).proof]));
}

const fields = (
  target: TargetName,
  definition: Definition,
  description: Description,
  compilation: Compilation,
  proofs: Proofs,
) => ({
  id: definition.id,
  title: definition.title,
  reference: definition.reference,
  parameters: defaults(definition),
  ...description,
  target,
  proofs: Object.fromEntries([...proofs].map(([name, proof]) => [name, proofFields(proof, false)])),
  saves: compilation.saves,
  accuracy: compilation.accuracy,
  rules: compilation.rules,
  forms: compilation.forms,
});

function page(
  target: TargetName,
  definition: Definition,
  description: Description,
  compilation: Compilation,
  proofs: Proofs,
  explain: boolean,
  unicode: boolean,
): string {
  const sections = [
    heading(definition),
    formulas(description) + verdicts(proofs),
    stableForms(compilation),
    explain ? rulesSection(compilation) : "",
    shape(description),
    kinks(description),
    accuracySection(target, compilation),
    picture(description, unicode),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function heading({ id, title, reference, parameters }: Definition): string {
  return `${id}: ${title}\n${reference === "" ? "" : `${reference}\n`}${table(parameterRows(parameters), "  ")}`;
}

const formulas = (description: Description): string =>
  named({
    "f(x)": description.formula,
    "f'(x)": description.derivative,
    "f''(x)": description.secondDerivative,
  });

/** Such as `proved  f', f''`, one row for each verdict. */
function verdicts(proofs: Proofs): string {
  const rows = new Map<string, string[]>();
  for (const [name, proof] of proofs)
    rows.set(proof.verdict, [...(rows.get(proof.verdict) ?? []), name + doubt(proof)]);
  return table([...rows].map(([verdict, names]) => [verdict, names.join(", ")]));
}

function doubt(proof: Proof): string {
  if (proof.verdict === "equal-except") return ` (not at ${proof.at.map(({ at }) => `x = ${at}`).join(", ")})`;
  return proof.verdict === "unknown" ? ` (${proof.reason})` : "";
}

const stableForms = ({ forms }: Compilation): string =>
  `as emitted\n${named(Object.fromEntries(entries(FUNCTIONS).map(([key, name]) => [`${name}(x)`, forms[key]])), "  ")}`;

/** Formulas behind their names; further lines of a long one stand below its first. */
const named = (formulas: Readonly<Record<string, string>>, indent = ""): string =>
  table(
    Object.entries(formulas).flatMap(([name, formula]) => {
      const [first = "", ...rest] = formula.split("\n");
      return [[name, `= ${first}`], ...rest.map((line) => ["", `  ${line}`])];
    }),
    indent,
  );

const rulesSection = ({ rules }: Compilation): string =>
  "rules applied\n" +
  table(
    entries(FUNCTIONS).map(([key, name]) => [name, rules[key].length === 0 ? "none" : rules[key].join(", ")]),
    "  ",
  );

/** How far a range is to be trusted. */
const RANGES: Readonly<Record<Description["range"]["ends"], string>> = {
  limits: "",
  sampled: ", as sampled",
  unknown: " for |x| up to 60; elsewhere not known",
};

const shape = ({ range: { low, high, ends }, asymptotes }: Description): string =>
  table([
    ["range", `${short(low, 6)} to ${short(high, 6)}${RANGES[ends]}`],
    ["toward -infinity", asymptotes.left],
    ["toward +infinity", asymptotes.right],
  ]);

function kinks(description: Description): string {
  if (description.kinks.length === 0) return "";
  const rows = description.kinks.map(({ at, value, derivative }) => [
    short(at, 6),
    ...[...value, ...derivative].map((number) => short(number, 6)),
  ]);
  return `kinks\n${table([["x", "f left", "at", "right", "f' left", "at", "right"], ...rows], "  ")}`;
}

function accuracySection(target: TargetName, { accuracy, saves }: Compilation): string {
  const wrong = shortfalls(accuracy, targets[target]).filter(({ grade }) => grade === "wrong");
  const rows = entries(accuracy).map(([name, { ulp, at, parameters, nearZeros }]) => [
    name,
    wrong.some(({ functions }) => functions.includes(name)) ? "wrong" : short(ulp, 3),
    [`x=${short(at, 6)}`, ...Object.entries(parameters).map(([key, value]) => `${key}=${short(value, 6)}`)].join(" "),
    nearZeros === undefined
      ? ""
      : `${short(nearZeros.absolute, 3)} absolute near ${nearZeros.zeros.map((zero) => short(zero, 6)).join(", ")}`,
  ]);
  return `accuracy of ${target} (backward keeps the ${saves})\n${table([["function", "worst ULP", "where", ""], ...rows], "  ")}`;
}

function picture({ curve, kinks: places }: Description, unicode: boolean): string {
  const jumps = places.filter(({ value: [a, , b], derivative: [c, , d] }) => a !== b || c !== d);
  const curves = {
    points: curve.points,
    full: curve.value,
    broken: curve.derivative,
    breaks: jumps.map(({ at }) => at),
  };
  const legend = unicode ? "f is the full line, f' the dotted one" : "f is *, f' is .";
  return `${plot(curves, { unicode, ...PLOT })}${legend}\n`;
}

const entries = <Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(record) as [Key, Value][];
