/** `nonlin verify`: proves that derivatives are right, or shows an input where they are wrong. */
import { catalogue, findGraph } from "../../catalogue.js";
import { createOracle } from "../../pipeline/activation.js";
import type { Oracle } from "../../symbolic/oracle.js";
import { Diagnostic } from "../../diagnostic.js";
import type { Prover } from "../../symbolic/prove/prove.js";
import { unknownName, type Arguments } from "../shell/arguments.js";
import { resolveGraphs } from "../shell/graph-subject.js";
import type { ExitCode, Run } from "../commands.js";
import { definitionCalled, knownNames } from "../shell/subject.js";
import { writeWhole } from "../shell/files.js";
import type { Terminal } from "../shell/terminal.js";
import { quote, toJson } from "../shell/text.js";
import { claimOfFormulas, claimsOfDefinition, createTimedProver } from "./claim.js";
import { certificateFile } from "./certificate.js";
import { FORMATS, githubLines, sarif } from "./format.js";
import { exitCode, summary, tallyOf } from "./report.js";
import { claimsOfGraph } from "./graph.js";
import { reportOnFiles, reportOnFolder, skippedText } from "./folder.js";
import { claimsOfFile, isFile, isFileName, isFolder, type Found } from "./source.js";
import { reportOn, type Report, type Wishes } from "./work.js";

export const run: Run = async (given, terminal) => {
  const batch = given.value("batch");
  const allowsUnknown = given.has("allow-unknown");
  const verdictOf = (code: ExitCode): ExitCode => (allowsUnknown && code === 2 ? 0 : code);
  if (batch !== undefined) {
    refuseBeside("--batch", given);
    const { verifyBatch } = await import("./batch.js");
    return verdictOf(await verifyBatch(batch, createTimedProver(await createOracle()), given.has("explain"), terminal));
  }
  const sources = await sourcesOf(given);
  const tolerance = readTolerance(given.value("tolerance"));
  const format = given.has("json") ? "json" : (given.choice("format", FORMATS) ?? "text");
  const certificate = given.value("certificate");
  const wishes = { tolerance, explain: given.has("explain"), format, certify: certificate !== undefined };
  return verdictOf(await verifySources(sources, await createOracle(), wishes, certificate, terminal));
};

/** Finds claims when its turn comes; many files are verified by threads, and those without a derivative are skipped. */
type Source =
  ((prover: Prover) => Found | Promise<Found>) | { readonly folder: string } | { readonly files: readonly string[] };

/** The sources of the claims that the arguments ask for; usage is checked before anything is proved. */
async function sourcesOf(given: Arguments): Promise<Source[]> {
  if (given.names("with") !== undefined) {
    if (given.positionals.length !== 1)
      throw new Diagnostic("--with needs one activation", { hint: "for example: nonlin verify silu --with dense" });
    const graphs = (await resolveGraphs(given)) ?? [];
    return graphs.flatMap((graph) => claimsOfGraph(graph).map((found) => () => found));
  }
  const formula = await formulaSource(given);
  const areTogether = given.has("allow-unknown");
  const files = given.positionals.filter((word) => areTogether && isFileName(word) && isFile(word));
  const words = given.positionals.filter((word) => !files.includes(word));
  if (areTogether) words.forEach(refuseMissing);
  const named = [
    ...(formula === undefined ? [] : [formula]),
    ...(files.length === 0 ? [] : [{ files }]),
    ...words.flatMap(wordSources),
  ];
  return named.length > 0
    ? named
    : catalogue.map((definition) => (prover: Prover) => ({
        claims: claimsOfDefinition(definition, prover),
        problems: [],
      }));
}

/** A misspelt path is a mistake also where the unknown is allowed. */
function refuseMissing(word: string): void {
  if (isFileName(word) && !isFolder(word)) throw new Diagnostic(`there is no file or folder ${quote(word)}`);
}

function wordSources(word: string): readonly Source[] {
  const definition = definitionCalled(word);
  if (definition !== undefined) return [(prover) => ({ claims: claimsOfDefinition(definition, prover), problems: [] })];
  const graph = findGraph(word);
  if (graph !== undefined) return claimsOfGraph(graph).map((found) => () => found);
  if (!isFileName(word) && !isFolder(word))
    throw unknownName(
      "activation",
      word,
      knownNames(),
      /^[\w.]*$/.test(word)
        ? "nonlin list shows the catalogue; names of files end in .ts, .js or .py, or have a / in them"
        : "a formula is given as --formula F --derivative D",
    );
  return [isFolder(word) ? { folder: word } : () => claimsOfFile(word)];
}

const FORMULA_OPTIONS = ["formula", "derivative", "order", "positive"] as const;

async function formulaSource(given: Arguments): Promise<Source | undefined> {
  const [formula, derivative] = [given.value("formula"), given.value("derivative")];
  if (formula === undefined || derivative === undefined) {
    const found = FORMULA_OPTIONS.find((name) => given.value(name) !== undefined);
    if (found === undefined) return undefined;
    const missing = formula === undefined ? "formula" : "derivative";
    throw new Diagnostic(`--${found} needs --${missing} beside it`, {
      hint: 'for example --formula "tanh(x)" --derivative "1 - y^2"',
    });
  }
  const order = readOrder(given.value("order"));
  const positive = given.names("positive") ?? [];
  const { readClaim } = await import("../../frontends/batch.js");
  const { goal, names } = await readClaim({ formula, derivative, order, positive });
  for (const name of positive) if (!names.includes(name)) throw unknownName("name in --positive:", name, names);
  return () => ({ claims: [claimOfFormulas(goal, formula, derivative)], problems: [] });
}

function readOrder(text = "1"): number {
  if (!/^[0-9]$/.test(text))
    throw new Diagnostic(`--order has to be a whole number from 0 to 9, not ${quote(text)}`, {
      hint: "2 is the second derivative; with 0 the two formulas are compared",
    });
  return Number(text);
}

function readTolerance(text = "0"): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new Diagnostic(`--tolerance has to be a number from 0 on, not ${quote(text)}`, {
      hint: "1e-9 accepts what differs by constants with nine digits",
    });
  return value;
}

function refuseBeside(option: string, given: Arguments): void {
  const other = [...FORMULA_OPTIONS, "certificate"].find((name) => given.value(name) !== undefined);
  const found = other === undefined ? given.positionals[0] : `--${other}`;
  if (found !== undefined)
    throw new Diagnostic(`${option} stands alone: ${quote(found)} cannot be given beside it`, {
      hint: "every line of the batch says what it is about",
    });
}

async function verifySources(
  sources: readonly Source[],
  oracle: Oracle,
  wishes: Wishes,
  certificate: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const started = performance.now();
  const prover = createTimedProver(oracle);
  const reports: Report[] = [];
  const skipped = new Map<string, number>();
  const say = (report: Report): void => {
    terminal.out(report.text);
    terminal.err(report.complaints);
    reports.push(report);
  };
  for (const source of sources) {
    if (typeof source === "function") say(reportOn(await source(prover), prover, oracle, wishes));
    else {
      const left =
        "folder" in source
          ? await reportOnFolder(source.folder, wishes, prover, oracle, say)
          : await reportOnFiles({ files: source.files, skipped: new Map() }, wishes, prover, oracle, say);
      for (const [reason, n] of left) skipped.set(reason, (skipped.get(reason) ?? 0) + n);
    }
  }
  if (certificate !== undefined) writeWhole(certificate, certificateFile(reports.flatMap((each) => each.certificates)));
  const tally = tallyOf(reports.flatMap(({ outcomes }) => outcomes));
  const seconds = (performance.now() - started) / 1000;
  const findings = reports.flatMap((report) => report.findings);
  const { format } = wishes;
  if (format === "json") {
    const [claims, problems] = [reports.flatMap((each) => each.claims), reports.flatMap((each) => each.problems)];
    const left = skipped.size > 0 && { skipped: Object.fromEntries(skipped) };
    terminal.out(toJson({ claims, problems, ...left, tally, seconds }));
  } else if (format === "github") terminal.out(githubLines(findings));
  else if (format === "sarif") terminal.out(sarif(findings));
  else {
    if (reports.flatMap(({ outcomes }) => outcomes).length > 1) terminal.out(summary("claim", tally, seconds));
    terminal.out(skippedText(skipped));
  }
  return exitCode(
    tally,
    reports.reduce((sum, { pardoned }) => sum + pardoned, 0),
  );
}
