/**
 * Devious files of Python with numbers that keep their gradients: a class Value, of which `op` makes another one with a
 * backward of its own, by closures, by classes of an operation each, or by functions that get what the result was made of.
 */

/** Terms of u and of the result y, each with its derivative and with one that may be wrong. */
const TERMS = [
  ["u * u", "2 * u", "u"],
  ["np.tanh(u)", "1 - y ** 2", "1 - y"],
  ["np.exp(u)", "y", "u"],
  ["np.exp(u)", "np.exp(u)", "np.exp(y)"],
  ["1 / (1 + np.exp(-u))", "y * (1 - y)", "u * (1 - u)"],
  ["np.maximum(0, u)", "(u > 0)", "(u > 1)"],
  ["np.maximum(0, u)", "(y > 0)", "(y >= 0)"],
  ["np.where(u > 0, u, 0.1 * u)", "np.where(u > 0, 1, 0.1)", "np.where(u > 0, 1, 0.2)"],
  ["np.log(1 + u * u)", "2 * u / (1 + u * u)", "1 / (1 + u * u)"],
  ["np.sin(3 * u)", "3 * np.cos(3 * u)", "np.cos(3 * u)"],
  ["np.logical_and(u > 0, u < 2) * u", "np.logical_and(u > 0, u < 2)", "np.logical_or(u > 0, u < 2)"],
];

/** What `__init__` does with its value. */
const KEPT = [
  "self.data = data",
  "self.data = np.array(data)",
  "self.data = 2.0 * data",
  "self.data = data\nself.data = self.data + 1",
  "self.data = data if isinstance(data, np.ndarray) else np.array(data)",
  "if isinstance(data, (int, float)):\n    data = np.array(data)\nself.data = data",
  "self.data = data\nself.note = f'{data}'",
  "self.note = sorted([3, 1])\nself.data = data",
  "self.keep(data)",
  "self.data = data\nself.reset()",
  "self.data = data\nself.twice()",
  "self.data = data\nchanged(self)",
  "self.data = np.clip(data, -1, 1)",
  "data = 3.0 * data\nself.data = data",
];
const METHODS = `    def keep(self, data):
        self.data = data
    def reset(self):
        self.grad = np.zeros_like(self.data)
    def twice(self):
        self.data = self.data * 2
`;

/** How a gradient g is added to that of v, with the methods that this takes. */
const ADDED = [
  ["v.grad += g", ""],
  ["v.grad = v.grad + g", ""],
  ["v.grad = g", ""],
  ["v.grad += g\nv.grad += g", ""],
  ["v.add_grad(g)", "    def add_grad(self, g):\n        self.grad = self.grad + g\n"],
  ["v.add_grad(g)", "    def add_grad(self, g):\n        self.grad = self.grad + 2 * g\n"],
  [
    "v.add_grad(g)",
    "    def add_grad(self, g):\n        if self.grad is None:\n            self.grad = g\n        else:\n            self.grad = self.grad + g\n",
  ],
  ["v.accumulate(g)", "    def accumulate(self, g):\n        self.grad -= g\n"],
  ["if v.grad is None:\n    v.grad = g\nelse:\n    v.grad = v.grad + g", ""],
  ["v.grad += unbroadcast(g, v.data.shape)", ""],
];

const indent = (text, by) => text.replaceAll("\n", `\n${" ".repeat(by)}`);

/** A file with a class Value, and `op` that makes one of another. */
export function numbersFile(random) {
  const { pick, chance } = random;
  const [term, right, wrong] = pick(TERMS);
  const slope = chance(0.6) ? right : wrong;
  const kept = chance(0.5) ? KEPT[0] : pick(KEPT);
  const [added, method] = chance(0.5) ? ADDED[0] : pick(ADDED);
  const factor = chance(0.85) ? "out.grad * " : pick(["", "-out.grad * ", "out.grad ** 2 * "]);
  const of = (text, u, y) => text.replace(/\bu\b/g, u).replace(/\by\b/g, y);
  const into = (v, g) => added.replace(/\bv\b/g, v).replace(/\bg\b/g, g);
  const head = [
    "import numpy as np",
    "def changed(v):\n    v.data = v.data + 1",
    "def unbroadcast(g, shape):\n    while g.ndim > len(shape):\n        g = g.sum(axis=0)\n    return g",
  ];
  const init = [
    "class Value:",
    "    def __init__(self, data, args=()):",
    `        ${indent(kept, 8)}`,
    "        self.grad = np.zeros_like(data)",
    "        self.args = args",
    "        self._backward = lambda: None",
    `${METHODS}${method}`,
  ].join("\n");
  const kind = pick(["method", "method", "function", "passed", "class", "class of results"]);
  if (kind === "class" || kind === "class of results") {
    const name = kind === "class" ? "propagate" : "_backward";
    const start = chance(0.8)
      ? `super().__init__(${of(term, "v.data", "0")}, [v])`
      : `v = v if isinstance(v, Value) else Value(v)\nsuper().__init__(${of(term, "v.data", "0")}, [v])`;
    const later = chance(0.15) ? "\n        self.data = self.data * 2" : "";
    const g = `${factor.replaceAll("out", "self")}${of(slope, "self.args[0].data", "self.data")}`;
    const text = [
      init.replace("        self._backward = lambda: None\n", ""),
      `class Op(Value):\n    def __init__(self, v):\n        ${indent(start, 8)}${later}`,
      `    def ${name}(self):\n        g = ${g}\n        ${indent(into("self.args[0]", "g"), 8)}`,
    ].join("\n");
    return { name: "file.py", text: `${[...head, text].join("\n")}\n`, calls: ["Op", name] };
  }
  const by = kind === "passed" ? "v, grad" : "";
  const self = kind === "function" ? "v" : "self";
  const inner = kind === "passed" ? "v" : self;
  const g = `${kind === "passed" ? factor.replaceAll("out.grad", "grad") : factor}${of(slope, chance(0.8) || kind === "passed" ? `${inner}.data` : "u", chance(0.8) ? "out.data" : "y")}`;
  const after = chance(0.2)
    ? pick(["y = y * 2", "out.data = out.data * 2", "u = 1.0", `${self}.data = ${self}.data * 1`, "out = out"])
    : "";
  const body = [
    `u = ${self}.data`,
    `y = ${of(term, "u", "0")}`,
    `out = Value(y, (${self},))`,
    `def backward(${by}):\n    g = ${g}\n    ${indent(into(inner, "g"), 4)}`,
    `out.${kind === "passed" ? "grad_fn" : "_backward"} = backward`,
    ...(after === "" ? [] : [after]),
    "return out",
  ].join("\n");
  const op =
    kind === "function" ? `def op(v: Value):\n    ${indent(body, 4)}` : `    def op(self):\n        ${indent(body, 8)}`;
  return { name: "file.py", text: `${[...head, init, op].join("\n")}\n`, calls: [kind] };
}
