/** The report of `nonlin verify` as other programs read it: annotations of GitHub's workflows, and SARIF. */
import { answersText, problemText } from "./report.js";
import type { Prover } from "../../symbolic/prove/prove.js";
import { toJson, withoutControls } from "../shell/text.js";
import { verdictOf, type Answer } from "./claim.js";
import type { Problem } from "./source.js";

export const FORMATS = ["text", "json", "github", "sarif"] as const;
export type Format = (typeof FORMATS)[number];

/** Something to be said about a place in a file, or about no file. */
export interface Finding {
  readonly level: "error" | "warning";
  readonly rule: string;
  readonly file?: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Everything but what is proved, allowed or accepted; a place is in the fields, so it is left out of the words. */
export function findingsOf(
  answers: readonly Answer[],
  problems: readonly Problem[],
  prover: Prover,
): readonly Finding[] {
  const isFine = (given: Answer): boolean =>
    given.allowed || given.accepted === true || /^(?:proved|surrogate)$/.test(verdictOf(given));
  const wrong = answers.filter((given) => !isFine(given));
  return [
    ...wrong.map((given): Finding => {
      const { verdict } = given.proof;
      const text = answersText([given], prover, false);
      const level = verdict === "unknown" ? "warning" : "error";
      return { level, rule: verdict, ...placeIn(given.claim.label), message: bare(text, given.claim.place) };
    }),
    ...problems
      .filter(({ isSurrogate }) => isSurrogate !== true)
      .map((problem): Finding => {
        const message = bare(problemText(problem), problem.place);
        return { level: "warning", rule: "unreadable", ...placeIn(problem.label), message };
      }),
  ];
}

const bare = (text: string, place: string): string => {
  const start = `${withoutControls(place)}: `;
  return (text.startsWith(start) ? text.slice(start.length) : text).trimEnd();
};

function placeIn({ file, line, column }: Readonly<Record<string, unknown>>): Pick<Finding, "file" | "line" | "column"> {
  const whole = (value: unknown): number => (typeof value === "number" ? value : 1);
  return { ...(typeof file === "string" && { file }), line: whole(line), column: whole(column) };
}

/** `::error file=a.ts,line=1,col=2::text`, with line ends and signs as GitHub wants them written. */
export function githubLines(findings: readonly Finding[]): string {
  const data = (text: string): string => text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
  const property = (text: string): string => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
  return findings
    .map(({ level, rule, file, line, column, message }) => {
      const place = file === undefined ? "" : `file=${property(file)},line=${line},col=${column},`;
      return `::${level} ${place}title=nonlin%3A ${rule}::${data(message)}\n`;
    })
    .join("");
}

const RULES: Readonly<Record<string, string>> = {
  refuted: "The derivative is wrong",
  "equal-except": "The derivative is wrong at single inputs",
  unknown: "It could not be told whether the derivative is right",
  unreadable: "The function could not be read",
};

export function sarif(findings: readonly Finding[]): string {
  const rules = Object.entries(RULES).map(([id, text]) => ({ id, shortDescription: { text } }));
  const results = findings.map(({ level, rule, file, line, column, message }) => ({
    ruleId: rule,
    level,
    message: { text: message },
    ...(file !== undefined && {
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(file.replaceAll("\\", "/")) },
            region: { startLine: line, startColumn: column },
          },
        },
      ],
    }),
  }));
  return toJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "nonlin", rules } }, results }],
  });
}
