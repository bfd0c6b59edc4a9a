/**
 * A hash of what a row measured: the code of a module that the loop and its reference consist of, but for comments and for
 * refusals of arguments, which no measured call meets.
 */
import { createHash } from "node:crypto";
import ts from "typescript";

/** Exported functions that a row depends on; whatever else a module exports as a function may change. */
const MEASURED = { forward: ["value", "forward"], backward: ["derivative", "backward", "forward"] };
const DIRECTIONS = Object.keys(MEASURED);
export { DIRECTIONS };

export function codeHash(text, direction) {
  const file = ts.createSourceFile("module.js", text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  const printer = ts.createPrinter({ removeComments: true });
  const isExported = ({ modifiers = [] }) => modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const savesInput = /^export const saves = "input";/m.test(text);
  const measured = MEASURED[direction].filter((name) => name !== "forward" || direction === "forward" || !savesInput);
  const code = file.statements
    .filter((one) => !ts.isFunctionDeclaration(one) || !isExported(one) || measured.includes(one.name.text))
    .flatMap(withoutRefusals)
    .map((one) => printer.printNode(ts.EmitHint.Unspecified, one, file));
  return createHash("sha256").update(code.join("\n")).digest("hex").slice(0, 16);
}

const isRefusal = (statement) => ts.isIfStatement(statement) && ts.isThrowStatement(statement.thenStatement);

/** A function as its name, its arguments and the lines that compute. */
const withoutRefusals = (statement) =>
  ts.isFunctionDeclaration(statement)
    ? [statement.name, ...statement.parameters, ...statement.body.statements.filter((line) => !isRefusal(line))]
    : [statement];
