/** JavaScript modules and their type declarations as text, from functions as data; prettier formats it. */
import type { Artifact } from "./target.js";

export interface ParameterText {
  readonly name: string;
  readonly type: string;
  /** The default value as source text; absent for required parameters. */
  readonly initial?: string;
  readonly documentation?: string;
  /** Whether it may be left out; when absent: parameters with a default may, properties may always. */
  readonly optional?: boolean;
  /** The name of a destructured parameter in declarations. */
  readonly declaredAs?: string;
}

export interface FunctionText {
  readonly name: string;
  readonly exported: boolean;
  readonly parameters: readonly ParameterText[];
  readonly returns: string;
  readonly documentation: string;
  readonly body: readonly string[];
}

export interface ConstantText {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly documentation: string;
  readonly exported: boolean;
}

export interface ModuleText {
  /** Without extension. */
  readonly path: string;
  readonly header: string;
  /** Whether its extensions say that it is a module: `.mjs`, `.d.mts`. */
  readonly isModule?: boolean;
  /** Lines of the code that import from other modules, and lines of code and declarations that export from them. */
  readonly imports?: readonly string[];
  readonly reexports?: readonly string[];
  /** An interface for the parameters object, for the declarations. */
  readonly interfaces: readonly {
    readonly name: string;
    readonly documentation: string;
    readonly properties: readonly ParameterText[];
  }[];
  readonly constants: readonly ConstantText[];
  readonly functions: readonly FunctionText[];
}

/** The `.js` and `.d.ts` files of a module. */
export function writeModule(module: ModuleText): Promise<readonly Artifact[]> {
  const { path, isModule = false, header, imports = [], reexports = [], interfaces, constants, functions } = module;
  const code = [
    header,
    ...imports,
    ...reexports,
    ...constants.map(constantText),
    ...functions.map((row) => `\n${functionText(row)}\n`),
  ];
  const types = [
    header,
    ...reexports,
    ...interfaces.map((row) => `\n${interfaceText(row)}\n`),
    ...constants.filter(({ exported }) => exported).map(constantType),
    ...functions.filter(({ exported }) => exported).map(functionType),
  ];
  const kind = isModule ? "m" : "";
  return Promise.all([
    artifact(`${path}.${kind}js`, code, "babel"),
    artifact(`${path}.d.${kind}ts`, types, "typescript"),
  ]);
}

const artifact = async (path: string, parts: readonly string[], parser: "babel" | "typescript"): Promise<Artifact> => ({
  path,
  text: await formatSource(parts.join("\n"), parser),
});

const documented = (text: string, declaration: string): string =>
  ["/**", ...text.split("\n").map((line) => ` * ${line}`.trimEnd()), " */", declaration].join("\n");

const constantText = ({ name, value, documentation, exported }: ConstantText): string =>
  documented(documentation, `${exported ? "export " : ""}const ${name} = ${value};`);

const constantType = ({ name, type, documentation }: ConstantText): string =>
  documented(documentation, `export declare const ${name}: ${type};`);

function functionText({ name, exported, parameters, documentation, body }: FunctionText): string {
  const given = parameters.map((one) => (one.initial === undefined ? one.name : `${one.name} = ${one.initial}`));
  const lines = [`${exported ? "export " : ""}function ${name}(${given.join(", ")}) {`, ...spaced(body), "}"];
  return documented(documentation, lines.join("\n"));
}

/** A blank line behind each block that something follows. */
const spaced = (lines: readonly string[]): string[] =>
  lines.flatMap((line, i) => (line === "}" && /^[^}]/.test(lines[i + 1] ?? "}") ? [line, ""] : [line]));

function functionType({ name, parameters, returns, documentation }: FunctionText): string {
  const given = parameters.map(({ name: own, declaredAs, type, optional, initial }) => {
    // A destructured default has no name of its own in a declaration.
    const shown = declaredAs ?? (own.startsWith("{") ? "parameters" : own);
    return `${shown}${(optional ?? initial !== undefined) ? "?" : ""}: ${type}`;
  });
  return documented(documentation, `export declare function ${name}(${given.join(", ")}): ${returns};`);
}

function interfaceText({ name, documentation, properties }: ModuleText["interfaces"][number]): string {
  const lines = properties.map(({ name: own, type, documentation: about, optional = true }) => {
    const property = `${own}${optional ? "?" : ""}: ${type};`;
    return about === undefined ? property : documented(about, property);
  });
  return documented(documentation, [`export interface ${name} {`, ...lines, "}"].join("\n"));
}

/** Source text as prettier formats it. */
export async function formatSource(text: string, parser: "babel" | "typescript"): Promise<string> {
  const [{ format }, babel, estree] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/babel"),
    import("prettier/plugins/estree"),
  ]);
  return format(text, {
    parser: parser === "typescript" ? "babel-ts" : "babel",
    plugins: [babel, estree.default],
    printWidth: 100,
  });
}
