/** Runs files of JavaScript in contexts of their own, each line of the input one file, and says what they compute. */
import { createInterface } from "node:readline";
import vm from "node:vm";
import ts from "typescript";

const STEP = 1e-3;

function load({ name, text }) {
  let script = text;
  if (/\.[mc]?ts$/.test(name))
    script = ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    }).outputText;
  const strict = /^\s*export\b/m.test(script) ? '"use strict";\n' : "";
  const plain = script.replace(/^\s*export (?=function|const|class)/gm, "").replace(/^export \{.*\};?$/gm, "");
  const context = vm.createContext({ console: { log: () => undefined } });
  const wrapped = `${strict}var module = { exports: {} }, exports = module.exports;\n${plain}\n;(typeof f === "function" ? { f, fPrime } : module.exports);`;
  return vm.runInContext(wrapped, context, { timeout: 1000 });
}

const finite = (value) => typeof value === "number" && Number.isFinite(value);

/** The function at the point and beside it, and what the claimed derivative gives. */
function at({ f, fPrime }, x) {
  const call = (g, u) => {
    const value = g(u);
    return typeof value === "boolean" ? Number(value) : value;
  };
  const values = [-2, -1, 0, 1, 2].map((k) => call(f, x + k * STEP));
  const claimed = call(fPrime, x);
  return { x, values: values.map((v) => (finite(v) ? v : null)), claimed: finite(claimed) ? claimed : null };
}

for await (const line of createInterface({ input: process.stdin })) {
  const file = JSON.parse(line);
  try {
    const functions = load(file);
    console.log(JSON.stringify({ points: file.points.map((x) => at(functions, x)) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error).slice(0, 200) }));
  }
}
