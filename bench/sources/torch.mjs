/**
 * Devious files of PyTorch: a function of a few terms and its derivative term by term, where constants, conditions and
 * pieces come from code that is easily read as something else than it does.
 */

/** `$` is a number of its own in each use; `guesses` are what a careless reader, or a careful one, takes it for. */
const CONSTANTS = [
  { expr: "2.0", guesses: [2] },
  { top: "K$ = 3.0", expr: "K$", guesses: [3] },
  { top: "K$ = 1.0\nK$ = 2.0", expr: "K$", guesses: [1, 2] },
  { top: "K$ = 1.0\nK$ += 2.0", expr: "K$", guesses: [1, 3] },
  { top: "K$ = J$ = 2.0\nJ$ = 3.0", expr: "K$", guesses: [2, 3] },
  { top: "L$ = [1.0, 2.0]", expr: "L$[1]", guesses: [2] },
  { top: "L$ = [1.0, 2.0]\nL$[0] = 3.0", expr: "L$[0]", guesses: [1, 3] },
  { top: "L$ = [1.0, 2.0]\nM$ = L$\nM$[0] = 3.0", expr: "L$[0]", guesses: [1, 3] },
  { top: "L$ = [1.0, 2.0]\nM$ = list(L$)\nM$[0] = 3.0", expr: "L$[0]", guesses: [1, 3] },
  { top: "L$ = [1.0]\nL$.insert(0, 2.0)", expr: "L$[0]", guesses: [1, 2] },
  { top: "L$ = [1.0, 2.0]\nL$.reverse()", expr: "L$[0]", guesses: [1, 2] },
  { top: "L$ = [1.0]\nL$ += [2.0]", expr: "L$[-1]", guesses: [1, 2] },
  { top: "L$ = [1.0]\nM$ = (L$, 1)\nM$[0][0] = 4.0", expr: "L$[0]", guesses: [1, 4] },
  { top: "L$ = [1.0]\ndef s$():\n    L$[0] = 4.0\ns$()", expr: "L$[0]", guesses: [1, 4] },
  { top: "L$ = [1.0]\ndef s$(l):\n    l[0] = 4.0\ns$(L$)", expr: "L$[0]", guesses: [1, 4] },
  { top: "L$ = [1.0]\nfor l in [L$]:\n    l[0] = 4.0", expr: "L$[0]", guesses: [1, 4] },
  { top: "T$ = (1.0, 3.0)", expr: "T$[1]", guesses: [1, 3] },
  { top: "a$, *b$ = (1.0, 3.0)", expr: "a$", guesses: [1, 3] },
  { top: "(a$, b$), c$ = (1.0, 3.0), 2.0", expr: "b$", guesses: [1, 3] },
  { top: "D$ = {'a': 1.0}\nD$['a'] = 2.0", expr: "D$['a']", guesses: [1, 2] },
  { top: "W$ = torch.tensor(1.0)", expr: "W$", guesses: [1] },
  { top: "W$ = torch.tensor(1.0)\nW$.add_(2)", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\nV$ = W$\nV$ += 2", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\nV$ = W$ + 0\nV$ += 2", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\nV$ = +W$\nV$.mul_(3)", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\nV$ = W$.detach()\nV$.mul_(3)", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\nV$ = W$.clone()\nV$.mul_(3)", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\ndef r$(t):\n    t.fill_(5)\nr$(W$)", expr: "W$", guesses: [1, 5] },
  { top: "W$ = torch.tensor(1.0)\nW$.data = torch.tensor(4.0)", expr: "W$", guesses: [1, 4] },
  { top: "W$ = torch.tensor(1.0)\nW$.data.mul_(2)", expr: "W$", guesses: [1, 2] },
  { top: "W$ = torch.tensor([1.0])\nW$[0] = 3.0", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\nW$[...] = 3.0", expr: "W$", guesses: [1, 3] },
  { top: "W$ = torch.tensor(1.0)\ntorch.add(W$, 1, out=W$)", expr: "W$", guesses: [1, 2] },
  { top: "W$ = torch.tensor(1)\nW$.add_(1)", expr: "W$", guesses: [1, 2] },
  { top: "W$ = torch.tensor(3) / torch.tensor(2)", expr: "W$", guesses: [1, 1.5] },
  { top: "W$ = torch.full((1,), 2.5, dtype=torch.int64)", expr: "W$", guesses: [2, 2.5] },
  { top: "W$ = torch.tensor(2.5).int()", expr: "W$", guesses: [2, 2.5] },
  { top: "W$ = torch.tensor(-2.5).to(torch.int8)", expr: "W$", guesses: [-2, -3, -2.5] },
  { top: "W$ = torch.tensor(200).to(torch.int8)", expr: "W$", guesses: [200, -56] },
  { top: "W$ = torch.tensor(0).byte() - 1", expr: "W$", guesses: [-1, 255] },
  { top: "W$ = torch.tensor(0.5).bool()", expr: "W$", guesses: [1, 0.5] },
  { top: "W$ = torch.tensor(True) + torch.tensor(True)", expr: "W$", guesses: [1, 2] },
  { top: "W$ = torch.add(torch.tensor(True), torch.tensor(True))", expr: "W$", guesses: [1, 2] },
  { top: "W$ = torch.tensor(True) * 2", expr: "W$", guesses: [1, 2] },
  { top: "W$ = torch.ones(1, dtype=torch.bool) * torch.tensor(3)", expr: "W$", guesses: [1, 3] },
  {
    top: "W$ = torch.addcdiv(torch.tensor(1.0), 2, torch.tensor(3.0), torch.tensor(6.0))",
    expr: "W$",
    guesses: [2, 1.25],
  },
  { top: "W$ = torch.where(torch.tensor(True), 1, 2)\nW$ = W$ * 1.5", expr: "W$", guesses: [1, 1.5] },
  { top: "W$ = torch.clamp(torch.tensor(5.0), 3.0, 1.0)", expr: "W$", guesses: [1, 3] },
  { top: "def h$(b=2.0):\n    return b", expr: "h$()", guesses: [2] },
  { top: "a$ = 1.0\ndef h$(b=a$):\n    return b\na$ = 2.0", expr: "h$()", guesses: [1, 2] },
  { top: "def h$(b=[1.0]):\n    b[0] = b[0] + 1.0\n    return b[0]", expr: "h$()", guesses: [1, 2] },
  { top: "def h$():\n    a = 1.0\n    f = lambda: a\n    a = 2.0\n    return f()", expr: "h$()", guesses: [1, 2] },
  { top: "def h$():\n    a = 1.0\n    f = lambda a=a: a\n    a = 2.0\n    return f()", expr: "h$()", guesses: [1, 2] },
  {
    top: "def h$():\n    a = 1.0\n    def f():\n        nonlocal a\n        a = 3.0\n    f()\n    return a",
    expr: "h$()",
    guesses: [1, 3],
  },
  { top: "def h$():\n    l = [1.0]\n    m = l\n    m[0] = 2.0\n    return l[0]", expr: "h$()", guesses: [1, 2] },
  { top: "def h$():\n    a = b = torch.tensor(1.0)\n    a += 1\n    return b", expr: "h$()", guesses: [1, 2] },
  {
    top: "def h$():\n    a = torch.tensor(1.0)\n    b = a\n    a = a + 1\n    return b",
    expr: "h$()",
    guesses: [1, 2],
  },
  { top: "def h$():\n    fs = [lambda: i for i in (1.0, 2.0)]\n    return fs[0]()", expr: "h$()", guesses: [1, 2] },
  { top: "def h$():\n    for i in (1.0, 2.0):\n        pass\n    return i", expr: "h$()", guesses: [1, 2] },
  { top: "def h$(*a):\n    return a[1]", expr: "h$(1.0, 2.0)", guesses: [1, 2] },
  { top: "def h$(a, *, b=2.0):\n    return a + b", expr: "h$(1.0)", guesses: [3] },
  { top: "def h$(a, b):\n    return a - b", expr: "h$(b=1.0, a=3.0)", guesses: [2, -2] },
  { top: "def h$(a=None):\n    return a or 2.0", expr: "h$(0.0)", guesses: [0, 2] },
  {
    top: "def h$(t):\n    return t * 2\ndef k$(t):\n    return t * 3\nh$.__code__ = k$.__code__",
    expr: "h$(1.0)",
    guesses: [2, 3],
  },
  { top: "def h$(t):\n    return t * 2\nh$ = lambda t: t * 3", expr: "h$(1.0)", guesses: [2, 3] },
  { top: "def h$(t):\n    return t * 2\ndef h$(t):\n    return t * 3", expr: "h$(1.0)", guesses: [2, 3] },
  {
    top: "if True:\n    def h$(t):\n        return t * 3\nelse:\n    def h$(t):\n        return t * 2",
    expr: "h$(1.0)",
    guesses: [2, 3],
  },
  { top: "try:\n    K$ = 1.0\nfinally:\n    K$ = 2.0", expr: "K$", guesses: [1, 2] },
  { top: "K$ = 1.0\nfor K$ in (2.0, 3.0):\n    pass", expr: "K$", guesses: [1, 3] },
  { top: "K$ = 1.0\nprint((K$ := 4.0))", expr: "K$", guesses: [1, 4] },
  { top: "K$ = 1.0\nexec('K$ = 4.0')", expr: "K$", guesses: [1, 4] },
  { top: "K$ = 1.0\nglobals()['K$'] = 4.0", expr: "K$", guesses: [1, 4] },
  { top: "K$ = 1.0\ndef s$():\n    global K$\n    K$ = 5.0\ns$()", expr: "K$", guesses: [1, 5] },
  { top: "K$ = 1.0\nwith torch.no_grad() as K$:\n    pass\nK$ = 2.0", expr: "K$", guesses: [1, 2] },
  { top: "class C$:\n    k = 2.0\n    k = 3.0", expr: "C$.k", guesses: [2, 3] },
  { top: "class C$:\n    k = 2.0\nC$.k = 3.0", expr: "C$.k", guesses: [2, 3] },
  { top: "class C$:\n    k = 2.0\nsetattr(C$, 'k', 3.0)", expr: "C$.k", guesses: [2, 3] },
  { top: "class C$:\n    k = 2.0\n    j = k + 1.0\n    k = 5.0", expr: "C$.j", guesses: [3, 6] },
  { top: "class B$:\n    k = 2.0\nclass C$(B$):\n    pass", expr: "C$.k", guesses: [2] },
  { top: "class B$:\n    k = 2.0\nclass C$(B$):\n    k = 4.0", expr: "C$.k", guesses: [2, 4] },
  {
    top: "k$ = 1.0\nclass C$:\n    k$ = 2.0\n    @staticmethod\n    def h():\n        return k$",
    expr: "C$.h()",
    guesses: [1, 2],
  },
  { top: "class C$:\n    if True:\n        k = 3.0\n    else:\n        k = 2.0", expr: "C$.k", guesses: [2, 3] },
  { top: "class C$:\n    for k in (1.0, 2.0):\n        pass", expr: "C$.k", guesses: [1, 2] },
  { top: "class C$:\n    @property\n    def k(self):\n        return 2.0", expr: "C$().k", guesses: [2] },
  { top: "abs = lambda t: t * 2", expr: "abs(1.0)", guesses: [1, 2] },
  { top: "def max(a, b):\n    return a", expr: "max(1.0, 2.0)", guesses: [1, 2] },
  { top: "torch.relu = lambda t: t * 2", expr: "torch.relu(torch.tensor(1.0))", guesses: [1, 2] },
  { top: "T$ = torch\nT$.sigmoid = lambda t: t * 2", expr: "torch.sigmoid(torch.tensor(1.0))", guesses: [2] },
  { top: "setattr(torch, 'neg', lambda t: t * 2)", expr: "torch.neg(torch.tensor(1.0))", guesses: [-1, 2] },
  { top: "def p$(m):\n    m.abs = lambda t: t * 3\np$(torch)", expr: "torch.abs(torch.tensor(1.0))", guesses: [1, 3] },
  { top: "math.sqrt = lambda t: 7.0", expr: "math.sqrt(4.0)", guesses: [2, 7] },
  { top: "from math import sqrt as q$", expr: "q$(4.0)", guesses: [2] },
  { top: "import functools\n@functools.lru_cache\ndef h$(t):\n    return t * 2", expr: "h$(1.0)", guesses: [2] },
  {
    top: "def w$(f):\n    return lambda t: f(t) + 1\n@w$\ndef h$(t):\n    return t * 2",
    expr: "h$(1.0)",
    guesses: [2, 3],
  },
  { top: "def h$(t):\n    t = t * 2\n    return t\n    t = t * 3", expr: "h$(1.0)", guesses: [2, 6] },
  { top: "def h$(t):\n    if t > 0:\n        return 2.0\n    return 3.0", expr: "h$(1.0)", guesses: [2, 3] },
  {
    top: "def h$(t):\n    try:\n        return 2.0\n    finally:\n        return 3.0",
    expr: "h$(1.0)",
    guesses: [2, 3],
  },
  { top: "def h$(t):\n    yield t", expr: "next(h$(2.0))", guesses: [2] },
  { expr: "(True + True)", guesses: [1, 2] },
  { expr: "(5 // 2)", guesses: [2, 2.5] },
  { expr: "(5 / 2)", guesses: [2, 2.5] },
  { expr: "(-5 // 2)", guesses: [-2, -3] },
  { expr: "(-2 ** 2)", guesses: [4, -4] },
  { expr: "2 ** 2 ** 0", guesses: [2, 1], wrap: true },
  { expr: "(2 if not 1 > 2 else 3)", guesses: [2, 3] },
  { expr: "(3 > 2 > 1)", guesses: [1, 0] },
  { expr: "(3 > 2 == True)", guesses: [1, 0] },
  { expr: "(0 or 2.0)", guesses: [0, 2] },
  { expr: "(1.0 and 2.0)", guesses: [1, 2] },
  { expr: "(None is None) + 1", guesses: [2], wrap: true },
  { expr: "max(1, 2.0)", guesses: [2] },
  { expr: "abs(-2)", guesses: [2] },
  { expr: "pow(2, 2)", guesses: [4] },
  { expr: "int(2.7)", guesses: [2, 2.7] },
  { expr: "round(2.5)", guesses: [2, 3] },
  { expr: "float('2')", guesses: [2] },
  { expr: "bool(0.5)", guesses: [1, 0.5] },
  { expr: "len([1, 2])", guesses: [2] },
  { expr: "sum([1.0, 2.0])", guesses: [3] },
  { expr: "[1.0, 2.0][-1]", guesses: [1, 2] },
  { expr: "(lambda a, b=2.0: a * b)(1.0)", guesses: [2] },
  { expr: "(lambda *a: a[0])(2.0, 3.0)", guesses: [2, 3] },
  { expr: "math.sqrt(4)", guesses: [2] },
  { expr: "math.log(8, 2)", guesses: [3] },
  { expr: "0x2", guesses: [2] },
  { expr: "1_0e-1", guesses: [1] },
];

/** Terms as lines that leave `t`, or as one expression, each with its derivative; `$c` is a constant. */
const TERMS = [
  ["$c * x", "$c"],
  ["x * $c", "$c"],
  ["$c * x * x", "2 * $c * x"],
  ["x ** 3 * $c", "3 * x ** 2 * $c"],
  ["torch.pow(x, 2) * $c", "2 * x.pow(1) * $c"],
  ["torch.sin($c * x)", "$c * torch.cos($c * x)"],
  ["torch.tanh(x) * $c", "$c * (1 - torch.tanh(x) ** 2)"],
  ["$c * torch.log(1 + x * x)", "2 * $c * x / (1 + x * x)"],
  ["$c * torch.sigmoid(x)", "$c * torch.sigmoid(x) * (1 - torch.sigmoid(x))"],
  ["$c * torch.log(x)", "$c / x"],
  ["$c * torch.sqrt(x)", "$c / (2 * torch.sqrt(x))"],
  ["x.abs() * $c", "torch.sign(x) * $c"],
  ["x.abs() * $c", "((x > 0).float() - (x < 0).float()) * $c"],
  ["x.abs() * $c", "((x > 0).byte() - (x < 0).byte()) * $c"],
  ["x.abs() * $c", "((x > 0).int() - (x < 0).int()) * $c"],
  ["x.abs() * $c", "(2 * (x > 0).to(torch.int8) - 1) * $c"],
  ["x.abs() * $c", "(2 * (x > 0).to(torch.uint8) - 1) * $c"],
  ["x.clamp(min=0) * $c", "(x > 0) * $c"],
  ["F.relu(x) * $c", "(x > 0).type_as(x) * $c"],
  ["torch.clamp(x, -1, 1) * $c", "((x >= -1) & (x <= 1)) * $c"],
  ["torch.max(x, torch.zeros_like(x)) * $c", "torch.where(x > 0, $c * torch.ones_like(x), torch.zeros_like(x))"],
  ["torch.addcdiv(x, $c, x, 1 + x * x)", "1 + $c * (1 - x * x) / (1 + x * x) ** 2"],
  ["torch.addcmul(x, x, x, value=2)", "1 + 4 * x"],
  ["torch.add(x, x, alpha=2) * $c", "3 * $c"],
  ["torch.lerp(x, 2 * x, 0.5) * $c", "1.5 * $c"],
  ["x.abs() ** $c", "$c * x.abs() ** ($c - 1) * torch.sign(x)"],
  ["x ** $c", "$c * x ** ($c - 1)"],
  ["x ** $c", "$c * x.abs() ** ($c - 1)"],
  ["torch.xlogy(x, 1 + x * x) * $c", "(torch.log(1 + x * x) + 2 * x * x / (1 + x * x)) * $c"],
  ["torch.special.xlogy(x - x, x)", "0 * x"],
  ["torch.fmax(torch.log(x), -x) * $c", "torch.where(torch.log(x) > -x, $c / x, -$c + 0 * x)"],
  ["torch.sign(torch.log(x)) * $c", "0 * x"],
  ["torch.heaviside(torch.sqrt(x) - 1, x) * $c", "0 * x"],
  ["$c + 0 * x", "0 * x"],
];

/** Lines that compute a term in t by changing it where it is, and its derivative. */
const PIECES = [
  ["t = x * 1\nt.mul_($c)", "$c"],
  ["t = x * 1\nu = +t\nu.mul_($c)", "$c"],
  ["t = x * 1\nu = t + 0\nu.mul_($c)", "1"],
  ["t = x.clone()\nu = t\nu += $c * x", "1 + $c"],
  ["t = x.clone()\nu = t.detach()\nu.mul_($c)", "$c"],
  ["t = x.clone()\nu = t.view_as(x)\nu.mul_($c)", "$c"],
  ["t = x.clone()\nu = t[...]\nu.mul_($c)", "$c"],
  ["t = x.clone()\nu = t.data\nu.mul_($c)", "$c"],
  ["t = x.clone()\nu = t.to(t.dtype)\nu.mul_($c)", "$c"],
  ["t = x.clone()\nu = t.contiguous()\nu.mul_($c)", "$c"],
  ["t = x.clone()\nu = t.float()\nu.mul_($c)", "1"],
  ["t = x.clone()\nu = t[x > 0]\nu.mul_($c)", "1"],
  ["t = x.clone()\nt[x > 0] *= $c", "torch.where(x > 0, $c * torch.ones_like(x), torch.ones_like(x))"],
  ["t = x.clone()\nt[x > 0] = $c", "(x <= 0) * 1.0"],
  ["m = torch.full(x.shape, 1)\nm[x > 1] = 0.5\nt = m * x", "torch.where(x > 1, 0.5, 1.0)"],
  ["m = torch.full(x.shape, 1.0)\nm[x > 1] = 0.5\nt = m * x", "torch.where(x > 1, 0.5, 1.0)"],
  ["m = torch.where(x > 0, 1, 0)\nm.copy_(x)\nt = m * x", "2 * x"],
  ["m = torch.where(x > 0, 1.0, 0.0)\nm.copy_(x)\nt = m * x", "2 * x"],
  ["m = (x > 0)\nm[x < -1] = True\nt = m * x", "((x > 0) | (x < -1)) * 1.0"],
  ["m = (x > 0)\nt = x * (m + m)", "(x > 0) * 2.0"],
  ["m = (x > 0)\nt = x * (m + m)", "(x > 0) * 1.0"],
  ["m = (x > 0).long()\nt = x * (m + m)", "(x > 0) * 2.0"],
  ["m = (x > 0)\nt = x * torch.full_like(m, 0.5)", "1"],
  ["m = (x > 0).int()\nt = x * m.new_full(m.shape, 0.5)", "0.5"],
  ["t = torch.full_like(x, 0.5).to(x > 0) * x", "0.5"],
  ["t = torch.empty_like(x)\ntorch.mul(x, $c, out=t)", "$c"],
  ["with torch.no_grad():\n    t = x * $c", "$c"],
  ["t = x * $c\nt = t.detach()", "$c"],
  ["l = [x * 1, x * 2]\nl[0] = x * $c\nt = l[0]", "$c"],
  ["l = [x * 1]\nm = l\nm[0] = x * $c\nt = l[0]", "$c"],
  ["t = u = x * 1\nu = u * $c", "1"],
  ["t = u = x * 1\nu *= $c", "$c"],
  ["def local(v, k=$c):\n    v = v * k\n    return v\nt = local(x)", "$c"],
  ["def local(v):\n    v *= $c\nt = x * 1\nlocal(t)", "$c"],
  ["a = 1.0\nlocal = lambda v: a * v\na = $c\nt = local(x)", "$c"],
  ["t = x\nfor _ in range(2):\n    t = t * $c", "$c * $c"],
  ["t = x * $c\ndel t\nt = x * 1", "1"],
  ["t, u = x * $c, x\nt, u = u, t", "1"],
  ["t = torch.where(torch.isnan(torch.log(x)), x * $c, x)", "torch.where(x < 0, $c + 0 * x, 1 + 0 * x)"],
  ["t = x * torch.logical_not(torch.log(x)).double() * $c", "0 * x"],
  ["t = x * torch.log(x).bool().double() * $c", "$c"],
];

const CONDITIONS = [
  ["x > 0", "x > 0", "x < 0"],
  ["x >= 1", "x > 1"],
  ["~(x <= 0)", "x > 0"],
  ["torch.log(x) > 0", "x > 1"],
  ["torch.log(x) <= 0", "x <= 1", "(x > 0) & (x <= 1)"],
  ["torch.log(x) < 0", "x < 1", "(x >= 0) & (x < 1)"],
  ["~(torch.log(x) > 0)", "x <= 1", "(x > 0) & (x <= 1)"],
  ["torch.sqrt(x) >= 0", "x == x", "x >= 0"],
  ["torch.sqrt(x) != 1", "x == x", "x != 1"],
  ["torch.sqrt(x) == torch.sqrt(x)", "x == x", "x >= 0"],
  ["torch.sqrt(x).bool()", "x > 0", "x != 0"],
  ["torch.logical_not(torch.sqrt(x))", "x <= 0", "x == 0"],
  ["(x > 0) & (torch.log(x) > 0.5)", "x > math.exp(0.5)"],
  ["1 / x > 0", "x > 0"],
  ["x.gt(0) ^ x.lt(1)", "(x > 0) ^ (x < 1)", "(x >= 1) | (x <= 0)"],
  ["torch.ge(x, 0) | x.lt(-1)", "(x >= 0) | (x < -1)"],
  ["(x > 0).byte() - (x < 0).byte() > 0", "x > 0", "x != 0"],
  ["(x > 0).long() - (x < 0).long() > 0", "x > 0", "x != 0"],
  ["(x > 0) + (x > 1) == 1", "(x > 0) & (x <= 1)", "x > 0"],
  ["(x > 0) * 2 > 1", "x > 0"],
  ["x.isnan()", "x != x"],
  ["x ** 0.5 > 1", "x > 1"],
  ["~(x ** 0.5 > 1)", "x <= 1", "(x >= 0) & (x <= 1)"],
  ["torch.maximum(torch.sqrt(x), 0 * x) >= 0", "x == x", "x >= 0"],
];

const BRANCHES = [
  (c, p, q) => `r = torch.where(${c}, ${p}, ${q})`,
  (c, p, q) => `r = ${q} + 0 * x\nr[${c}] = (${p} + 0 * x)[${c}]`,
  (c, p, q) => `m = (${c}).type_as(x)\nr = torch.where(m > 0, ${p}, ${q})`,
  (c, p, q) => `r = (${q} + 0 * x).masked_fill(${c}, 0.0) + torch.where(${c}, ${p} + 0 * x, 0.0)`,
  (c, p, q) => `a = ${p} + 0 * x\nb = ${q} + 0 * x\nr = a.where(${c}, b)`,
];

const indent = (text, by) => text.replaceAll("\n", `\n${" ".repeat(by)}`);

/** A file with a class A of torch.autograd.Function, whose backward may be right. */
export function torchFile(random) {
  const { pick, chance } = random;
  const tops = [];
  let count = 0;
  const constant = () => {
    const found = pick(CONSTANTS);
    count += 1;
    const own = (text) => text.replaceAll("$", String(count));
    if (found.top !== undefined) tops.push(own(found.top));
    const expr = found.wrap === true ? `(${own(found.expr)})` : own(found.expr);
    return { expr, other: chance(0.35) ? expr : String(pick(found.guesses)) };
  };
  const filled = ([f, d]) => {
    const c = chance(0.35) ? { expr: "2.0", other: "2.0" } : constant();
    return { f: f.replaceAll("$c", c.expr), d: d.replaceAll("$c", `(${c.other})`) };
  };
  let forward;
  let backward;
  if (chance(0.35)) {
    const piece = filled(pick(PIECES));
    forward = `${piece.f}\nreturn t`;
    backward = `return g * (${piece.d})`;
  } else {
    const [p, q] = [filled(pick(TERMS)), filled(pick(TERMS))];
    if (chance(0.35)) {
      forward = `return ${p.f}`;
      backward = `return g * (${p.d})`;
    } else {
      const readings = pick(CONDITIONS);
      const write = pick(BRANCHES);
      const other = chance(0.4) ? readings[0] : pick(readings);
      forward = `${write(readings[0], p.f, q.f)}\nreturn r`;
      backward = chance(0.5)
        ? `return g * torch.where(${other}, ${p.d} + 0 * x, ${q.d} + 0 * x)`
        : `${write(other, `(${p.d} + 0 * x)`, `(${q.d} + 0 * x)`)}\nreturn g * r`;
    }
  }
  const head = "import math\nimport torch\nimport torch.nn.functional as F\nfrom torch.autograd import Function";
  const body = [
    "class A(Function):",
    "    @staticmethod",
    "    def forward(ctx, x):",
    "        ctx.save_for_backward(x)",
    `        ${indent(forward, 8)}`,
    "",
    "    @staticmethod",
    "    def backward(ctx, g):",
    "        x, = ctx.saved_tensors",
    `        ${indent(backward, 8)}`,
  ].join("\n");
  const parts = chance(0.15) ? [head, body, ...tops] : [head, ...tops, body];
  return { name: "file.py", text: `${parts.join("\n")}\n` };
}
