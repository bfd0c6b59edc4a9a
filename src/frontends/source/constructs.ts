/** The constructs of JavaScript and TypeScript, and what is done with each. Everything that is not here is refused. */
import { group, type Group } from "../constructs.js";

const f = (body: string): string => `export const f = (x) => ${body};`;

export const CONSTRUCTS: readonly Group[] = [
  group(
    "Numbers and operators",
    {
      "decimals, hexadecimal, octal and binary numbers": f("0x10 * x + 0b11 + 0o17 + 1_000.5e-1"),
      "+ - * / and minus": f("-(x + 1) * (x - 2) / 4"),
      "** with a known exponent": f("x ** 3 + 2 ** x"),
      "a power of what is surely positive": f("(1 + x * x) ** x"),
      "comparisons, with NaN for no number": f("(Math.sqrt(x) >= 0 ? 1 : 2) + (Math.log(x) < 1 ? 4 : 8)"),
      "== and != of numbers, null and undefined": f("(null == undefined ? 1 : 2) + (x != 1 ? 4 : 8)"),
      "=== and !==": f("(null === undefined ? 1 : 2) + (x === 1 ? 4 : 8) + ((x > 0) === 1 ? 16 : 32)"),
      "&& || ! as JavaScript looks: the right side where it counts": f(
        "(x > 0 && Math.log(x) > 0.5) || !(x < 2) ? 1 : 2",
      ),
      "&& and || of numbers": f("(x && 3) + (x || 5)"),
      "??": f("(undefined ?? 2) * x + (null ?? 3) + (0 ?? 4)"),
      "truths in arithmetic: 1 and 0": f("(x > 0) * x + +(x < 1) + (x > 0 > -1)"),
      "null in arithmetic: 0": f("x + null"),
      "typeof of what is known": f("(typeof x === 'number' ? x : 0) + (typeof null == 'object' ? 1 : 2)"),
    },
    {
      "% and bits": f("x % 2"),
      "a power of a negative number with an unknown exponent": "export const f = (x, n = 2) => x ** n;",
      "comparisons with what is infinite somewhere": f("1 / x > 0 ? 1 : 2"),
      "a truth or a number, told apart by ===": f("(x > 0 || x) === true ? 1 : 2"),
      "numbers with a leading 0": "function f(x) { return x + 010; }\nmodule.exports = { f };",
      "text, and what is made of it": f('x + "1"'),
      "the comma": f("(x, 1)"),
      "in, instanceof, void of what may act": f("x instanceof Number ? x : 0"),
      "an assignment inside an expression": "export const f = (x) => { let t; return (t = x); };",
      "Infinity and NaN": f("x > 0 ? x : NaN"),
    },
  ),
  group(
    "Variables and scopes",
    {
      "const, let and var, in blocks and in functions":
        "export function f(x) { let a = 1; { let a = 2; a += 1; } var b = a; { var b = b + x; } return a + b; }",
      "var is there from the start, undefined":
        "const k = 5;\nexport function f(x) { const z = k ?? 2; var k = 1; return z * x; }",
      "functions are there from the start of their block":
        "export function f(x) { return g(x); function g(t) { return 2 * t; } }",
      "assignments = += -= *= /= **= ??= ||= &&= ++ --":
        "export function f(x) { let s = x; s *= 2; s -= 1; s /= 4; s **= 2; s++; let t; t ??= s; return t; }",
      "if and else, with what each way leaves behind":
        "export function f(x) { let s = 1; if (x > 0) { s = x; if (x > 2) return 7; } else s -= x; return s * 2; }",
      "throw: the way is not taken": "export function f(x) { if (x > 100) throw new RangeError(); return x; }",
      "names of globals for one's own": "export function f(x) { const Math = { E: 3 }; return Math.E * x; }",
      "closures see what variables are when they are called":
        "export function f(x) { let t = 1; const g = () => t; t = x; return g() + t; }",
      "{ a, b: c = 1 } = object": "export function f(x) { const { a, b: c = 3 } = { a: 2 }; return a * x + c; }",
    },
    {
      "a variable before its declaration": "const k = j + 1, j = 2;\nexport const f = (x) => k * x;",
      "a variable of the file that is assigned to anywhere else":
        "let k = 1;\nexport function grow() { k += 1; }\nexport const f = (x) => k * x;",
      "an assignment to a variable of a function around":
        "export function f(x) { let t = 1; const g = () => { t = 2; return 1; }; return g() * t * x; }",
      "a function in a block, seen from outside of it":
        "function g(t) { return t; }\nfunction f(x) { if (true) { function g(t) { return 2 * t; } } return g(x); }\nmodule.exports = { f };",
      "loops that carry something over":
        "export function f(x) { let s = 0; for (const k of [1, 2]) s += k * x; return s; }",
      "switch, try, labels": "export function f(x) { try { return x; } finally { return 2 * x; } }",
      "eval, Function and with": "let k = 1;\neval('k = 2');\nexport const f = (x) => k * x;",
      "[a, b] = list": "export function f(x) { const [a, b] = [x, 2]; return a * b; }",
    },
  ),
  group(
    "Functions",
    {
      "functions, arrows and methods, called by name":
        "const g = (u, k = 2) => u * k;\nexport function f(x) { return g(x) + g(x, 4); }",
      "undefined takes a default, null does not":
        "const g = (u = 2) => u + 1;\nexport const f = (x) => x * g(undefined) + g(null);",
      "options, with defaults":
        "const g = (u, { k = 2 } = {}) => u * k;\nexport const f = (x) => g(x) + g(x, { k: 3 });",
      "functions as values":
        "const twice = (g) => (u) => g(g(u));\nconst h = twice((u) => u * u);\nexport const f = (x) => h(x);",
      "functions of Math, of numbers": f(
        "Math.max(x, 1, null) + Math.hypot(x, 2) + Math.cbrt(x) + Math.pow(x, 2) + Math.sign(x) + Math.asinh(x)",
      ),
      "Number, Boolean, isNaN, isFinite": f(
        "Number(x > 0) + (Boolean(x) ? 2 : 4) + (isNaN(Math.sqrt(x)) ? 8 : 16) + (Number.isFinite(Math.log(x)) ? 32 : 64)",
      ),
      "console, where it only looks": "export function f(x) { console.log(x, 'here'); return x; }",
    },
    {
      recursion: "const g = (u) => (u > 1 ? g(u - 1) : u);\nexport const f = (x) => g(x);",
      "calls for their effect":
        "const g = (o) => { o.k = 2; return 1; };\nexport function f(x) { const o = { k: 1 }; g(o); return o.k * x; }",
      "console, where more happens": "export function f(x) { console.log((x = 2 * x)); return x; }",
      "this, arguments, super, new": "export function f(x) { arguments[0] = 2; return x; }",
      "async functions and generators": "function* g(u) { yield u; }\nexport const f = (x) => g(x).next().value;",
      "lists of arguments": "const g = (...u) => u.length;\nexport const f = (x) => x * g(1, 2);",
      "functions that jump, or are no formulas": f("Math.floor(x)"),
      "global objects that the file changes": "Math.cosh = Math.exp;\nexport const f = (x) => Math.cosh(x);",
      imports: 'import { g } from "./g.mjs";\nexport const f = (x) => g(x);',
    },
  ),
  group(
    "Objects and classes",
    {
      "members are what they were when the object was made":
        "export function f(x) { let t = x; const o = { t, u: 2 * t }; t = 7; return o.t + o.u + t; }",
      "members that are assigned, deleted and spread":
        "const p = { a: 1, b: 2 };\np.a = 3;\ndelete p.b;\nconst q = { a: 5, ...p };\nexport const f = (x) => q.a * x + (q.b ?? 4);",
      "several names for one object": "export function f(x) { const o = { v: 1 }; const p = o; p.v = x; return o.v; }",
      "objects that are changed in a branch, or by a function":
        "const set = (o, v) => { o.v = v; return 1; };\nexport function f(x) { const o = { v: 1 }; if (x > 0) o.v = x; const r = set(o, o.v * 2); return o.v * r; }",
      getters: "const o = { a: 1, get a() { return 2; } };\nexport const f = (x) => o.a * x;",
      "static members of classes":
        "class P { static a = 2; static g(u) { return u * P.a; } a = 1; }\nexport const f = (x) => P.g(x);",
      "Object.freeze": "const o = Object.freeze({ k: 2 });\nexport const f = (x) => o.k * x;",
      "exports of CommonJS": "exports.f = (x) => x;\nexports['f'] = (x) => 2 * x;",
    },
    {
      "members that a function may change":
        "const o = { k: 1 };\nexport function set(k) { o.k = k; }\nexport const f = (x) => o.k * x;",
      "objects that are given to what is not read":
        "const o = { k: 1 };\nObject.assign(o, { k: 2 });\nexport const f = (x) => o.k * x;",
      "objects that a loop of the file sees":
        "const o = { k: 1 };\nfor (const p of [o]) p.k = 2;\nexport const f = (x) => o.k * x;",
      "computed names, setters, __proto__": 'const o = { k: 1, ["k"]: 2 };\nexport const f = (x) => o.k * x;',
      "inherited static members, static blocks, decorators":
        "class Q { static a = 2; }\nclass P extends Q {}\nexport const f = (x) => P.a * x;",
      "elements of lists": "const l = [1, 2];\nexport const f = (x) => l[1] * x;",
    },
  ),
];
