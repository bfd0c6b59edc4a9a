/**
 * Devious files of JavaScript and TypeScript: a function of a few terms and its derivative term by term, where constants,
 * conditions and pieces come from code that is easily read as something else than it does.
 */

/** `$` is a number of its own in each use; `guesses` are what a careless reader, or a careful one, takes it for. */
const CONSTANTS = [
  { expr: "2", guesses: [2] },
  { top: "const k$ = 3;", expr: "k$", guesses: [3] },
  { top: "const o$ = { a: 1 };", expr: "o$.a", guesses: [1] },
  { top: "const o$ = { a: 1 };\no$.a = 2;", expr: "o$.a", guesses: [1, 2] },
  { top: "const o$ = { a: 1 };\nconst p$ = o$;\np$.a = 3;", expr: "o$.a", guesses: [1, 3] },
  { top: "const o$ = { a$: 1 };\nfunction set$() { o$.a$ = 3; }\nset$();", expr: "o$.a$", guesses: [1, 3] },
  { top: "const o$ = { a$: 1 };\nconst set$ = (o) => { o.a$ = 3; };\nset$(o$);", expr: "o$.a$", guesses: [1, 3] },
  { top: "const o$ = { a: 1 };\nObject.assign(o$, { a: 4 });", expr: "o$.a", guesses: [1, 4] },
  { top: 'const o$ = { a: 1 };\nObject.defineProperty(o$, "a", { value: 5 });', expr: "o$.a", guesses: [1, 5] },
  { top: 'const o$ = { a: 1 };\no$["a"] = 2;', expr: "o$.a", guesses: [1, 2] },
  { top: 'const o$ = { a: 1 };\no$["a" + ""] = 2;', expr: "o$.a", guesses: [1, 2] },
  { top: "const o$ = { a: 1 };\no$.a++;", expr: "o$.a", guesses: [1, 2] },
  { top: "const o$ = { a: 2 };\ndelete o$.a;", expr: "(o$.a ?? 1)", guesses: [1, 2] },
  { top: "const e$ = { a: 2 };\nconst o$ = { a: 1, ...e$ };", expr: "o$.a", guesses: [1, 2] },
  { top: "const e$ = { a: 2 };\nconst o$ = { ...e$, a: 1 };\ne$.a = 3;", expr: "o$.a", guesses: [1, 2, 3] },
  { top: "const o$ = { a: 1, get a() { return 2; } };", expr: "o$.a", guesses: [1, 2] },
  { top: "let n$ = 1;\nconst o$ = { get a() { return n$; } };\nn$ = 4;", expr: "o$.a", guesses: [1, 4] },
  { top: 'const o$ = { a: 1, ["a"]: 3 };', expr: "o$.a", guesses: [1, 3] },
  { top: "const o$ = { a: 1, a: 2 };", expr: "o$.a", guesses: [1, 2] },
  { top: "const o$ = { __proto__: { a: 3 } };", expr: "(o$.a ?? 1)", guesses: [1, 3] },
  { top: "Object.prototype.z$ = 2;\nconst o$ = {};", expr: "(o$.z$ ?? 1)", guesses: [1, 2] },
  { top: "class P$ { static a = 2; a = 1; }", expr: "P$.a", guesses: [1, 2] },
  { top: "class P$ { static a = 2; static { this.a = 3; } }", expr: "P$.a", guesses: [2, 3] },
  { top: "class Q$ { static a = 2; }\nclass P$ extends Q$ {}", expr: "(P$.a ?? 1)", guesses: [1, 2] },
  { top: "class P$ { static a = 2; }\nP$.a = 4;", expr: "P$.a", guesses: [2, 4] },
  { top: "const o$ = Object.freeze({ a: 2 });", expr: "o$.a", guesses: [2] },
  { top: "const o$ = Object.freeze({ i: { a: 2 } });\no$.i.a = 3;", expr: "o$.i.a", guesses: [2, 3] },
  { top: "const o$ = { i: { a: 2 } };\nconst i$ = o$.i;\ni$.a = 4;", expr: "o$.i.a", guesses: [2, 4] },
  { top: "const l$ = [{ a: 1 }];\nl$.forEach((o) => { o.a = 2; });\nconst o$ = l$[0];", expr: "o$.a", guesses: [1, 2] },
  { top: "const o$ = { a: 1 };\nfor (const o of [o$]) o.a = 5;", expr: "o$.a", guesses: [1, 5] },
  { top: "const o$ = { a: 1 };\nconst { a: a$ } = o$;\no$.a = 2;", expr: "a$", guesses: [1, 2] },
  { top: "const { a: a$ = 2 } = { a: null };", expr: "(a$ + 1)", guesses: [1, 3] },
  { top: "const { a: a$ = 2 } = { a: undefined };", expr: "a$", guesses: [2] },
  { top: "const [a$ = 2] = [1];", expr: "a$", guesses: [1, 2] },
  { top: "let k$ = 1;\nfunction set$() { k$ = 2; }\nset$();", expr: "k$", guesses: [1, 2] },
  { top: "let k$ = 1;\nfunction set$() { { let k$ = 2; k$ += 1; } k$ = 5; }\nset$();", expr: "k$", guesses: [1, 5] },
  { top: "let k$ = 1;\n{ k$ = 4; }", expr: "k$", guesses: [1, 4] },
  { top: "let k$ = 1;\n{ let k$ = 4; k$ += 1; }", expr: "k$", guesses: [1, 4] },
  { top: "var k$ = 1;\n{ var k$ = 4; }", expr: "k$", guesses: [1, 4] },
  { top: "let k$ = 1;\nconst c$ = k$;\nk$ = 3;", expr: "c$", guesses: [1, 3] },
  { top: "let k$ = 1;\nfor (k$ of [2, 3]);\nconst c$ = k$;", expr: "c$", guesses: [1, 3] },
  { top: "let k$ = 1;\nif (k$ > 0) k$ = 3;", expr: "k$", guesses: [1, 3] },
  { top: "let k$;\nk$ ??= 3;\nk$ ||= 2;", expr: "k$", guesses: [2, 3] },
  { top: "const make$ = (a) => () => a;\nconst g$ = make$(2);", expr: "g$()", guesses: [2] },
  {
    top: "var fs$ = [];\nfor (var i$ = 0; i$ < 3; i$++) fs$.push(() => i$);\nconst g$ = fs$[0];",
    expr: "g$()",
    guesses: [0, 3],
  },
  { top: "function g$() { return 1; }\nfunction g$() { return 2; }", expr: "g$()", guesses: [1, 2] },
  { top: "const g$ = (a = 2) => a;", expr: "g$(undefined)", guesses: [2] },
  { top: "const g$ = (a = 2) => a + 1;", expr: "g$(null)", guesses: [1, 3] },
  { top: "const g$ = ({ a = 2 } = {}) => a;", expr: "g$({ a: 3 })", guesses: [2, 3] },
  { top: "const g$ = (a, b = a) => { a = 5; return b; };", expr: "g$(2)", guesses: [2, 5] },
  { top: "const b$ = 7;\nconst g$ = (a = b$, b$_ = 1) => a;", expr: "g$()", guesses: [7, 1] },
  { top: "const g$ = function h$(a) { return a > 2 ? a : h$(a + 1); };", expr: "g$(1)", guesses: [3] },
  { top: "function g$() { const o = { a: 1 }; const p = o; p.a = 2; return o.a; }", expr: "g$()", guesses: [1, 2] },
  { top: "function g$() { let t = 1; const o = { t }; t = 3; return o.t; }", expr: "g$()", guesses: [1, 3] },
  { top: "function g$() { let t = 1; const h = () => t; t = 3; return h(); }", expr: "g$()", guesses: [1, 3] },
  {
    top: "function g$() { let t = 1; const h = () => { t = 4; return 0; }; h(); return t; }",
    expr: "g$()",
    guesses: [1, 4],
  },
  { top: "function g$() { var t = 1; { var t = 2; } return t; }", expr: "g$()", guesses: [1, 2] },
  { top: "function g$() { let t = 1; { let t = 2; t += 1; } return t; }", expr: "g$()", guesses: [1, 2] },
  { top: "const h$ = 5;\nfunction g$() { const z = h$ ?? 2; var h$ = 1; return z; }", expr: "g$()", guesses: [2, 5] },
  { top: "function g$() { return h(); function h() { return 2; } }", expr: "g$()", guesses: [2] },
  { top: "function g$(a) { const o = { v: 1 }; if (a > 0) o.v = 2; return o.v; }", expr: "g$(1)", guesses: [1, 2] },
  { top: "function g$(o) { o.v = 3; return 1; }", expr: "((o) => g$(o) + o.v)({ v: 1 })", guesses: [2, 4] },
  { top: "const g$ = () => { try { return 1; } finally { return 2; } };", expr: "g$()", guesses: [1, 2] },
  { top: "const g$ = (...a) => a.length;", expr: "g$(1, 1)", guesses: [2, 1] },
  { top: "const o$ = { a: 1, f() { return o$.a; } };\no$.a = 4;", expr: "o$.f()", guesses: [1, 4] },
  { top: "const g$ = (() => { let n = 1; n = 3; return () => n; })();", expr: "g$()", guesses: [1, 3] },
  { top: "const g$ = (() => { let n = 1; const h = () => n; n = 5; return h; })();", expr: "g$()", guesses: [1, 5] },
  { top: "var g$ = function () { return 1; };\nfunction g$() { return 2; }", expr: "g$()", guesses: [1, 2] },
  { top: "const o$ = { a: 1 };\n({ a: o$.a } = { a: 7 });", expr: "o$.a", guesses: [1, 7] },
  { top: "const o$ = { a: 1 };\nconst { ...r$ } = o$;\nr$.a = 2;", expr: "o$.a", guesses: [1, 2] },
  { top: "const o$ = { a: 1 };\nfor (let i = 0; i < 3; i++) { o$.a = i; }", expr: "o$.a", guesses: [1, 2] },
  { top: "class P$ { static get a() { return 3; } }", expr: "P$.a", guesses: [3] },
  { top: "class P$ { static #k = 2; static g() { return P$.#k; } }", expr: "P$.g()", guesses: [2] },
  { top: "class P$ { static k = 2; static g() { return this.k; } }", expr: "P$.g()", guesses: [2] },
  { top: "class P$ { constructor() { this.a = 3; } }\nconst p$ = new P$();", expr: "p$.a", guesses: [3] },
  { top: "class P$ { static a = 1; }\nclass Q$ { b = (P$.a = 3); }\nnew Q$();", expr: "P$.a", guesses: [1, 3] },
  { top: "let P$ = class { static a = 1; };\nP$ = class { static a = 2; };", expr: "P$.a", guesses: [1, 2] },
  { top: "const P$ = class Q { static a = 1; static g() { return Q.a; } };", expr: "P$.g()", guesses: [1] },
  { top: "const k$ = 2;\nconst g$ = (a = k$) => { var k$ = 5; return a; };", expr: "g$()", guesses: [2, 5] },
  { top: "const o$ = { ...undefined, ...null, a: 1 };", expr: "o$.a", guesses: [1] },
  { top: "const o$ = { v: 1 }, p$ = { v: 2 };\nconst q$ = 1 > 0 ? o$ : p$;\nq$.v = 9;", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nconst q$ = o$ || { v: 2 };\nq$.v = 9;", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nconst l$ = [o$];\nl$[0].v = 9;", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nconst h$ = { o: o$ };\nh$.o.v = 9;", expr: "o$.v", guesses: [1, 9] },
  {
    top: "const o$ = { v$: 1 };\nconst h$ = { set() { o$.v$ = 9; return 1; } };\nconst r$ = h$.set();",
    expr: "o$.v$",
    guesses: [1, 9],
  },
  { top: 'const o$ = { v: 1 };\nconst r$ = ["v"].map((k) => (o$[k] = 9));', expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nconst { v: w$ = (o$.v = 9) } = {};", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\ntrue && (o$.v = 9);", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nconst r$ = `${(o$.v = 9)}`;", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nclass R$ { static { o$.v = 9; } }", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nclass R$ { static w = (o$.v = 9); }", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nconst q$ = { [(o$.v = 9)]: 2 };", expr: "o$.v", guesses: [1, 9] },
  {
    top: "const o$ = { v: 1 };\nconst q$ = { w: 2, set w(t) { o$.v = t; } };\nq$.w = 9;",
    expr: "o$.v",
    guesses: [1, 9],
  },
  { top: "const o$ = { v: 1 };\nconst q$ = new Proxy(o$, {});\nq$.v = 9;", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nqueue$: { o$.v = 9; break queue$; }", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\ndo { o$.v = 9; } while (false);", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\ntry { o$.v = 9; throw 1; } catch { o$.v = 5; }", expr: "o$.v", guesses: [1, 5, 9] },
  { top: "const o$ = { v: 1 };\nif (typeof o$ === 'object') o$.v = 9;", expr: "o$.v", guesses: [1, 9] },
  { top: "const o$ = { v: 1 };\nfunction tag$(s, q) { q.v = 9; }\ntag$`${o$}`;", expr: "o$.v", guesses: [1, 9] },
  { top: "const k$ = (() => { try { return 2; } catch { return 3; } })();", expr: "k$", guesses: [2, 3] },
  { top: "let k$ = 1;\nconst h$ = () => k$;\nk$ = 4;\nconst r$ = h$();", expr: "r$", guesses: [1, 4] },
  { top: "let k$ = 1;\n[k$] = [6];", expr: "k$", guesses: [1, 6] },
  { top: "let k$ = 1;\n({ k$ } = { k$: 6 });", expr: "k$", guesses: [1, 6] },
  { top: "var k$ = 1;\nvar k$;", expr: "k$", guesses: [1] },
  { top: "function g$(a, a2 = a++) { return a; }", expr: "g$(1)", guesses: [1, 2] },
  { top: "function g$(a) { { a = 2; } return a; }", expr: "g$(1)", guesses: [1, 2] },
  { top: "function g$(a) { if (a > 0) { const a = 5; } return a; }", expr: "g$(1)", guesses: [1, 5] },
  {
    top: "function g$(a) { const o = { a }; o.a += 1; const { a: b } = o; o.a = 9; return b; }",
    expr: "g$(1)",
    guesses: [2, 9],
  },
  {
    top: "function g$(o) { const { k = 2 } = o; return k; }",
    expr: "(g$({}) + g$({ k: undefined }) + g$({ k: 5 }))",
    guesses: [9, 6],
  },
  {
    top: "const g$ = (a) => (a === null ? 1 : a === undefined ? 2 : 3);",
    expr: "(g$(null) + g$(undefined) + g$(0))",
    guesses: [6, 4],
  },
  { top: "const g$ = (a) => a || 2;", expr: "(g$(0) + g$(null) + g$(undefined) + g$(3))", guesses: [9, 8] },
  { top: "const g$ = (a) => a?.b ?? 2;", expr: "(g$(null) + g$({ b: 3 }))", guesses: [5] },
  { top: "const g$ = (o) => { delete o.a; return o.a ?? 4; };", expr: "g$({ a: 1 })", guesses: [1, 4] },
  { top: "const g$ = (o) => { const p = { ...o }; p.a = 4; return o.a; };", expr: "g$({ a: 1 })", guesses: [1, 4] },
  { top: "const g$ = (a) => { let s = 0; s += a; s += s; s -= -a; return s; };", expr: "g$(1)", guesses: [3] },
  { top: "const g$ = (a) => { const h = (b) => b + a; a = 4; return h(1); };", expr: "g$(1)", guesses: [2, 5] },
  { expr: "(1, 2)", guesses: [1, 2] },
  { expr: "(true + true)", guesses: [1, 2] },
  { expr: "(3 > 2 > 1 ? 1 : 2)", guesses: [1, 2] },
  { expr: "(0 ?? 2)", guesses: [0, 2] },
  { expr: "(0 || 2)", guesses: [0, 2] },
  { expr: "(null ?? 2)", guesses: [2] },
  { expr: "(null + 2)", guesses: [2] },
  { expr: "(+null + 2)", guesses: [2] },
  { expr: '("1" + 1)', guesses: [2, 11] },
  { expr: '+"3"', guesses: [3] },
  { expr: "(5 / 2)", guesses: [2, 2.5] },
  { expr: "(5 % 3)", guesses: [2] },
  { expr: "((5 / 2) | 0)", guesses: [2, 2.5] },
  { expr: "2 ** 2 ** 0", guesses: [2, 1] },
  { expr: "(-2) ** 2", guesses: [4, -4] },
  { expr: "void 0 ?? 3", wrap: true, guesses: [3] },
  { expr: "(null == undefined ? 2 : 3)", guesses: [2, 3] },
  { expr: "(null === undefined ? 2 : 3)", guesses: [2, 3] },
  { expr: "(null == 0 ? 2 : 3)", guesses: [2, 3] },
  { expr: "(null >= 0 ? 2 : 3)", guesses: [2, 3] },
  { expr: "(true == 1 ? 2 : 3)", guesses: [2, 3] },
  { expr: "(true === 1 ? 2 : 3)", guesses: [2, 3] },
  { expr: "(typeof null === 'object' ? 2 : 3)", guesses: [2, 3] },
  { expr: "Math.max(1, null, 2)", guesses: [2] },
  { expr: "Math.min()", guesses: [1] },
  { expr: "Math.sign(-0 + 2)", guesses: [1] },
  { expr: "Number.EPSILON * 2 ** 52", guesses: [1] },
  { expr: "[1, 2][1]", guesses: [1, 2] },
  { expr: "[3].length", guesses: [1, 3] },
  { expr: "({ valueOf() { return 2; } })", guesses: [2] },
  { expr: "Number(true) + Number(false)", wrap: true, guesses: [1] },
  { expr: "Boolean(3) + 1", wrap: true, guesses: [2] },
  { expr: "!0 + 1", wrap: true, guesses: [2] },
  { top: "Math.max = Math.min;", expr: "Math.max(1, 2)", guesses: [1, 2] },
  { top: "const M$ = Math;\nM$.min = Math.max;", expr: "Math.min(1, 2)", guesses: [1, 2] },
  { top: "const { max: m$ } = Math;", expr: "m$(1, 2)", guesses: [2] },
  { top: "function patch$(o) { o.abs = () => 5; }\npatch$(Math);", expr: "Math.abs(2)", guesses: [2, 5] },
  { top: "globalThis.Math.abs = () => 4;", expr: "Math.abs(2)", guesses: [2, 4] },
  { top: "globalThis['Number'] = () => 4;", expr: "Number(2)", guesses: [2, 4] },
  { top: "const g$ = (Math) => Math.max(1, 2);", expr: "g$({ max: (a, b) => a })", guesses: [1, 2] },
  { top: "const g$ = (undefined) => undefined;", expr: "g$(2)", guesses: [2] },
  { top: "const g$ = (NaN) => NaN + 1;", expr: "g$(2)", guesses: [3] },
  { top: "function g$() { const Math = { E: 3 }; return Math.E; }", expr: "g$()", guesses: [3] },
  {
    top: "function g$() { const Object = { freeze: () => ({ a: 3 }) }; return Object.freeze({ a: 2 }).a; }",
    expr: "g$()",
    guesses: [2, 3],
  },
  { top: "const g$ = (a) => { console.log((a = 3)); return a; };", expr: "g$(1)", guesses: [1, 3], isLoud: true },
  { top: "const g$ = (a) => { console.log(a); return a; };", expr: "g$(1)", guesses: [1], isLoud: true },
  { top: "const g$ = (a) => { a += (a = 5); return a; };", expr: "g$(1)", guesses: [6, 10] },
  { top: "const g$ = (a, b) => { [a, b] = [b, a]; return a; };", expr: "g$(1, 2)", guesses: [1, 2] },
  {
    top: "const g$ = (a) => { switch (a) { case 1: a = 2; case 2: a = 3; } return a; };",
    expr: "g$(1)",
    guesses: [2, 3],
  },
  { top: "const g$ = (a) => { l: { a = 2; break l; } return a; };", expr: "g$(1)", guesses: [1, 2] },
  { top: "const g$ = (a) => { if (a) var b = 3; return b ?? 1; };", expr: "g$(1)", guesses: [1, 3] },
  { top: "const g$ = (a) => (a > 0 ? ((a = 3), a) : a);", expr: "g$(1)", guesses: [1, 3] },
  { top: "const g$ = (o) => (o.a > 0 && (o.a = 3)) || o.a;", expr: "g$({ a: 1 })", guesses: [1, 3] },
  { top: "function g$() { return this === undefined ? 1 : 2; }", expr: "g$()", guesses: [1, 2] },
  { top: "function g$(a) { arguments[0] = 3; return a; }", expr: "g$(1)", guesses: [1, 3] },
  {
    top: "function h$(t) { return t; }\nfunction g$(t) { if (true) { function h$(t) { return t + 1; } } return h$(t); }",
    expr: "g$(1)",
    guesses: [1, 2],
  },
  { top: "let c$ = 0;\nconst g$ = () => ++c$;", expr: "g$()", guesses: [1, 2] },
  { top: "const o$ = { n: 0, g() { return ++this.n; } };", expr: "o$.g()", guesses: [1] },
  { top: "const o$ = { n: 2 };\nfunction g$() { o$.n += 1; return o$.n; }", expr: "o$.n", guesses: [2, 3] },
  { top: 'let k$ = 1;\neval("k$ = 3");', expr: "k$", guesses: [1, 3] },
  { top: "const o$ = { a: 1 };\n(() => { o$.a = 3; })();", expr: "o$.a", guesses: [1, 3] },
  { top: "const o$ = (() => { const p = { a: 1 }; p.a = 3; return p; })();", expr: "o$.a", guesses: [1, 3] },
  { top: "const o$ = { a: 1, b: { c: 2 } };\nconst q$ = { ...o$ };\nq$.b.c = 4;", expr: "o$.b.c", guesses: [2, 4] },
  { top: "const o$ = { a: 2 };\nconst r$ = o$?.b ?? o$?.a;", expr: "r$", guesses: [2] },
  { top: "enum K$ { A = 1, B }", expr: "K$.B", guesses: [1, 2], isTyped: true },
  { top: "namespace N$ { export const a = 2; }", expr: "N$.a", guesses: [2], isTyped: true },
  { top: "const k$ = 2 as const satisfies number;", expr: "(k$ as number)!", guesses: [2], isTyped: true },
];

/** Terms of x, each with its derivative; `$c` is a constant, `h` what the file calls a helper. */
const TERMS = [
  ["$c * x", "$c"],
  ["$c * x * x", "2 * $c * x"],
  ["x ** 3 * $c", "3 * x ** 2 * $c"],
  ["Math.pow(x, 2) * $c", "2 * Math.pow(x, 1) * $c"],
  ["Math.sin($c * x)", "$c * Math.cos($c * x)"],
  ["Math.exp(x / 4) * $c", "(Math.exp(x / 4) * $c) / 4"],
  ["Math.tanh(x) * $c", "$c * (1 - Math.tanh(x) ** 2)"],
  ["$c * Math.log(1 + x * x)", "(2 * $c * x) / (1 + x * x)"],
  ["Math.sqrt(1 + x * x) * $c", "($c * x) / Math.sqrt(1 + x * x)"],
  ["$c / (1 + Math.exp(-x))", "($c * Math.exp(-x)) / (1 + Math.exp(-x)) ** 2"],
  ["$c * Math.log(x)", "$c / x"],
  ["$c * Math.sqrt(x)", "$c / (2 * Math.sqrt(x))"],
  ["$c / x", "-$c / (x * x)"],
  ["$c * Math.cbrt(x)", "$c / (3 * Math.cbrt(x) ** 2)"],
  ["Math.abs(x) * $c", "Math.sign(x) * $c"],
  ["Math.max(x, $c)", "(x > $c ? 1 : 0)"],
  ["Math.pow(Math.abs(x), $c)", "$c * Math.pow(Math.abs(x), $c - 1) * Math.sign(x)"],
  ["Math.pow(x, $c)", "$c * Math.pow(x, $c - 1)"],
  ["Math.pow(x, $c)", "$c * Math.pow(Math.abs(x), $c - 1)"],
  ["(x > 0 && $c * x)", "(x > 0 && $c)"],
  ["(x || $c)", "1"],
  ["(Math.log(x) || $c)", "(1 / x || 0)"],
  ["$c", "0"],
];

/** Conditions on x, and what they may be taken for. */
const CONDITIONS = [
  ["x > 0", "x > 0", "x < 0"],
  ["x >= 1", "x > 1"],
  ["!(x <= 0)", "x > 0"],
  ["Math.log(x) > 0", "x > 1", "true"],
  ["Math.log(x) <= 0", "x <= 1", "x > 0 && x <= 1"],
  ["Math.log(x) < 0", "x < 1", "x > 0 && x < 1"],
  ["!(Math.log(x) > 0)", "x <= 1", "x > 0 && x <= 1"],
  ["Math.sqrt(x) >= 0", "true", "x >= 0"],
  ["Math.sqrt(x) !== 1", "true", "x !== 1"],
  ["!(Math.sqrt(x) < 1)", "x >= 1", "x >= 1 || x < 0"],
  ["isNaN(Math.sqrt(x))", "false", "x < 0"],
  ["Number.isNaN(Math.log(x))", "false", "x < 0"],
  ["Number.isFinite(Math.log(x))", "true", "x > 0"],
  ["isFinite(1 / x)", "true", "x !== 0"],
  ["Math.log(x) === Math.log(x)", "true", "x > 0"],
  ["1 / x > 0", "x > 0"],
  ["x / (x - 1) > 2", "x > 1 && x < 2"],
  ["x !== x", "false"],
  ["Math.sqrt(x)", "x > 0", "true"],
  ["!Math.sqrt(x)", "x <= 0", "false"],
  ["Math.sqrt(x) && x > 1", "x > 1"],
  ["x > 0 && Math.log(x) > 0.5", "x > Math.exp(0.5)"],
  ["Math.max(Math.sqrt(x), 0) >= 0", "true", "x >= 0"],
  ["2 > x > 0", "x < 2", "x < 2 && x > 0"],
  ["-1 < x < 1", "x > -1", "x > -1 && x < 1"],
  ["x ?? false", "x > 0", "true"],
  ["x == null", "false"],
  ["(x > 0) === 1", "x > 0", "false"],
  ["(x > 0) == 1", "x > 0"],
  ["(x > 0) - (x < 0)", "x > 0", "x !== 0"],
  ["(x > 0) + (x < 1) > 1", "x > 0 && x < 1"],
  ["x ** 0.5 > 1", "x > 1"],
  ["!(x ** 0.5 > 1)", "x <= 1", "x >= 0 && x <= 1"],
  ["Math.log1p(x) >= -50", "x > -1", "true"],
];

/** Ways to write "condition ? p : q" as statements that leave it in r. */
const BRANCHES = [
  (c, p, q) => `const r = ${c} ? ${p} : ${q};`,
  (c, p, q) => `let r = ${q};\n  if (${c}) r = ${p};`,
  (c, p, q) => `let r;\n  if (${c}) { r = ${p}; } else { r = ${q}; }`,
  (c, p, q) => `if (${c}) return ${p};\n  const r = ${q};`,
  (c, p, q) => `const o = { v: ${q} };\n  if (${c}) o.v = ${p};\n  const r = o.v;`,
  (c, p, q) => `var r = ${q};\n  { const t = ${p}; if (${c}) { var r = t; } }`,
  (c, p, q) => `const choose = (c, y, n) => { if (c) return y; return n; };\n  const r = choose(${c}, ${p}, ${q});`,
  (c, p, q) => `let t = ${p};\n  const o = { v: t };\n  t = ${q};\n  const r = ${c} ? o.v : t;`,
  (c, p, q) => `let r = ${p};\n  if (!(${c})) { let r = ${p}; r += 1; }\n  r = ${c} ? r : ${q};`,
  (c, p, q) =>
    `const o = { v: ${q} };\n  const put = (t) => { if (${c}) t.v = ${p}; return 0; };\n  const r = put(o) + o.v;`,
  (c, p, q) =>
    `const o = { v: ${q} };\n  const put = (t) => { if (${c}) t.v = ${p}; return 0; };\n  const r = o.v + put(o);`,
  (c, p, q) => `const o = { v: ${q} };\n  const r = (${c}) && ((t) => { t.v = ${p}; return true; })(o) ? o.v : o.v;`,
  (c, p, q) =>
    `const o = { v: ${q} };\n  const put = (t) => { if (${c}) { t.v = ${p}; return 1; } return 1; };\n  const r = put(o) * o.v;`,
  (c, p, q) => `const o = { v: ${q} };\n  const n = ${c} ? ((o.v = ${p}), 1) : 1;\n  const r = o.v * n;`,
  (c, p, q) => `let r = ${q};\n  if (${c}) { const k = ${p}; r = k; } else if (x > 100) { throw new Error(); }`,
  (c, p, q) => `const pick = { yes: () => ${p}, no: () => ${q} };\n  const r = ${c} ? pick.yes() : pick.no();`,
  (c, p, q) => `let r = ${c} ? ${p} : undefined;\n  r ??= ${q};`,
  (c, p, q) => `const on = Boolean(${c});\n  const r = on * (${p}) + !on * (${q});`,
  (c, p, q) =>
    `const make = () => { const o = { v: ${q} }; if (${c}) { o.v = ${p}; return o; } return o; };\n  const r = make().v;`,
  (c, p, q) => `let t = ${q};\n  const get = () => t;\n  if (${c}) t = ${p};\n  const r = get();`,
  (c, p, q) => `var r = ${q};\n  if (!(${c})) return r;\n  r = ${p};`,
  (c, p, q) => `const s = { on: ${c} };\n  const r = s.on ? ${p} : ${q};`,
];

/**
 * A second argument in f and in its derivative, and how it is given. No constant of a term is its default: what holds at
 * single values of parameters is the affair of the fuzzer of formulas.
 */
const PARAMETERS = [
  { f: "x, k = 2.7", d: "x, k = 2.7", calls: ["x k", "x k"] },
  { f: "x, k = 2.7", d: "x, k", calls: ["x k", "x k"] },
  { f: "x, k = 2.7", d: "x, k = 3.1", calls: ["x", "x"] },
  { f: "x, k = 2.7", d: "k, x", calls: ["x k", "k x"] },
  { f: "k, x", d: "x, k", calls: ["k x", "x k"] },
  { f: "x, k", d: "x, k = 2.7", calls: ["x k", "x"] },
  { f: "x, { k = 2.7 } = {}", d: "x, { k = 2.7 } = {}", calls: ["x {k}", "x"] },
  { f: "x, { k = 2.7 } = {}", d: "x, { k = 3.1 } = {}", calls: ["x", "x"] },
  { f: "x, { k = 2.7 } = {}", d: "x, k = 2.7", calls: ["x {k}", "x k"] },
  { f: "x, k = 2.7, a = k", d: "x, k = 2.7", calls: ["x k", "x k"] },
];

/** A file with a function f and a function fPrime that may be its derivative. */
export function javascriptFile(random) {
  const { pick, chance } = random;
  const tops = [];
  let count = 0;
  let isTyped = false;
  const parameter = chance(0.25) ? pick(PARAMETERS) : undefined;
  const constant = () => {
    if (parameter !== undefined && chance(0.6)) return { expr: "k", other: chance(0.8) ? "k" : "2.7" };
    let found = pick(CONSTANTS);
    while (found.isLoud && chance(0.7)) found = pick(CONSTANTS);
    count += 1;
    isTyped ||= found.isTyped === true;
    const own = (text) => text.replaceAll(/\$(?!\{)/g, String(count));
    if (found.top !== undefined) tops.push(own(found.top));
    const expr = found.wrap === true ? `(${own(found.expr)})` : own(found.expr);
    // The derivative says the same, or what the constant may be taken for.
    return { expr, other: chance(0.35) ? expr : String(pick(found.guesses)) };
  };
  const part = () => {
    const [f, d] = pick(TERMS);
    const c = chance(0.25) ? { expr: "2", other: "2" } : constant();
    return { f: f.replaceAll("$c", c.expr), d: d.replaceAll("$c", `(${c.other})`) };
  };
  const [p, q] = [part(), part()];
  const readings = pick(CONDITIONS);
  const write = chance(0.75) ? pick(BRANCHES) : undefined;
  const [c, other] = [readings[0], chance(0.4) ? readings[0] : pick(readings)];
  const body = (condition, yes, no) =>
    write === undefined ? `return ${yes};` : `${write(condition, yes, no)}\n  return r;`;
  const typed = parameter === undefined && (isTyped || chance(0.15));
  const isModule = typed || chance(0.7);
  const type = typed ? ": number" : "";
  const [open, close] = isModule ? ["export function ", ""] : ["function ", "\nmodule.exports = { f, fPrime };"];
  const functions = [
    `${open}f(${parameter?.f ?? `x${type}`}) {\n  ${body(c, p.f, q.f)}\n}`,
    `${open}fPrime(${parameter?.d ?? `x${type}`}) {\n  ${write === undefined || chance(0.5) ? `return ${write === undefined ? p.d : `${other} ? ${p.d} : ${q.d}`};` : body(other, p.d, q.d)}\n}`,
  ];
  const first = chance(0.2) ? [functions[0], ...tops, functions[1]] : [...tops, ...functions];
  return {
    name: typed ? "file.mts" : isModule ? "file.mjs" : "file.cjs",
    text: `${first.join("\n")}${close}\n`,
    calls: parameter?.calls,
  };
}
