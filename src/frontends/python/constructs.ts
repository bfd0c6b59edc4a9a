/** The constructs of Python with PyTorch, and what is done with each. Everything that is not here is refused. */
import { group, type Group } from "../constructs.js";

export const CONSTRUCTS: readonly Group[] = [
  group(
    "Numbers and operators",
    {
      "+ - * / ** and signs": "return -(x + 1) * (x - 2) / 4 - -2 ** 2 + x ** 3",
      "chains of comparisons of numbers": "return x * (3 > 2 > 1)",
      "not, and, or of numbers": "return x * (0 or 2.0) + (1.0 and 3.0) * (not 0)",
      "a if c else b": "K = 3.0 if 1 < 2 else 4.0\n---\nreturn x * K",
      "truths of Python in arithmetic": "return x * (True + True)",
      "max, min, abs, pow, float, bool, len of numbers":
        "return x * max(1, 2.0) + abs(-2) + pow(2, 2) + len((1, 2)) + float('inf' == 'x')",
    },
    {
      "// and %": "return x * (5 // 2)",
      "a power of a negative number with an unknown exponent": "return x ** K\n",
      "complex numbers": "return x * 2j",
      "text, formatted text, sets, dictionaries by other than names": "return x * {1: 1}[1]",
      "comprehensions, :=, starred names, * and **": "a, *b = x, x\nreturn a",
    },
  ),
  group(
    "The file",
    {
      "statements from the first to the last": "A1 = 1.0\nA2 = A1 + 1\n---\nreturn x * A2",
      "defaults, computed where the function is defined": "k = 1.0\nh = lambda t, b=k: b * t\nk = 2.0\nreturn h(x) + k",
      "closures see what variables are when they are called": "k = 1.0\nh = lambda t: k * t\nk = 2.0\nreturn h(x)",
      "lists, changed by their elements": "L = [1.0, 2.0]\nM = L\nM[0] = 3.0\n---\nreturn x * L[0]",
      "list(...) and tuple(...) are copies": "L = [1.0, 2.0]\nM = list(L)\nM[0] = 3.0\n---\nreturn x * L[0]",
      "tensors, changed in place": "W = torch.tensor(1.0)\nV = +W\nV.mul_(3)\n---\nreturn x * W",
      "bodies of classes: the last value counts":
        "class C:\n    k = 2.0\n    j = k + 1\n    k = 4.0\n---\nreturn x * C.k + C.j",
      "branches of the file whose condition is known": "if 1 < 2:\n    K = 3.0\n---\nreturn x * K",
    },
    {
      "names that are bound more than once, in whatever way":
        "K = 1.0\nfor K in (2.0, 3.0):\n    pass\n---\nreturn x * K",
      "global and nonlocal": "K = 1.0\ndef s():\n    global K\n    K = 2.0\ns()\n---\nreturn x * K",
      "members that the file assigns to": "class C:\n    k = 2.0\nC.k = 3.0\n---\nreturn x * C.k",
      "functions of libraries that are replaced": "torch.relu = lambda t: 2 * t\n---\nreturn torch.relu(x)",
      "lists and tensors that a function may change": "L = [1.0]\ndef s():\n    L[0] = 2.0\ns()\n---\nreturn x * L[0]",
      "lists and tensors that a loop of the file sees":
        "L = [1.0]\nfor l in [L]:\n    l[0] = 2.0\n---\nreturn x * L[0]",
      "exec, eval, globals, __code__, setattr of a computed name": "K = 1.0\nexec('K = 2.0')\n---\nreturn x * K",
      "from elsewhere import *": "from os.path import *\n---\nreturn abs(x)",
      "decorators that may change what a function is":
        "def w(h):\n    return lambda t: h(t) + 1\n@w\ndef h(t):\n    return 2 * t\n---\nreturn h(x)",
      "loops, try, match, with of what is not known": "t = x\nfor _ in range(2):\n    t = t * 2\nreturn t",
    },
  ),
  group(
    "Tensors",
    {
      "comparisons, with NaN for no number":
        "return torch.where(torch.sqrt(x) >= 0, x, 2 * x) + torch.where(torch.log(x) < 1, x, 4 * x)",
      "& | ^ ~ of truths": "return x * (((x > 0) & ~(x > 2)) | (x < -1) ^ (x < -2))",
      "truths in arithmetic with numbers: 1 and 0": "return (x > 0) * x + 2 * (x < 1)",
      "+ and * of truths alone are truths": "return x * ((x > 0) + (x > 1))",
      "in place: +=, x.mul_, x[mask] = ..., out=":
        "t = x.clone()\nt += 1\nt.mul_(2)\nt[x > 1] = 0.5\nt[x < -1] *= 3\ntorch.add(t, 1, out=t)\nreturn t",
      "several names for one tensor": "t = x * 1\nu = +t\nv = t.detach()\nu.add_(1)\nv.mul_(2)\nreturn t",
      "clone, and what else makes new memory": "t = x * 1\nu = t.clone()\nu.add_(1)\nreturn t",
      "x[mask] is a copy": "t = x * 1\nu = t[x > 0]\nu.mul_(5)\nreturn t",
      "types of whole numbers: they end, and come out at the other end":
        "return x * ((x > 0).byte() - (x < 0).byte()) + (x > 0).to(torch.int8) * 200",
      "casts of truths, and back": "return x * (x > 0).long().double() + (x > 0).float().bool().double()",
      "casts of known numbers to whole ones": "return x * torch.full((1,), 2.5, dtype=torch.int64)",
      "zeros_like, full_like, new_full take the type of what they are like":
        "m = (x > 0).int()\nreturn x * torch.full_like(m, 1.5) + x * m.new_full(m.shape, 0.5)",
      "sums of the gradients of what all elements share": "return x * 1",
      "NaN where nothing is chosen, and isnan":
        "t = torch.where(x > 0, x, torch.where(x <= 0, -x, torch.nan))\nreturn torch.where(torch.isnan(torch.sqrt(x)), t, 2 * t)",
      "round, floor, ceil of what is clamped to 0 and 1 are steps":
        "t = torch.clamp(x, 0, 1)\nreturn x * torch.ceil(t) + 2 * torch.floor(t) + 3 * torch.clamp(2 * x, 0, 1).round()",
      "a tensor in one line, in blocks and joined again":
        "return torch.cat([t * t for t in x.view(-1).split(2)]).view(x.shape)",
    },
    {
      "conditions on elements in Python's if": "if x > 0:\n    return x\nreturn -x",
      "what mixes or moves elements": "return x - x.mean()",
      "sums of a line": "return torch.sum(x.view(-1)) * x",
      "blocks of a line beside what is no such block":
        "return torch.cat([t * x for t in x.view(-1).split(1)]).view(x.shape)",
      "what jumps: round, floor, int() of numbers": "return x.int() * 1.0",
      "whole numbers that are changed in place": "m = torch.full(x.shape, 1)\nm[x > 1] = 0.5\nreturn m * x",
      "whole numbers that may overflow": "return x * -(x > 0).byte()",
      "arithmetic of truths that torch does as truths": "return x * torch.maximum(x > 0, x > 1)",
      "differences of truths": "return x * ((x > 0) - (x < 0))",
      "numbers even for NaN: sign, heaviside, fmax of what may be NaN": "return torch.sign(torch.log(x)) * x",
      "in place what may share its memory": "t = (x * 2).contiguous()\nt.add_(1)\nreturn t",
      "types, devices and shapes that decide": "return x * 2 if x.is_cuda else x * 3",
      "random numbers": "return x * torch.rand_like(x)",
    },
  ),
];
