/** Emitted JavaScript and WGSL says only what is so, and has nothing that nobody asks for. */
import { readFileSync, readdirSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { accuracyText } from "../src/codegen/documentation.js";
import type { Accuracy } from "../src/codegen/target.js";
import type { Precision } from "../src/symbolic/arithmetic.js";
import { idleBounds } from "./helpers/idle-bounds.js";
import { entryPoints, reachedFrom, readShader } from "./helpers/shader-text.js";

const GENERATED = new URL("../generated/", import.meta.url);
const modulesIn = (target: string, extension: string): readonly (readonly [id: string, text: string])[] =>
  readdirSync(new URL(target, GENERATED))
    .filter((name) => name.endsWith(extension) && !name.startsWith("index."))
    .map((name) => [name.slice(0, -extension.length), readFileSync(new URL(`${target}/${name}`, GENERATED), "utf8")]);
const scripts = modulesIn("js", ".js");
const shaders = modulesIn("wgsl", ".wgsl").map(([id, text]) => {
  const shader = readShader(text);
  return [id, text, { ...shader, entries: entryPoints(shader) }] as const;
});

const NUMBERS: ReadonlyMap<unknown, number> = new Map(
  [NaN, Infinity, -Infinity].map((value) => [String(value), value]),
);
const accuracy = JSON.parse(readFileSync(new URL("accuracy.json", GENERATED), "utf8"), (_, value: unknown) =>
  NUMBERS.has(value) ? NUMBERS.get(value) : value,
) as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Accuracy>>>>>>;
const sentenceOf = (id: string, target: string, of: string, precision: Precision, modelled = false): string =>
  accuracyText(accuracy[id]![target]![of]!, precision, modelled);

describe("JavaScript", () => {
  it.each(scripts)("%s has no function and no constant that is neither exported nor used", (_, text) => {
    const file = ts.createSourceFile("module.js", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
    const mentions = new Map<string, number>();
    const count = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) mentions.set(node.text, (mentions.get(node.text) ?? 0) + 1);
      ts.forEachChild(node, count);
    };
    count(file);
    const isExported = (node: ts.FunctionDeclaration | ts.VariableStatement): boolean =>
      node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    const declared = file.statements.flatMap((node) => {
      if (ts.isFunctionDeclaration(node)) return isExported(node) ? [] : [node.name!.text];
      if (!ts.isVariableStatement(node) || isExported(node)) return [];
      return node.declarationList.declarations.map(({ name }) => name.getText(file));
    });
    expect(declared.filter((name) => mentions.get(name)! < 2)).toEqual([]);
  });

  it.each(scripts)("%s holds nothing that is held already", (_, text) => {
    expect(idleBounds(text)).toEqual([]);
  });

  it.each(scripts.filter(([, text]) => text.includes("Accuracy:")))("%s states the measured accuracy", (id, text) => {
    const documented = [...text.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport function (\w+)/g)];
    expect(documented.length).toBe(5);
    for (const [, comment, name] of documented) {
      const type = ["forward", "backward"].includes(name!) ? "float32" : "float64";
      expect(comment!.split("\n").filter((line) => line.includes("Accuracy"))).toEqual([
        ` * ${sentenceOf(id, "js", name!, type)}`,
      ]);
    }
  });
});

/** `relu_derivative` in terms of accuracy.json: of which activation, and which of its functions. */
const SUFFIXES = {
  _second_derivative: "secondDerivative",
  _derivative_of_output: "backward",
  _derivative: "derivative",
};

function measuredBy(name: string): readonly [id: string, of: string] {
  const [suffix, of] = Object.entries(SUFFIXES).find(([end]) => name.endsWith(end)) ?? ["", "value"];
  // Names of builtins end in an underscore.
  return [name.slice(0, name.length - suffix.length).replace(/(_negated)?_?$/, ""), of];
}

/** Each vector and scalar view of a buffer is a variable of its own. */
const bufferName = (variable: string): string => variable.replace(/_values?(_scalar)?$/, "");

describe("WGSL", () => {
  it.each(shaders)("%s has no function, buffer or override that nothing uses", (_, __, shader) => {
    const offered = /for other shaders too: ([\w, ]+)\./.exec(shader.header)?.[1]?.split(", ") ?? [];
    const used = new Set(
      [...shader.entries.map(({ name }) => name), ...offered].flatMap((name) =>
        reachedFrom(name, shader).map((of) => of.name),
      ),
    );
    expect(shader.functions.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
    for (const name of offered) expect(shader.code).toContain(`fn ${name}(`);
    const variables = [...shader.code.matchAll(/\bvar<[^>]*> (\w+)|\boverride (\w+)/g)].map(([, a, b]) => a ?? b!);
    const idle = variables.filter((name) => shader.code.match(new RegExp(`\\b${name}\\b`, "g"))!.length < 2);
    expect(idle).toEqual([]);
  });

  it.each(shaders)("%s declares each buffer for what entry points do with it", (_, __, shader) => {
    for (const { name, access } of shader.buffers) {
      const writes = shader.entries.some(({ uses }) => uses.get(name)?.writes);
      expect(access, name).toBe(writes ? "read_write" : "read");
    }
  });

  it.each(shaders)("%s lists the bindings of each entry point, in order", (_, __, shader) => {
    for (const { name: entry, uses } of shader.entries) {
      const [, listed] = new RegExp(`^- ${entry.replace(/_scalar$/, "")}: .*Bindings:? ([^.]+)\\.$`, "m").exec(
        shader.header,
      )!;
      const numbers = listed!.split(", ").map((one) => Number.parseInt(one, 10));
      const bound = shader.buffers.filter(({ name }) => uses.has(name));
      const wanted = [...new Set(bound.map(({ number }) => number))].sort((a, b) => a - b);
      expect(
        numbers.filter((number) => number > 0),
        entry,
      ).toEqual(wanted);
      // Elementwise modules say the names, too.
      for (const [, number, name] of listed!.matchAll(/(\d+) (\w+)/g))
        if (name !== "sizes")
          expect(bound.map((one) => `${one.number} ${bufferName(one.name)}`)).toContain(`${number} ${name}`);
    }
  });

  const layers = shaders.filter(([, , { header }]) => header.includes("and storage buffers:"));
  it.each(layers)("%s says of each buffer what functions do with it", (_, __, shader) => {
    const rows = [...shader.header.matchAll(/^- (\d+) (.+?, (?:input|output|workspace)[^:]*): /gm)];
    const numbers = rows.map(([, number]) => Number(number));
    expect(numbers).toEqual([...new Set(shader.buffers.map(({ number }) => number))].sort((a, b) => a - b));
    for (const [, number, roles] of rows)
      for (const role of roles!.split("; ")) {
        const [, name, kind, of] = /^(\w+), (input|output|workspace)(?: of (.+))?$/.exec(role)!;
        expect(shader.buffers).toContainEqual(expect.objectContaining({ name, number: Number(number) }));
        const functions = of
          ?.split(" and ")
          .map((one) => one.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
        const users = shader.entries.filter(({ uses }) => uses.has(name!));
        const uses = users.map((user) => user.uses.get(name!)!);
        if (functions !== undefined)
          for (const user of users) expect(functions.some((one) => user.name.startsWith(one))).toBe(true);
        if (kind === "input") expect(uses.map(({ writes }) => writes)).not.toContain(true);
        if (kind === "output") expect(uses.map(({ writes }) => writes)).not.toContain(false);
        if (kind === "workspace") expect(uses.some((use) => use.reads) && uses.some((use) => use.writes)).toBe(true);
      }
  });

  it.each(shaders)("%s holds nothing that is held already", (_, __, { functions }) => {
    for (const { body } of functions) {
      const statements = body.match(/\b(?:let|var) \w+ = [^;]+;/g) ?? [];
      const script = statements.map((line) => line.replace(/^(let|var)/, "const").replace(/\b(\d[\d.]*)u\b/g, "$1"));
      expect(idleBounds(script.join("\n"))).toEqual([]);
    }
  });

  const measured = (name: string): readonly [id: string, target: string, of: string] => {
    const [id, of] = measuredBy(name);
    return [id, "wgsl", of];
  };
  it.each(shaders)("%s states the measured accuracy", (_, text) => {
    for (const [, comment, name] of text.matchAll(/((?:^\/\/.*\n)+)^fn (\w+)/gm)) {
      // Long sentences are broken between words.
      const words = comment!.replaceAll("\n// ", " ");
      const said = /Accuracy: .*/.exec(words.trim())?.[0];
      const [id, ...of] = measured(name!);
      // Units have activations of their own, which are recorded nowhere else.
      if (said !== undefined && id in accuracy) expect(said).toBe(sentenceOf(id, ...of, "float32", true));
    }
  });
});
