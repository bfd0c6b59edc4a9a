/**
 * Devious files of JavaScript in which functions are read as one element of an array, are members of a registry, or are
 * gradients given to TensorFlow.js: with loops that carry something over, entries that are replaced, and other things saved.
 */

/** Terms of u, each with its derivative, and with one that may be wrong. */
const TERMS = [
  ["u * u", "2 * u", "u"],
  ["Math.tanh(u)", "1 - Math.tanh(u) ** 2", "1 - Math.tanh(u)"],
  ["1 / (1 + Math.exp(-u))", "Math.exp(-u) / (1 + Math.exp(-u)) ** 2", "Math.exp(-u) / (1 + Math.exp(-u))"],
  ["Math.max(u, 0)", "(u > 0 ? 1 : 0)", "(u > 1 ? 1 : 0)"],
  ["u > 0 ? u : 0.1 * u", "(u > 0 ? 1 : 0.1)", "(u > 0 ? 1 : 0.2)"],
  ["Math.log(1 + u * u)", "(2 * u) / (1 + u * u)", "1 / (1 + u * u)"],
  ["Math.sin(3 * u)", "3 * Math.cos(3 * u)", "Math.cos(3 * u)"],
  ["u / (1 + Math.abs(u))", "1 / (1 + Math.abs(u)) ** 2", "1 / (1 + u) ** 2"],
];

/** Functions of arrays: `$f` is the term for the element x, or for what the form calls u. */
const ARRAYS = [
  (f) => `(xs) => xs.map((u) => ${f})`,
  (f) => `(xs) => Array.from(xs, (u) => ${f})`,
  (f) => `(xs) => Float64Array.from(xs, (u) => ${f})`,
  (f) => `(xs) => Array.from(xs).map((u) => ${f})`,
  (f) => `(xs) => Array.from({ length: xs.length }, (_, i) => { const u = xs[i]; return ${f}; })`,
  (f) => `(xs) => Array.from({ length: xs.length }, (u, i) => { u = xs[i]; return ${f}; })`,
  (f) => `(xs) => Array.from({ length: xs.length }, (_, i) => { const u = xs[i + 1] ?? xs[i]; return ${f}; })`,
  (f) => `(xs) => { const out = new Float64Array(xs.length); xs.forEach((u, i) => { out[i] = ${f}; }); return out; }`,
  (f) => `(xs) => { const out = []; xs.forEach((u) => out.push(${f})); return out; }`,
  (f) => `(xs) => { const out = []; xs.forEach((u) => { if (u > -9) out.push(${f}); }); return out; }`,
  (f) => `(xs) => { const out = []; xs.forEach((u) => { out.push(${f}); out.push(u); }); return out; }`,
  (f) => `(xs) => { const out = []; let s = 0; xs.forEach((u) => { out.push(${f} + s); s += u; }); return out; }`,
  (f) => `(xs) => { let k = 1; const out = []; xs.forEach((u) => { k = 2; out.push(k * (${f})); }); return out; }`,
  (f) => `(xs) => { let k = 1; const out = []; xs.forEach((u) => { out.push(k * (${f})); k = 2; }); return out; }`,
  (f) => `(xs) => { const out = new Float64Array(xs); out.forEach((u, i) => { out[i] = ${f}; }); return out; }`,
  (f) =>
    `(xs) => { const out = Float64Array.from(xs); xs.forEach((v, i) => { const u = out[i]; out[i] = ${f}; }); return out; }`,
  (f) => `(xs) => { const out = Float64Array.from(xs); xs.forEach((u, i) => { out[0] = ${f}; }); return out; }`,
  (f) =>
    `(xs) => { const out = Array.from(xs); for (let i = 0; i < xs.length; i++) { const u = xs[i]; out[i] = ${f}; } return out; }`,
  (f) => `(xs) => { const out = []; for (const u of xs) out.push(${f}); return out.map((v) => v); }`,
  (f) => `(xs) => { const out = []; xs.forEach((u) => { { let u = 1; u += 1; } out.push(${f}); }); return out; }`,
  (f) => `(xs) => { const out = []; xs.forEach((u) => { u = 2 * u; out.push(${f}); }); return out; }`,
  (f) => `(xs) => { const out = []; xs.forEach((u) => { if (u < 1) return; out.push(${f}); }); return out; }`,
  (f) => `(xs) => { const out = []; xs.forEach(function (u) { out.push(${f}); }); return out; }`,
  (f) => `(xs) => xs.map((u, i) => { xs[i] = 0; return ${f}; })`,
  (f) => `(xs) => xs.map((v) => xs.map((u) => ${f})[1] + 0 * v)`,
  (f) => `(xs) => { const Array = { from: (v) => v.map((w) => 2 * w) }; return Array.from(xs).map((u) => ${f}); }`,
];
/** Functions of rows of rows. */
const ROWS = [
  (f) => `(rows) => rows.map((row) => row.map((u) => ${f}))`,
  (f) => `(rows) => rows.map((row) => Array.from(row, (u) => ${f}))`,
  (f) => `(rows) => rows.map((row, i) => row.map((v, j) => { const u = rows[i][j]; return ${f}; }))`,
  (f) => `(rows) => rows.map((row) => rows[0].map((u) => ${f}))`,
  (f) => `(rows) => rows.map((row) => row.map((v) => row.map((u) => ${f})[0] + 0 * v))`,
];
/** Files with a registry, of which `f` and `df` are what is taken out. */
const REGISTRIES = [
  (f, d, o) => `const t = {};\nt["a"] = { f: ${f}, df: ${d} };\nt["b"] = { f: ${f}, df: ${o} };`,
  (f, d, o) => `const t = {};\nt["a"] = { f: ${f}, df: ${o} };\nt["a"] = { f: ${f}, df: ${d} };`,
  (f, d, o) => `const t = { a: { f: ${f}, df: ${o} } };\nt["a"].df = ${d};`,
  (f, d, o) => `const t = { a: { f: ${f}, df: ${o} } };\nt.a["df"] = ${d};`,
  (f, d) => `const t = {};\nconst s = t;\ns["a"] = { f: ${f}, df: ${d} };`,
  (f, d, o) =>
    `const t = {};\nt["a"] = { f: ${f}, df: ${d} };\nfunction later() { t["a"] = { f: ${f}, df: ${o} }; }\nlater();`,
  (f, d) => `const t = {};\nconst put = (n, f, df) => { t[n] = { f, df }; };\nput("a", ${f}, ${d});`,
  (f, d, o) =>
    `const t = {};\nconst put = (n, f, df) => { t[n] = { f, df }; };\nput("a", ${f}, ${o});\nput("a", ${f}, ${d});`,
];
/** Gradients of tensors, of which there are methods as well; `y` is the result, and the last of each is often wrong. */
const TENSORS = [
  ["x.square()", "dy.mul(s[0]).mul(2)", "dy.mul(s[0])", "[x]"],
  ["x.square()", "dy.mul(s[1]).mul(2)", "dy.mul(s[0]).mul(2)", "[y, x]"],
  ["tf.tanh(x)", "tf.mul(dy, tf.sub(tf.scalar(1), tf.square(s[0])))", "tf.mul(dy, tf.sub(1, s[0]))", "[y]"],
  ["tf.exp(x)", "dy.mul(s[0])", "dy.mul(x)", "[y]"],
  ["tf.exp(x)", "dy.mul(y)", "dy.mul(s[0])", "[x]"],
  ["x.sigmoid()", "dy.mul(s[0]).mul(tf.scalar(1).sub(s[0]))", "dy.mul(s[0]).sub(s[0].square())", "[y]"],
  ["tf.relu(x)", "dy.mul(tf.step(x))", "tf.step(x)", "[]"],
  ["x.mul(k)", "dy.mul(k)", "dy", "[]"],
];
const GRADIENTS = [
  ([y, g, , s]) => `(x, save) => { const y = ${y}; save(${s}); return { value: y, gradFunc: (dy, s) => ${g} }; }`,
  ([y, g, , s]) => `(x, save) => { const y = ${y}; save(${s}); return { value: y, gradFunc: (dy, s) => [${g}] }; }`,
  ([y, g, , s]) =>
    `(x, save) => { const y = ${y}; save(${s}); const gradFunc = (dy, s) => { return ${g}; }; return { value: y, gradFunc }; }`,
  ([y, g, , s]) =>
    `(x, save) => { let y = ${y}; save(${s}); const value = y; y = y.mul(2); return { value, gradFunc: (dy, s) => ${g} }; }`,
  ([y, g, , s]) =>
    `(x, save) => { let y = ${y}; save(${s}); const o = { value: y, gradFunc: (dy, s) => ${g} }; o.value = y.mul(2); return o; }`,
];

/** A file with functions f and fPrime, or with a gradient of its own. */
export function arraysFile(random) {
  const { pick, chance } = random;
  const [term, right, other] = pick(TERMS);
  const derivative = chance(0.6) ? right : other;
  const kind = pick(["array", "array", "rows", "registry", "tensor"]);
  if (kind === "registry") {
    const of = (text) => `(u) => ${text.includes("?") ? `(${text})` : text}`;
    const text = pick(REGISTRIES)(of(term), of(derivative), of(derivative === right ? other : right));
    return { name: "file.cjs", text: `${text}\nmodule.exports = { f: t.a.f, fPrime: t.a.df };\n` };
  }
  if (kind === "tensor") {
    const [y, g, wrong, saved] = pick(TENSORS);
    const text = pick(GRADIENTS)([y, chance(0.6) ? g : wrong, undefined, saved]);
    return {
      name: "file.mjs",
      text: `import * as tf from "@tensorflow/tfjs";\nconst k = 3;\nexport const f = tf.customGrad(${text});\n`,
    };
  }
  const [forms, call] = kind === "rows" ? [ROWS, "[[x]]"] : [ARRAYS, "[x]"];
  const [first, second] = [pick(forms), chance(0.5) ? pick(forms) : forms[0]];
  const lines = [`const f = ${first(`(${term})`)};`, `const fPrime = ${second(`(${derivative})`)};`];
  return { name: "file.cjs", text: `${lines.join("\n")}\nmodule.exports = { f, fPrime };\n`, calls: [call, call] };
}
