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

/** Arguments of a call as "x k" and the like say; k is 2.7 where nobody says otherwise. */
const argumentsOf = (call, x, k) => call.split(" ").map((name) => ({ x, k, "{k}": { k } })[name]);

/** The function at the point and beside it, and what the claimed derivative gives. */
function at({ f, fPrime }, [ofF, ofDerivative], point) {
  const { x, k } = typeof point === "number" ? { x: point, k: 2.7 } : point;
  const call = (g, way, u) => {
    const value = g(...argumentsOf(way, u, k));
    return typeof value === "boolean" ? Number(value) : value;
  };
  const values = [-2, -1, 0, 1, 2].map((step) => call(f, ofF, x + step * STEP));
  const claimed = call(fPrime, ofDerivative, x);
  return { x, values: values.map((v) => (finite(v) ? v : null)), claimed: finite(claimed) ? claimed : null };
}

for await (const line of createInterface({ input: process.stdin })) {
  const file = JSON.parse(line);
  try {
    const functions = load(file);
    console.log(JSON.stringify({ points: file.points.map((point) => at(functions, file.calls ?? ["x", "x"], point)) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error).slice(0, 200) }));
  }
}
