/** `nonlin compare --all`: what each framework has of each activation, beside the definition of the catalogue. */
import { catalogue, rowActivations } from "../../catalogue.js";
import { differsFromDefinition, type Side } from "../../frameworks/gradients.js";
import { builtInOf } from "../../frameworks/find.js";
import type { Call } from "../../frameworks/row.js";
import { backendsOf, parseVersion, type FrameworkVersion } from "../../frameworks/version.js";
import { defaults, type Definition } from "../../ir/definition.js";
import type { Arguments } from "../shell/arguments.js";
import type { ExitCode } from "../commands.js";
import { sideOf } from "./sides.js";
import { pairText, short } from "./report.js";
import type { Terminal } from "../shell/terminal.js";
import { table, toJson } from "../shell/text.js";

const VERSIONS = ["keras@2.4", "keras@3.15", "torch@1.7", "torch@1.13", "torch@2.13"];

/**
 * A version's counterpart of a function: none, another function of the same name, or the same one with these
 * differences.
 */
interface Standing {
  readonly is: "same" | "missing" | "another";
  /** Defaults that are not the definition's, values that cannot be changed, gradients at kinks. */
  readonly defaults: readonly string[];
  readonly fixed: readonly string[];
  readonly kinks: readonly string[];
}

export async function compareAll(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const ids = [...catalogue, ...rowActivations].map(({ id }) => id);
  const columns = VERSIONS.map((text) => withBackends(parseVersion(text)));
  if (given.has("json")) {
    terminal.out(
      toJson(
        ids.map((id) => ({
          id,
          frameworks: Object.fromEntries(columns.flatMap((column, index) => cells(id, column, VERSIONS[index]!))),
        })),
      ),
    );
    return 0;
  }
  const rows = ids
    .map((id) => [id, ...columns.map((column) => columnText(column.map((at) => [at, standing(id, at)] as const)))])
    .filter(([, ...found]) => found.some((text) => text !== NOT_THERE));
  terminal.out(given.has("markdown") ? markdown([["", ...VERSIONS], ...rows]) : table([["", ...VERSIONS], ...rows]));
  return 0;
}

const NOT_THERE = "-";

const withBackends = (at: FrameworkVersion): readonly FrameworkVersion[] => {
  const backends = backendsOf(at);
  return backends.length === 0 ? [at] : backends.map((backend) => ({ ...at, backend }));
};

const cells = (id: string, column: readonly FrameworkVersion[], name: string): [string, Standing][] =>
  column.map((at) => [at.backend === undefined ? name : `${name}-${at.backend}`, standing(id, at)]);

/** How what a version has stands to the definition. */
export function standing(id: string, at: FrameworkVersion): Standing {
  const side = sideOf(id, builtInOf(id, at), at);
  const nothing = { defaults: [], fixed: [], kinks: [] };
  if (side.row === undefined) return { is: side.misnamed === undefined ? "missing" : "another", ...nothing };
  return {
    is: "same",
    defaults: otherDefaults(side),
    fixed: Object.entries(side.row.fixed ?? {}).flatMap(([name, value]) =>
      Number.isFinite(value) ? [`${name} = ${value}`] : [],
    ),
    kinks: kinkTexts(side),
  };
}

/** "1 at -1 and 1", "0.1 at 0 with negative_slope 0.1". */
function kinkTexts(side: Side): readonly string[] {
  const standard = side.definition && defaults(side.definition);
  const groups = new Map<string, string[]>();
  for (const { x, parameters, gradients } of differsFromDefinition(side)) {
    const others = Object.entries(parameters).filter(([name, value]) => value !== standard?.[name]);
    const condition = others.map(([name, value]) => `${name} ${short(value)}`).join(", ");
    const key = `${pairText(gradients[0])}\n${condition === "" ? "" : ` with ${condition}`}`;
    groups.set(key, [...(groups.get(key) ?? []), short(x)]);
  }
  return [...groups].map(([key, places]) => {
    const [gradient, condition] = key.split("\n");
    return `${gradient} at ${places.join(" and ")}${condition}`;
  });
}

/** The defaults that differ from the definition's: of the function, and of the layer where those are others. */
function otherDefaults({ row, definition }: Side): readonly string[] {
  if (row === undefined || definition === undefined) return [];
  const [ofFunction, ofLayer] = [row.function, row.layer].map((call) => call && differing(call, definition));
  if (ofFunction === undefined || ofLayer === undefined) return ofFunction ?? ofLayer ?? [];
  return ofFunction.map((text, index) => {
    const other = ofLayer[index]?.split(" ").at(-1);
    return other === undefined || text.endsWith(` ${other}`) ? text : `${text} (layer ${other})`;
  });
}

/** A cut at 20 is none to a float32, and neither is one further out. */
const isSameDefault = (own: number, theirs: number): boolean => own === theirs || (own === Infinity && theirs >= 20);

const differing = (call: Call, { parameters }: Definition): readonly string[] =>
  call.arguments.flatMap(({ value, default: standard }) => {
    const own = "parameter" in value ? parameters.find(({ name }) => name === value.parameter) : undefined;
    return own === undefined || typeof standard !== "number" || isSameDefault(own.default, standard)
      ? []
      : [`${own.name} ${short(standard)}`];
  });

function standingText({ is, defaults: others, fixed, kinks }: Standing): string {
  if (is === "missing") return NOT_THERE;
  if (is === "another") return "another function";
  const parts = [
    ...(others.length > 0 ? [`default ${others.join(", ")}`] : []),
    ...(kinks.length > 0 ? [`gradient ${kinks.join(", ")}`] : []),
  ];
  const only = fixed.length > 0 ? ` (${fixed.join(", ")} only)` : "";
  return (parts.length === 0 ? "same" : parts.join("; ")) + only;
}

/** One text where all backends agree, else what most say, and the others by name. */
function columnText(column: readonly (readonly [FrameworkVersion, Standing])[]): string {
  const texts = column.map(([at, found]) => [at.backend, standingText(found)] as const);
  const groups = [...new Set(texts.map(([, text]) => text))];
  if (groups.length === 1) return groups[0]!;
  return groups
    .map((text) => `${texts.flatMap(([backend, each]) => (each === text ? [backend] : [])).join(", ")}: ${text}`)
    .join(" / ");
}

function markdown(rows: readonly (readonly string[])[]): string {
  const [header, ...body] = rows.map((cellsOfRow) => cellsOfRow.map((cell) => cell.replaceAll("|", "\\|")));
  const line = (texts: readonly string[]): string => `| ${texts.join(" | ")} |\n`;
  return (
    line(header!) + line(header!.map(() => "---")) + body.map(([id, ...rest]) => line([`\`${id!}\``, ...rest])).join("")
  );
}
