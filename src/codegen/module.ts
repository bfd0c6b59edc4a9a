/** Assembles JavaScript modules and their type declarations from functions as data; ts-morph writes, prettier formats. */
import type { FunctionDeclarationStructure, InterfaceDeclarationStructure, VariableStatementStructure } from "ts-morph";
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
export async function writeModule(module: ModuleText): Promise<readonly Artifact[]> {
  const { Project, StructureKind, VariableDeclarationKind } = await import("ts-morph");
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipAddingFilesFromTsConfig: true,
  });
  const docs = (text: string): { description: string }[] => [{ description: `\n${text}` }];

  const code = project.createSourceFile(`${module.path}.js`, {
    statements: [
      module.header,
      ...module.constants.map((row): VariableStatementStructure => ({
        kind: StructureKind.VariableStatement,
        declarationKind: VariableDeclarationKind.Const,
        isExported: row.exported,
        declarations: [{ name: row.name, initializer: row.value }],
        docs: docs(row.documentation),
      })),
      ...module.functions.map((row): FunctionDeclarationStructure => ({
        kind: StructureKind.Function,
        name: row.name,
        isExported: row.exported,
        parameters: row.parameters.map(({ name, initial }) => ({
          name,
          ...(initial !== undefined && { initializer: initial }),
        })),
        docs: docs(row.documentation),
        statements: [...row.body],
      })),
    ],
  });

  const types = project.createSourceFile(`${module.path}.d.ts`, {
    statements: [
      module.header,
      ...module.interfaces.map((row): InterfaceDeclarationStructure => ({
        kind: StructureKind.Interface,
        name: row.name,
        isExported: true,
        docs: docs(row.documentation),
        properties: row.properties.map(({ name, type, documentation, optional = true }) => ({
          name,
          type,
          hasQuestionToken: optional,
          docs: documentation === undefined ? [] : docs(documentation),
        })),
      })),
      ...module.constants
        .filter((row) => row.exported)
        .map((row): VariableStatementStructure => ({
          kind: StructureKind.VariableStatement,
          declarationKind: VariableDeclarationKind.Const,
          isExported: true,
          hasDeclareKeyword: true,
          declarations: [{ name: row.name, type: row.type }],
          docs: docs(row.documentation),
        })),
      ...module.functions
        .filter((row) => row.exported)
        .map((row): FunctionDeclarationStructure => ({
          kind: StructureKind.Function,
          name: row.name,
          isExported: true,
          hasDeclareKeyword: true,
          parameters: row.parameters.map(({ name, type, initial, optional, declaredAs }) => ({
            // A destructured default has no name of its own in a declaration.
            name: declaredAs ?? (name.startsWith("{") ? "parameters" : name),
            type,
            hasQuestionToken: optional ?? initial !== undefined,
          })),
          returnType: row.returns,
          docs: docs(row.documentation),
        })),
    ],
  });

  return Promise.all(
    [code, types].map(async (file) => ({
      path: file.getFilePath().slice(1),
      text: await formatSource(file.getFullText(), file === types ? "typescript" : "babel"),
    })),
  );
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
