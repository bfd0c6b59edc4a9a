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
  "lists of two functions, where one of several beside each other is surely such a pair":
    "const table = {\n  sq: [(x) => x * x, (x) => 2 * x],\n  tanh: [(x) => Math.tanh(x), (y) => 1 - y * y],\n};",
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
  "methods of a number that keeps its gradient":
    "class Value {\n  constructor(data, children = []) {\n    this.data = data;\n    this.grad = 0;\n    this.children = children;\n  }\n  tanh() {\n    const out = new Value(Math.tanh(this.data), [this]);\n    out._backward = () => {\n      this.grad += (1 - out.data ** 2) * out.grad;\n    };\n    return out;\n  }\n}",
  "numbers of a class of another file, taken to keep its first argument, and that is said":
    'import { Value } from "./value";\nexport const square = (a) =>\n  Value.from(a.data ** 2, [a], (out) => () => {\n    a.grad += 2 * a.data * out.grad;\n  });',
  "functions that a constructor gives to each instance":
    "class Sigmoid {\n  constructor() {\n    this.activation = (x) => 1 / (1 + Math.exp(-x));\n    this.deactivation = (y) => y * (1 - y);\n  }\n}",
  "a switch over the name of the activation":
    'function act(x, name) {\n  switch (name) {\n    case "sq":\n      return x * x;\n    case "tanh":\n      return Math.tanh(x);\n    default:\n      return x;\n  }\n}\nfunction actPrime(x, name) {\n  if (name === "sq") return 2 * x;\n  return name === "tanh" ? 1 - Math.tanh(x) ** 2 : 1;\n}',
  "arrays, by a loop in which nothing is carried over to the next pass":
    "function sq(xs) {\n  const out = new Float32Array(xs.length);\n  for (let i = 0; i < xs.length; i++) out[i] = xs[i] * xs[i];\n  return out;\n}\nfunction sqPrime(xs) {\n  const out = [];\n  for (const x of xs) out.push(2 * x);\n  return out;\n}",
  "a gradient that is registered for a kernel of TensorFlow.js":
    'import { mul, sub, scalar, square } from "@tensorflow/tfjs-core";\n\nexport const tanhGradConfig = {\n  kernelName: "Tanh",\n  outputsToSave: [true],\n  gradFunc: (dy, saved) => {\n    const [y] = saved;\n    return { x: () => mul(sub(scalar(1), square(y)), dy) };\n  },\n};',
  "elements by forEach, and by Array.from":
    "const sq = (xs) => Array.from(xs, (x) => x * x);\nfunction sqPrime(xs) {\n  const out = new Float32Array(xs.length);\n  xs.forEach((x, i) => {\n    out[i] = 2 * x;\n  });\n  return out;\n}",
  "arrays of rows":
    "const logistic = (rows) => rows.map((row) => row.map((x) => 1 / (1 + Math.exp(-x))));\nconst logisticPrime = (rows) => rows.map((row) => row.map((y) => y * (1 - y)));",
  "a registry that is filled by assignment":
    'const registry = {};\nregistry["sq"] = { f: (x) => x * x, df: (x) => 2 * x };',
  "functions and derivatives given to a call, where one of several is surely such a pair":
    'const table = {};\nfunction register(name, f, df) {\n  table[name] = { f, df };\n}\nregister("sq", (x) => x * x, (x) => 2 * x);\nregister("exp", Math.exp, Math.exp);\nregister("tanh", (x) => Math.tanh(x), (y) => 1 - y * y);',
  "a gradient of TensorFlow.js of its own":
    'import * as tf from "@tensorflow/tfjs";\n\nexport const tanh = tf.customGrad((x, save) => {\n  const y = tf.tanh(x);\n  save([y]);\n  return { value: y, gradFunc: (dy, saved) => dy.mul(tf.scalar(1).sub(saved[0].square())) };\n});',
  "arrays told apart by the type of the argument":
    'function sq(x) {\n  if (typeof x !== "number") return x.map(sq);\n  return x * x;\n}\nconst sqPrime = (x) => (typeof x === "number" ? 2 * x : x.map(sqPrime));',
  "two tables, one of derivatives":
    "const activations = { sq: (x) => x * x, tanh: (x) => Math.tanh(x) };\nconst activationDerivatives = { sq: (x) => 2 * x, tanh: (x) => 1 - Math.tanh(x) ** 2 };",
  "arrays, or numbers that may be infinite, told apart first":
    "const clamp = (y) => (y === Infinity ? Number.MAX_VALUE : y);\nfunction sq(xs, derivate) {\n  const f = derivate ? (x) => 2 * x : (x) => x * x;\n  return Array.isArray(xs) ? xs.map(f) : clamp(f(xs));\n}",
  "a derivative beside one other function, whatever that is called":
    "const tanh = {\n  map: (x) => Math.tanh(x),\n  derivative: (_, y) => 1 - y * y,\n};",
  "keys that are computed":
    "const Kind = { sq: 0, tanh: 1 };\nconst table = {\n  [Kind.sq]: { f: (x) => x * x, df: (x) => 2 * x },\n  [Kind.tanh]: { f: (x) => Math.tanh(x), df: (x) => 1 - Math.tanh(x) ** 2 },\n};",
  "a function with a flag that calls itself":
    "function logistic(x, derivative) {\n  if (derivative) return logistic(x) * (1 - logistic(x));\n  return 1 / (1 + Math.exp(-x));\n}",
  "functions that mathjs has":
    'import { exp, pow } from "mathjs";\n\nexport const tanh = (x) => 2 / (1 + exp(-2 * x)) - 1;\nexport const tanhPrime = (x) => 1 - pow(tanh(x), 2);',
  "a class that keeps its kind, with a claim for each kind, and a constructor of which not every statement is read":
    'class Layer {\n  constructor(size, activation = "relu") {\n    this.weights = Matrix.random(size);\n    this.activation = activation;\n  }\n  activate(x) {\n    if (this.activation === "tanh") return Math.tanh(x);\n    return Math.max(0, x);\n  }\n  activateDerivative(x) {\n    switch (this.activation.toLowerCase()) {\n      case "tanh":\n        return 1 - Math.tanh(x) ** 2;\n      default:\n        return x > 0 ? 1 : 0;\n    }\n  }\n}',
  "functions that are given for a kind":
    'function getActivation(kind) {\n  if (["sq", "square"].includes(kind)) return { f: (x) => x * x, df: (x) => 2 * x };\n  if (kind === "exp") return { f: Math.exp, df: Math.exp };\n  throw new Error(kind);\n}',
  "arrays, by a function of each element":
    "const sq = (xs) => xs.map((x) => x * x);\nconst sqPrime = (xs) => xs.map((x) => 2 * x);",
});

const PYTHON = of("f.py")({
  "dictionaries of functions, of pairs of them, and of derivatives beside them":
    'import numpy as np\n\n\ndef sq(x):\n    return x * x\n\n\nactivations = {\n    "sq": (sq, lambda x: 2 * x),\n    "exp": {"f": lambda x: np.exp(x), "df": lambda x: np.exp(x)},\n}',
  "functions of arrays of NumPy, by their names":
    "import numpy as np\n\n\ndef relu(x):\n    return np.maximum(0, x)\n\n\ndef relu_derivative(x):\n    return np.where(x > 0, 1, 0)",
  "functions of a class that are called of the class itself":
    "import numpy as np\n\n\nclass tanh:\n    def f(v):\n        return np.tanh(v)\n\n    def deriv(v):\n        return 1 - tanh.f(v) ** 2",
  "a dictionary in which forward leaves what backward needs":
    'import numpy as np\n\n\nclass Relu:\n    def __init__(self):\n        self.cache = {}\n\n    def forward_propagate(self, Z, save_cache=False):\n        if save_cache:\n            self.cache["Z"] = Z\n        return np.where(Z >= 0, Z, 0)\n\n    def back_propagate(self, dA):\n        return dA * np.where(self.cache["Z"] >= 0, 1, 0)',
  "a framework of one's own that keeps inputs and outputs, and asks which module an array is of":
    "from .core import Function\nfrom .cuda import get_array_module\n\n\nclass Tanh(Function):\n    def forward(self, x):\n        xp = get_array_module(x)\n        return xp.tanh(x)\n\n    def backward(self, gy):\n        y = self.outputs[0]()\n        return gy * (1 - y * y)",
  "numbers that keep their gradients":
    "import math\n\n\nclass Value:\n    def __init__(self, data, _children=()):\n        self.data = data\n        self.grad = 0.0\n        self._prev = set(_children)\n        self._backward = lambda: None\n\n    def tanh(self):\n        out = Value(math.tanh(self.data), (self,))\n\n        def _backward():\n            self.grad += (1 - out.data**2) * out.grad\n\n        out._backward = _backward\n        return out",
  "functions of tensors of another file, which keep their value, and that is said":
    "import numpy as np\n\nfrom .engine import Tensor\n\n\ndef sigmoid(x: Tensor):\n    y = 1 / (1 + np.exp(-x.data))\n    out = Tensor(y, (x,))\n\n    def grad_fn():\n        if x.requires_grad:\n            x.accumulate_grad(out.grad * y * (1 - y))\n\n    out.grad_fn = grad_fn\n    return out",
  "a class for each operation, with a base of its own":
    "import numpy as np\n\n\nclass Node:\n    def __init__(self, value, parents=None):\n        self.value = np.array(value)\n        self.parents = parents if parents is not None else []\n        self.grad = np.zeros_like(self.value)\n\n    def propagate(self):\n        pass\n\n\nclass Exp(Node):\n    def __init__(self, node):\n        super().__init__(np.exp(node.value), [node])\n\n    def propagate(self):\n        self.parents[0].grad += self.grad * self.value",
  "functions and derivatives given to a call of Python, where one of several is surely such a pair":
    'import numpy as np\n\nTABLE = {}\n\n\ndef register(name, f, df):\n    TABLE[name] = (f, df)\n\n\nregister("sq", lambda x: x * x, lambda x: 2 * x)\nregister("exp", lambda x: np.exp(x), lambda x: np.exp(x))',
  "a table that is filled entry by entry":
    'import numpy as np\n\ntable = {}\ntable["sq"] = {"f": lambda x: x * x, "df": lambda x: 2 * x}\ntable["exp"] = (lambda x: np.exp(x), lambda x: np.exp(x))',
  "a tensor that only brings a number to backward":
    "import torch\n\n\nclass Scaled(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x, k):\n        ctx.save_for_backward(x, torch.tensor([k]))\n        return k * x * x\n\n    @staticmethod\n    def backward(ctx, g):\n        x, others = ctx.saved_tensors\n        return g * 2 * others[0].item() * x, None",
  "a constructor of which not every statement is read":
    "import numpy as np\n\n\nclass Network:\n    def __init__(self, sizes):\n        self.weights = [np.random.randn(a, b) for a, b in zip(sizes, sizes[1:])]\n\n    def __sigmoid(self, x):\n        return 1 / (1 + np.exp(-x))\n\n    def __d_sigmoid(self, x):\n        return self.__sigmoid(x) * (1 - self.__sigmoid(x))",
  "a number that is given its backward by a method":
    "import numpy as np\n\nfrom .tensor import Tensor\n\n\ndef log(x: Tensor):\n    out = Tensor(np.log(x.data), children={x})\n\n    def _backward():\n        x.grad += out.grad / x.data\n\n    out.set_backward(_backward)\n    return out",
  "a delta that is passed back":
    "import numpy as np\n\n\nclass TanH:\n    def forward(self, X):\n        return np.tanh(X)\n\n    def backward_delta(self, input, delta):\n        return (1 - np.tanh(input) ** 2) * delta",
  "a kernel that stores over the gradient from above":
    "import triton\nimport triton.language as tl\n\n\n@triton.jit\ndef gate_fwd_kernel(gate_ptr, up_ptr, out_ptr, n, BLOCK: tl.constexpr):\n    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n    gate = tl.load(gate_ptr + i, mask=i < n)\n    up = tl.load(up_ptr + i, mask=i < n)\n    tl.store(out_ptr + i, gate * tl.sigmoid(gate) * up, mask=i < n)\n\n\n@triton.jit\ndef gate_bwd_kernel(grad_out_ptr, gate_ptr, up_ptr, n, BLOCK: tl.constexpr):\n    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n    g = tl.load(grad_out_ptr + i, mask=i < n)\n    gate = tl.load(gate_ptr + i, mask=i < n)\n    up = tl.load(up_ptr + i, mask=i < n)\n    s = tl.sigmoid(gate)\n    tl.store(grad_out_ptr + i, gate * s * up, mask=i < n)\n    tl.store(gate_ptr + i, g * up * s * (1 + gate * (1 - s)), mask=i < n)\n    tl.store(up_ptr + i, g * gate * s, mask=i < n)",
  "gradients of several inputs":
    "def gate(x, w):\n    return x * w\n\n\ndef gate_backward(x, w, grad):\n    return grad * w, grad * x",
  "one function of Python, and a flag":
    "import numpy as np\n\n\ndef nonlin(x, deriv=False):\n    if deriv:\n        return x * (1 - x)\n    return 1 / (1 + np.exp(-x))",
  "functions of plain numbers":
    "import math\n\n\ndef softplus(x):\n    return math.log(1 + math.exp(x))\n\n\ndef softplus_prime(x):\n    return 1 / (1 + math.exp(-x))",
  "a class whose instances are called":
    "import numpy as np\n\n\nclass ELU:\n    def __init__(self, alpha=0.1):\n        self.alpha = alpha\n\n    def __call__(self, x):\n        return np.where(x >= 0, x, self.alpha * (np.exp(x) - 1))\n\n    def gradient(self, x):\n        return np.where(x >= 0, 1, self(x) + self.alpha)",
  "a layer that keeps its output":
    "import numpy as np\n\n\nclass Tanh:\n    def forward(self, x):\n        self.out = np.tanh(x)\n        return self.out\n\n    def backward(self, grad):\n        return grad * (1 - self.out**2)",
  "a layer that leaves its results in itself, and returns none":
    "import numpy as np\n\n\nclass ReLU:\n    def forward(self, inputs):\n        self.inputs = inputs\n        self.output = np.maximum(0, inputs)\n\n    def backward(self, dvalues):\n        self.dinputs = dvalues.copy()\n        self.dinputs[self.inputs <= 0] = 0",
  "a cache that the function returns beside its result":
    "import numpy as np\n\n\ndef sigmoid(Z):\n    A = 1 / (1 + np.exp(-Z))\n    return A, Z\n\n\ndef sigmoid_backward(dA, cache):\n    s = 1 / (1 + np.exp(-cache))\n    return dA * s * (1 - s)",
  "classes of a base that is abstract, or of another file, which is taken to change nothing, and that is said":
    "from abc import ABC, abstractmethod\n\nfrom .backend import np\nfrom .layers import Layer\n\n\nclass Activation(Layer, ABC):\n    @abstractmethod\n    def forward(self, x):\n        pass\n\n    @abstractmethod\n    def backward(self, grad):\n        raise NotImplementedError\n\n\nclass Tanh(Activation):\n    def forward(self, x):\n        self.out = np.tanh(x)\n        return self.out\n\n    def backward(self, grad):\n        return grad * (1 - self.out**2)",
  "functions inside of a function, which gives them to another":
    "import numpy as np\n\nfrom activation import Activation\n\n\nclass Tanh(Activation):\n    def __init__(self):\n        def tanh(x):\n            return np.tanh(x)\n\n        def tanh_prime(x):\n            return 1 - np.tanh(x) ** 2\n\n        super().__init__(tanh, tanh_prime)",
  "class methods":
    "import torch\n\n\nclass Square(torch.autograd.Function):\n    @classmethod\n    def forward(cls, ctx, x):\n        ctx.save_for_backward(x)\n        return x * x\n\n    @classmethod\n    def backward(cls, ctx, g):\n        (x,) = ctx.saved_tensors\n        return 2 * x * g",
  "a decorator of another file, which is taken to change nothing, and that is said":
    "from elsewhere import fused\n\n\n@fused\ndef sq(x):\n    return x * x\n\n\ndef sq_prime(x):\n    return 2 * x",
  "custom_vjp of JAX":
    "import jax\nimport jax.numpy as jnp\n\n\n@jax.custom_vjp\ndef softplus(x):\n    return jnp.log1p(jnp.exp(x))\n\n\ndef fwd(x):\n    return softplus(x), x\n\n\ndef bwd(x, g):\n    return (g * jax.nn.sigmoid(x),)\n\n\nsoftplus.defvjp(fwd, bwd)",
  "arguments of JAX that have no gradient":
    "import jax\nimport jax.numpy as jnp\nfrom functools import partial\n\n\n@partial(jax.custom_vjp, nondiff_argnums=(1,))\ndef leaky(x, alpha):\n    return jnp.where(x > 0, x, alpha * x)\n\n\ndef leaky_fwd(x, alpha):\n    return leaky(x, alpha), x > 0\n\n\ndef leaky_bwd(alpha, mask, g):\n    return (jnp.where(mask, g, alpha * g),)\n\n\nleaky.defvjp(leaky_fwd, leaky_bwd)",
  "functions that are chosen by a name, with a claim for each name":
    'import numpy as np\n\n\ndef activation(x, kind="sigmoid", deriv=False):\n    if kind == "sigmoid":\n        s = 1 / (1 + np.exp(-x))\n        return s * (1 - s) if deriv else s\n    elif kind in ("relu", "ReLU"):\n        return np.where(x > 0, 1, 0) if deriv else np.maximum(x, 0)\n    raise ValueError(kind)',
  "kinds that are members of an enumeration":
    "from enum import Enum\n\n\nclass Kind(Enum):\n    SQUARE = 1\n    CUBE = 2\n\n\nclass Layer:\n    def __init__(self, kind):\n        self.kind = kind\n\n    def act(self, x):\n        return x**2 if self.kind == Kind.SQUARE else x**3\n\n    def act_derivative(self, x):\n        return 2 * x if self.kind is Kind.SQUARE else 3 * x**2\n\n\ndef act(x, kind):\n    if kind == Kind.CUBE:\n        return x**3\n    return x\n\n\ndef act_derivative(x, kind):\n    return 3 * x**2 if kind == Kind.CUBE else 1",
  "functions that are given for a name":
    'def get(name, derivative=False):\n    if name == "sq":\n        return (lambda x: 2 * x) if derivative else (lambda x: x * x)\n    if name == "cube":\n        return (lambda x: 3 * x**2) if derivative else (lambda x: x**3)',
  "custom_gradient of TensorFlow, of a method":
    "import tensorflow as tf\n\n\nclass Swish(tf.keras.layers.Layer):\n    def __init__(self, beta=1.0):\n        super().__init__()\n        self.beta = beta\n\n    @tf.custom_gradient\n    def swish(self, x):\n        s = tf.sigmoid(self.beta * x)\n\n        def grad(dy):\n            return dy * (s + self.beta * x * s * (1 - s))\n\n        return x * s, grad",
  "functions of a library in registries, and those that a class gives to the one above":
    'import numpy as np\n\nTABLE = {"tanh": (np.tanh, lambda z: 1 - np.square(np.tanh(z))), "exp": (np.exp, np.exp)}\n\n\nclass Activation:\n    def __init__(self, f, f_prime):\n        self.f = f\n        self.f_prime = f_prime\n\n\nclass Sin(Activation):\n    def __init__(self):\n        super().__init__(np.sin, lambda x: np.cos(x))',
  "a cache that the body calls by the name of the input":
    "import numpy as np\n\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n\n\ndef sigmoid_backward(dA, cache):\n    Z = cache\n    s = 1 / (1 + np.exp(-Z))\n    return dA * s * (1 - s)",
  "an operator of torch.library with its gradient":
    'import torch\n\n\n@torch.library.custom_op("my::silu", mutates_args=())\ndef silu(x: torch.Tensor) -> torch.Tensor:\n    return x * torch.sigmoid(x)\n\n\ndef setup(ctx, inputs, output):\n    ctx.save_for_backward(inputs[0])\n\n\ndef backward(ctx, grad):\n    (x,) = ctx.saved_tensors\n    s = torch.sigmoid(x)\n    return grad * s * (1 + x * (1 - s))\n\n\ntorch.library.register_autograd("my::silu", backward, setup_context=setup)',
  "types and shapes that decide nothing, and gradients that are wanted":
    "import torch\n\n\nclass Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        n, c = x.shape\n        if x.requires_grad:\n            ctx.save_for_backward(x)\n        if x.dtype == torch.float16 or x.dtype == torch.bfloat16:\n            x = x.to(torch.float32)\n        return x * x\n\n    @staticmethod\n    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n        return 2 * x * g",
  "a value of a parameter that is left out by an assertion":
    "import torch\n\n\nclass Scaled(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x, k):\n        assert k != 0\n        ctx.k = k\n        ctx.save_for_backward(x)\n        return torch.sin(k * x) / k\n\n    @staticmethod\n    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n        return g * torch.cos(ctx.k * x), None",
  "a list of what is computed from each element, and a loop by numbers":
    "import numpy as np\n\n\ndef relu(xs):\n    return np.array([x if x > 0 else 0.0 for x in xs])\n\n\ndef relu_backward(xs, dout):\n    out = np.zeros_like(xs)\n    for i in range(len(xs)):\n        if xs[i] > 0:\n            out[i] = dout[i]\n    return out",
  "functions without a name, and np.vectorize, which is taken to give floats, and that is said":
    "import numpy as np\n\nsoftplus = lambda x: np.log1p(np.exp(x))\nsoftplus_grad = np.vectorize(lambda x: 1 / (1 + np.exp(-x)))",
  "a rule of JAX for tangents":
    "import jax\nimport jax.numpy as jnp\n\n\n@jax.custom_jvp\ndef log1pexp(x):\n    return jnp.log(1.0 + jnp.exp(x))\n\n\n@log1pexp.defjvp\ndef log1pexp_jvp(primals, tangents):\n    (x,) = primals\n    (x_dot,) = tangents\n    return log1pexp(x), (1 - 1 / (1 + jnp.exp(x))) * x_dot",
  "halves of a tensor, cut and put together along one axis":
    "import torch\nimport torch.nn.functional as F\n\n\nclass SwiGLU(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, y):\n        ctx.save_for_backward(y)\n        a, b = torch.chunk(y, 2, -1)\n        return F.silu(a) * b\n\n    @staticmethod\n    def backward(ctx, g):\n        (y,) = ctx.saved_tensors\n        a, b = torch.chunk(y, 2, -1)\n        s = torch.sigmoid(a)\n        return torch.cat((g * s * (1 + a * (1 - s)) * b, g * F.silu(a)), -1)",
  "kernels of Triton, as one element, and classes that launch them":
    "import torch\nimport triton\nimport triton.language as tl\n\n\n@triton.jit\ndef silu_fwd(x_ptr, y_ptr, n, BLOCK: tl.constexpr):\n    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n    x = tl.load(x_ptr + i, mask=i < n).to(tl.float32)\n    tl.store(y_ptr + i, x * tl.sigmoid(x), mask=i < n)\n\n\n@triton.jit\ndef silu_bwd(x_ptr, dy_ptr, dx_ptr, n, BLOCK: tl.constexpr):\n    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n    x = tl.load(x_ptr + i, mask=i < n).to(tl.float32)\n    dy = tl.load(dy_ptr + i, mask=i < n).to(tl.float32)\n    s = tl.sigmoid(x)\n    tl.store(dx_ptr + i, dy * (s * (1 + x * (1 - s))), mask=i < n)\n\n\nclass Silu(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        y = torch.empty_like(x)\n        silu_fwd[(triton.cdiv(x.numel(), 1024),)](x, y, x.numel(), BLOCK=1024)\n        return y\n\n    @staticmethod\n    def backward(ctx, dy):\n        (x,) = ctx.saved_tensors\n        dx = torch.empty_like(x)\n        silu_bwd[(triton.cdiv(x.numel(), 1024),)](x, dy, dx, x.numel(), BLOCK=1024)\n        return dx",
  "gradients that autograd is told by defvjp, of its own functions and of those of the file":
    "import autograd.numpy as np\nfrom autograd.extend import defvjp, primitive\n\n\n@primitive\ndef sq(x):\n    return x * x\n\n\ndefvjp(sq, lambda ans, x: lambda g: 2 * g * x)\ndefvjp(np.tanh, lambda ans, x: lambda g: g * (1 - ans**2))",
  "tables of functions by kinds, with a claim for each":
    'import numpy as np\n\nOF = {"tanh": np.tanh, "cube": lambda v: v**3}\nSLOPES = {"tanh": lambda v: 1 - np.tanh(v) ** 2, "cube": lambda v: 3 * v**2}\n\n\ndef act(x, kind):\n    return OF[kind](x)\n\n\ndef act_prime(x, kind):\n    return SLOPES[kind](x)',
  "numbers that list what they are made of, with the gradient along each":
    "import numpy as np\n\n\nclass Node:\n    def __init__(self, data, made_of=()):\n        self.data = np.asarray(data, dtype=float)\n        self.grad = np.zeros_like(self.data)\n        self.made_of = made_of\n\n    def tanh(self):\n        t = np.tanh(self.data)\n        return Node(t, ((self, lambda g: g * (1 - t**2)),))",
  "constants of the function around":
    "import torch\n\n\ndef make():\n    slope = 0.5\n\n    class Leaky(torch.autograd.Function):\n        @staticmethod\n        def forward(ctx, x):\n            ctx.save_for_backward(x)\n            return torch.where(x > 0, x, slope * x)\n\n        @staticmethod\n        def backward(ctx, g):\n            (x,) = ctx.saved_tensors\n            return g * torch.where(x > 0, 1.0, slope)\n\n    return Leaky",
});

export const HABITS: readonly Habit[] = [...JAVASCRIPT, ...PYTHON];
