/** How people write a function and its derivative, each with an example that is proved. */
export interface Habit {
  readonly name: string;
  readonly file: "f.js" | "f.py";
  readonly example: string;
}

const of =
  (file: Habit["file"]) =>
  (rows: Readonly<Record<string, string>>): readonly Habit[] =>
    Object.entries(rows).map(([name, example]) => ({ name, file, example }));

const JAVASCRIPT = of("f.js")({
  "two names, with a word or a letter for the derivative":
    "const sq = (x) => x * x;\nconst sq_d = (x) => 2 * x;\nconst diffSq = (x) => 2 * x;",
  "one function, and a flag that asks for the derivative":
    "function logistic(x, derivative) {\n  const y = 1 / (1 + Math.exp(-x));\n  return derivative ? y * (1 - y) : y;\n}",
  "a derivative of the output, whatever its argument is called":
    "const tanh = (x) => Math.tanh(x);\nconst tanhDerivative = (x) => 1 - x * x;",
  "a derivative that multiplies by the error":
    "const activate = (x) => Math.tanh(x);\nconst measure = (value, error) => (1 - value * value) * error;",
  "members of an object, or of a registry of objects": "const table = { sq: { f: (x) => x * x, df: (x) => 2 * x } };",
  "a member of the function itself": "const sq = (x) => x * x;\nsq.derivative = (x) => 2 * x;",
  "two functions that a constructor is given":
    "class Activation {\n  constructor(func, dfunc) {\n    this.func = func;\n    this.dfunc = dfunc;\n  }\n}\nconst sq = new Activation((x) => x * x, (x) => 2 * x);",
  "methods that call each other, and read what the constructor was given":
    "class Leaky {\n  constructor(alpha = 0.1) {\n    this.alpha = alpha;\n  }\n  f(x) {\n    return x > 0 ? x : this.alpha * x;\n  }\n  derivative(x) {\n    return x > 0 ? 1 : this.alpha;\n  }\n}",
  "a backward that reads what forward has left":
    "class Layer {\n  forward(x) {\n    this.out = Math.tanh(x);\n    return this.out;\n  }\n  backward(dy) {\n    return dy * (1 - this.out * this.out);\n  }\n}",
  "functions that are called with new, and their prototypes":
    "function Leaky(alpha) {\n  this.alpha = alpha;\n}\nLeaky.prototype.f = function (x) {\n  return x > 0 ? x : this.alpha * x;\n};\nLeaky.prototype.df = function (x) {\n  return x > 0 ? 1 : this.alpha;\n};",
  "a module inside a function that is called at once, or given to one":
    "(function (root, factory) {\n  factory((root.lib = {}));\n})(this, function (exports) {\n  const k = 2;\n  exports.f = f;\n  function f(x) {\n    return k * x;\n  }\n  function fPrime(x) {\n    return k;\n  }\n});",
  "a switch over the name of the activation":
    'function act(x, name) {\n  switch (name) {\n    case "sq":\n      return x * x;\n    case "tanh":\n      return Math.tanh(x);\n    default:\n      return x;\n  }\n}\nfunction actPrime(x, name) {\n  if (name === "sq") return 2 * x;\n  return name === "tanh" ? 1 - Math.tanh(x) ** 2 : 1;\n}',
  "arrays, by a function of each element":
    "const sq = (xs) => xs.map((x) => x * x);\nconst sqPrime = (xs) => xs.map((x) => 2 * x);",
});

export const HABITS: readonly Habit[] = [...JAVASCRIPT];
