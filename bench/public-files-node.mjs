// Executes what `nonlin verify` has decided of a JavaScript or TypeScript file, as public-files.py does of Python: the
// derivative by differences of the function, at a few hundred points, both of them the file's own code.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import * as mathjs from "mathjs";
import typescript from "typescript";

const ENDINGS = ["", ".ts", ".js", ".mjs", "/index.ts", "/index.js"];

/** A file in a context of its own, with the files that it imports; what is not there is anything. */
function loaded(file) {
  const state = { isAway: false, problem: undefined };
  const anything = new Proxy(function () {}, {
    get: (_, name) => ((state.isAway = true), name === Symbol.toPrimitive ? () => 0 : anything),
    apply: () => anything,
    // A class that derives from one that is not there makes objects of its own.
    construct: (_, args, made) => Object.create(made.prototype ?? null),
  });
  const context = createContext({
    console: { log() {}, warn() {}, error() {} },
    Math,
    window: {},
    Float32Array,
    Float64Array,
    Array,
  });
  const modules = new Map();
  const moduleOf = (path) => {
    if (modules.has(path)) return modules.get(path).exports;
    const module = { exports: {} };
    modules.set(path, module);
    const { outputText } = typescript.transpileModule(
      readFileSync(path, "utf8").replace(/^export default (?!class |function )/gm, "exports.default = "),
      { compilerOptions: { module: typescript.ModuleKind.CommonJS, target: "ES2022", esModuleInterop: true } },
    );
    const require = (name) => {
      if (name === "mathjs") return mathjs;
      const found = ENDINGS.map((ending) => join(dirname(path), name.replace(/\.js$/, "") + ending)).find(
        (each) => name.startsWith(".") && existsSync(each) && /\.\w+$/.test(each),
      );
      return found === undefined ? anything : moduleOf(found);
    };
    const names = "module, exports, require";
    // Of the file itself the names are read from within, which those of its functions can be though it stops.
    if (path === file) Object.assign(context, { module, exports: module.exports, require });
    const source =
      path === file ? `globalThis.__of = (text) => eval(text);\n${outputText}` : `((${names}) => { ${outputText}\n})`;
    try {
      const found = runInContext(source, context, { timeout: 5000 });
      if (path !== file) found(module, module.exports, require);
    } catch (error) {
      state.problem = error;
    }
    return module.exports;
  };
  moduleOf(file);
  return { context, anything, state };
}

/** A number that keeps its gradient: its value and its input's gradient, for one of the output. */
const NUMBER = (type, make, back) => `(x, above) => {
  const plain = new ${type}(x);
  const value = (plain.data ?? plain.value) === x ? plain : new ${type}({ data: x });
  const out = ${make};
  out.grad = above;
  (out.${back} ?? out._backward ?? out.backward).call(out);
  return [out.data ?? out.value, value.grad];
}`;
/** By a method of its class, or by a function beside its class. */
const numberOf = (path, back, file) => {
  const [type, method] = path.split(".");
  if (method !== undefined) return NUMBER(type, `value.${method}()`, back);
  return NUMBER(/\bclass (\w+)/.exec(readFileSync(file, "utf8"))?.[1] ?? path, `${quoted(path)}(value)`, back);
};

const quoted = (path) =>
  path
    .split(".")
    .map((name, i) => (i === 0 ? name : `[${JSON.stringify(name)}]`))
    .join("");

/** The ways to name what a path is of. */
const namesOf = (path) => [
  path,
  quoted(path),
  `module.exports.${path}`,
  `new ${path.replace(/\.(\w+)$/, "(0.75).$1")}`,
  `exports.default.${path}`,
  // Keys that an enumeration keeps.
  path.replace(/^(\w+)\.(\w+)\./, "$1[Object.values(exports).find((each) => each?.$2 !== undefined).$2]."),
];

export function executed(claim) {
  const { context, anything, state } = loaded(claim.file);
  const points = Array.from({ length: 400 }, (_, i) => -3 + (i * 6.01) / 400 + 0.00123);
  if (claim.witness !== undefined) points.push(claim.witness.x);
  const isPositive = /log|sqrt/i.test(claim.function);
  const verdictOf = (at, ways) => {
    const inputs = isPositive ? points.map(Math.abs) : points;
    const slope = (x) => (at(x + 1e-6) - at(x - 1e-6)) / 2e-6;
    /** At how many points the derivative is wrong, by each of the ways to give it its arguments. */
    const wrong = ways.map(
      (given) => inputs.filter((x) => !(Math.abs(slope(x) - given(x)) < 1e-4 * (1 + Math.abs(slope(x))))).length,
    );
    if (state.isAway) return "not run: what it computes with is not there";
    if (claim.verdict === "refuted") return wrong.every((count) => count > 0) ? "agrees" : "contradicts";
    return Math.min(...wrong) < points.length / 50 ? "agrees" : `contradicts at ${Math.min(...wrong)} points`;
  };

  const [derivative, flag] = claim.derivative.split(" with ");
  if (derivative.startsWith(`${claim.function}.`)) {
    const both = context.__of(numberOf(claim.function, derivative.split(".").at(-1), claim.file));
    state.isAway = false;
    return verdictOf((x) => both(x, 1)[0], [(x) => both(x, 1)[1]]);
  }
  const valueOf = (path) => {
    for (const text of namesOf(path))
      try {
        const found = context.__of(`((o) => typeof o === "function" ? o : undefined)(${text})`);
        const self = text.includes(".") ? context.__of(text.replace(/\.\w+$|\["[^"]*"\]$/, "")) : undefined;
        if (found !== undefined && found !== anything) return found.bind(self);
      } catch {
        // Another way to name it.
      }
    return undefined;
  };
  const f = valueOf(claim.function);
  const df = valueOf(derivative);
  if (f === undefined || df === undefined)
    return state.problem === undefined ? "not run: its names" : `not run: Error: ${state.problem.message}`;
  if (f.length > 2) return "not run: its arguments are of kinds that are not tried";
  const rest = flag !== undefined ? [false] : f.length === 2 ? [0.75] : [];
  // Some functions take arrays.
  const wraps = [
    [(x) => x, (y) => y],
    [(x) => [x], (y) => y[0]],
  ];
  const resultOf = ([into, out], x) => {
    try {
      return out(f(into(x), ...rest));
    } catch {
      return undefined;
    }
  };
  const wrap = wraps.find((each) => typeof resultOf(each, points[0]) === "number");
  if (wrap === undefined) return "not run: it gives no number";
  const at = (x) => resultOf(wrap, x);
  const [into, out] = wrap;
  const ways = [(x) => [x], (x) => [at(x)], ...(df.length > 1 ? [(x) => [x, at(x)]] : [])].map((given) => (x) => {
    const args = [...given(x).map(into), ...(flag === undefined ? rest : [true])];
    while (args.length < df.length) args.push(into(1));
    return out(df(...args));
  });
  state.isAway = false;
  return verdictOf(at, ways);
}
