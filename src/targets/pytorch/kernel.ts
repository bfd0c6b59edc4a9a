/**
 * The kernel style: the explicit style, and loops in C for eager tensors of processors, which fuse what PyTorch does in a
 * pass for each operation. Whatever traces or transforms sees the formulas.
 */
import { cText } from "../../codegen/c/spelling.js";
import { kernelsOf } from "../../codegen/loops/activation.js";
import { inBlocks } from "../../codegen/loops/blocks.js";
import { elementwiseLoop } from "../../codegen/loops/elementwise.js";
import { withMultiplyAdd } from "../../codegen/loops/multiply-add.js";
import { loopPlatform } from "../../codegen/loops/platform.js";
import type { ActivationPlan, Platform, Wishes } from "../../codegen/target.js";
import type { Expr } from "../../ir/expr.js";
import { allValues, bodiesOf, valuesOf, type LoopFunction } from "../../ir/loops/loops.js";
import type { Type } from "../../ir/loops/types.js";
import type { ModuleParts } from "./explicit.js";

/** ULP of float32 that loops may lose, as formulas of tensors do; the product with an incoming gradient is rounded, too. */
const BOUNDS = { forward: 2, backward: 5 };
const cPlatform: Platform = { name: "c", ...loopPlatform, nearBounds: { ...BOUNDS, forward: 1.96 } };

/**
 * The plan of the loops, where they are as accurate as the formulas and worth it: PyTorch's own functions and operations are
 * loops, too, and what is learned for each channel is not in ours.
 */
export function loopsOf(
  { features, exact, learnable, plan }: ModuleParts,
  planFor: Wishes["planFor"],
): ActivationPlan | undefined {
  if (!features.tracedFunctions || exact !== undefined || learnable.length > 0) return undefined;
  if ([plan.functions.value, plan.functions.derivative].every(isOneOperation)) return undefined;
  const loops = planFor(cPlatform);
  const { forward, backward } = loops.accuracy;
  const isRight = loops.saves === plan.saves && forward.ulp <= BOUNDS.forward && backward.ulp <= BOUNDS.backward;
  return isRight && !kernelsOf(loops).map(elementwiseLoop).some(callsInside) ? loops : undefined;
}

const isFloat = (type: Type): boolean => type === "f64" || type === "f32";
const isOneOperation = ({ args }: Expr): boolean => args.every((arg) => arg.args.length === 0);

/** Whether each element waits for a function of the library, which no vector has. */
const callsInside = ({ body }: LoopFunction): boolean =>
  body
    .flatMap(bodiesOf)
    .flat()
    .flatMap(valuesOf)
    .flatMap(allValues)
    .some(({ kind }) => kind === "call");

/** The class of the kernel's function. */
export const kernelClass = ({ className }: ModuleParts): string => `_${className}InC`;

/** The parts of a module beside the explicit style; `plan` is that of the loops. */
export function kernelParts(parts: ModuleParts, plan: ActivationPlan): string[] {
  const { className, kept, numbers } = parts;
  const held = numbers.map((name) => `, ctx.${name}`).join("");
  const given = numbers.map((name) => `, ${name}`).join("");
  const name = kernelClass(parts);
  const made = kernelsOf(plan).map((kernel) => withMultiplyAdd(inBlocks(elementwiseLoop(kernel)), isFloat));
  const function_ = `class ${name}(_${className}):
    """The same by loops in C; double backward is by the formulas."""

    @staticmethod
    def forward(x${given}):
        return _in_c("forward", (_wide(x),)${given}).to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        (${kept},) = ctx.saved_tensors
        gradient = gradient.contiguous()
        if torch.is_grad_enabled() or not _fits(gradient, ${kept}):
            return _${className}.backward(ctx, gradient)
        dx = _in_c("backward", (_wide(gradient), _wide(${kept}))${held})
        return dx.to(${kept}.dtype)${numbers.map(() => ", None").join("")}`;
  return [function_, FITS, IN_C, loops(numbers.length), VECTORS, `_C = r"""\n${cText(made)}\n"""`];
}

/** Views that are negative by a flag, and zeros without memory, are not what lies there. */
const FITS = `def _fits(*tensors: Tensor) -> bool:
    """Whether loops in C can have them: numbers side by side in memory, and nothing that traces or transforms."""
    return (
        not torch.compiler.is_compiling()
        and not torch.jit.is_tracing()
        and not torch._C._are_functorch_transforms_active()
        and torch._C._len_torch_dispatch_stack() == 0
        and all(_is_plain(x) for x in tensors)
        and _loops() is not None
    )


def _is_plain(x: Tensor) -> bool:
    return (
        type(x) in (Tensor, nn.Parameter)
        and x.device.type == "cpu"
        and x.dtype in (torch.float32, torch.float16, torch.bfloat16)
        and x.layout == torch.strided
        and x.is_contiguous()
        and not (x.is_neg() or x._is_zerotensor())
    )`;

const IN_C = `def _in_c(name: str, tensors, *numbers: float) -> Tensor:
    """A loop's result; threads take parts of what is long."""
    result = torch.empty_like(tensors[0])
    places = [x.data_ptr() for x in (*tensors, result)]
    loop, length = _loops()[name], result.numel()
    threads = min(torch.get_num_threads(), 1 + length // 2**16)
    size = -(-length // threads)

    def run(first):
        at = (place + result.element_size() * first for place in places)
        loop(*at, min(size, length - first), *numbers)

    if threads == 1:
        run(0)
    else:
        list(_pool(os.getpid(), threads).map(run, range(0, length, size)))
    return result


@functools.cache
def _pool(process: int, threads: int):
    """Threads of this process: a fork has none of them."""
    return concurrent.futures.ThreadPoolExecutor(threads)`;

/** Multiply-adds are said in _C: an element has the same bits in every loop in which it may be computed. */
const loops = (numbers: number): string => `@functools.cache
def _loops():
    """_C, compiled by the system's compiler into the user's cache; None where that cannot be."""
    if os.environ.get("NONLIN_KERNELS") == "0":
        return None
    vectors = _VECTORS.get(torch.backends.cpu.get_cpu_capability(), [])
    compiler = [os.environ.get("CC", "cc"), "-x", "c", "-", "-O3", "-shared", "-fPIC"]
    # An element has the same bits wherever it stands: products are fused with sums where it is said.
    flags = ["-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]
    command = [*compiler, *flags, *vectors]
    key = repr((_C, command, platform.system(), platform.machine()))
    name = hashlib.sha256(key.encode()).hexdigest() + ".so"
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "nonlin")
    path = os.path.join(folder, name)
    try:
        if not os.path.exists(path):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as place:
                made = os.path.join(place, name)
                subprocess.run(
                    [*command, "-o", made, "-lm"],
                    input=_C.encode(),
                    capture_output=True,
                    check=True,
                    timeout=60,
                )
                os.replace(made, path)
        library = ctypes.CDLL(path)
        found = {"forward": library.forward, "backward": library.backward}
    except (AttributeError, OSError, subprocess.SubprocessError):
        return None
    for name, arrays in (("forward", 2), ("backward", 3)):
        numbers = [ctypes.c_int64, *[ctypes.c_double] * ${numbers}]
        found[name].argtypes = [*[ctypes.c_void_p] * arrays, *numbers]
        found[name].restype = None
    return found`;

const VECTORS = `# The vectors that PyTorch found on this processor.
_VECTORS = {
    "AVX2": ["-mavx2", "-mfma"],
    "AVX512": [
        "-mavx512f",
        "-mavx512bw",
        "-mavx512dq",
        "-mavx512vl",
        "-mfma",
        "-mprefer-vector-width=512",
    ],
}`;
