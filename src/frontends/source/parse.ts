/** Source text to plain syntax: TypeScript's parser and nothing else of it. No types are checked, no import is followed. */
import type { ts as typescript } from "ts-morph";
import { Diagnostic } from "../../diagnostic.js";
import { TOO_DEEP } from "../interpreter/refusals.js";
import { refusal } from "../place.js";
import { checkLength } from "../problems.js";
import { converter } from "./convert.js";
import { kindsOf } from "./kinds.js";
import { regionsOf } from "./regions.js";
import type { Source } from "./syntax.js";

type TypeScript = typeof typescript;

/** The syntax of a file; a `Diagnostic` where it is none. Half a second for the parser to load, then a few milliseconds. */
export const parseSource = async (text: string, fileName: string): Promise<Source> =>
  (await parseRegions(text, fileName)).next().value!;

/** The file itself, and then the inside of each function that is wrapped around a module. */
export async function parseRegions(text: string, fileName: string): Promise<Generator<Source, undefined>> {
  checkLength(text);
  const { ts } = await import("ts-morph");
  try {
    return sourcesOf(ts, parse(ts, text, fileName), text);
  } catch (error) {
    throw readable(error, text);
  }
}

function* sourcesOf(ts: TypeScript, file: typescript.SourceFile, text: string): Generator<Source, undefined> {
  try {
    yield { text, ...converter(ts, file) };
    for (const region of regionsOf(ts, file, kindsOf(ts))) yield { text, ...converter(ts, file, region) };
  } catch (error) {
    throw readable(error, text);
  }
  return undefined;
}

/** The parser recurses: what overflows its stack here would overflow it everywhere. */
const readable = (error: unknown, text: string): unknown =>
  error instanceof RangeError && !(error instanceof Diagnostic)
    ? refusal(text, { start: deepestBracket(text), end: text.length }, TOO_DEEP)
    : error;

const EXTENSION = /\.[cm]?[jt]sx?$/i;

function parse(ts: TypeScript, text: string, fileName: string): typescript.SourceFile {
  const name = `/source${EXTENSION.exec(fileName)?.[0].toLowerCase() ?? ".ts"}`;
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const program = ts.createProgram({
    rootNames: [name],
    options: { noLib: true, noResolve: true, allowJs: true, target: ts.ScriptTarget.Latest, jsx: ts.JsxEmit.Preserve },
    host: {
      getSourceFile: (path) => (path === name ? file : undefined),
      getDefaultLibFileName: () => "",
      writeFile: () => undefined,
      getCurrentDirectory: () => "/",
      getCanonicalFileName: (path) => path,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (path) => path === name,
      readFile: () => undefined,
    },
  });
  const [mistake] = program.getSyntacticDiagnostics(file);
  if (mistake === undefined) return file;
  const message = ts.flattenDiagnosticMessageText(mistake.messageText, " ").replace(/\.$/, "");
  throw refusal(
    text,
    { start: mistake.start, end: mistake.start + mistake.length },
    {
      message: `this is not ${/\.[cm]?tsx?$/.test(name) ? "TypeScript" : "JavaScript"}: ${message}`,
      hint: "correct the syntax, then verify again",
    },
  );
}

/** Where most brackets are open. */
function deepestBracket(text: string): number {
  let [depth, most, place] = [0, 0, 0];
  for (const { 0: bracket, index } of text.matchAll(/[()[\]{}]/g)) {
    depth += "([{".includes(bracket) ? 1 : -1;
    if (depth > most) [most, place] = [depth, index];
  }
  return place;
}
