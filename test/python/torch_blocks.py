"""Tensors large enough to be computed in blocks: torch_blocks.py MODULES

Values and gradients are those of small tensors, and whatever traces sees one call of the formula, whatever the size.
"""

import os
import sys
import warnings

import report
import torch
from report import require
from subjects import load

# One that keeps its input, one with a number, one that keeps its output.
NAMES = ("gelu_erf", "silu", "softplus", "elu")
LARGE = 3 * 2**15 * torch.get_num_threads() + 5


def functions(folder):
    for name in NAMES:
        module = load(f"blocks_{name}", os.path.join(folder, f"{name}.py"))
        yield name, module, getattr(module, name)


def inputs(size=LARGE):
    generator = torch.Generator().manual_seed(0)
    return 4 * torch.randn(size, generator=generator)


def values(folder):
    """The same as of pieces that are too small for blocks, with first and second gradients."""
    for name, module, function in functions(folder):
        x = inputs().requires_grad_()

        def orders(x):
            y = function(x)
            (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
            (bend,) = torch.autograd.grad(slope.sum(), x)
            return y, slope, bend

        pieces = [orders(piece) for piece in x.split(1000)]
        for order, (got, *parts) in enumerate(zip(orders(x), *pieces)):
            same = torch.allclose(got, torch.cat(parts), rtol=1e-6, atol=1e-30)
            require(same, f"{name} of order {order} is another in blocks")
        half = function(x.detach().half())
        require(half.dtype == torch.float16, f"{name} of float16 is {half.dtype}")


def layouts(folder):
    """Shapes, strides of images, transposed tensors, and dimensions of vmap."""
    for name, module, function in functions(folder):
        x = inputs().reshape(-1)[: LARGE // 12 * 12].reshape(1, 3, 4, -1)
        image = x.contiguous(memory_format=torch.channels_last)
        require(function(x).shape == x.shape, f"{name} has another shape")
        of_image = function(image)
        last = of_image.is_contiguous(memory_format=torch.channels_last)
        require(last, f"{name} forgets channels_last")
        require(torch.allclose(of_image, function(x), rtol=1e-6), f"{name} of images")
        mapped = torch.func.vmap(torch.func.grad(lambda x: function(x).sum()))(x[0])
        exact = module.derivative(x[0])
        require(torch.allclose(mapped, exact, rtol=1e-6, atol=1e-30), f"{name} mapped")


def traced(folder):
    """Graphs of large tensors are those of small ones."""
    for name, module, function in functions(folder):
        sizes = []

        def count(graph, _):
            sizes.append(len(graph.graph.nodes))
            return graph

        from torch._dynamo.backends.common import aot_autograd

        backend = aot_autograd(fw_compiler=count, bw_compiler=count)
        for size in (100, LARGE):
            torch._dynamo.reset()
            x = inputs(size).requires_grad_()
            torch.compile(function, fullgraph=True, backend=backend)(x).sum().backward()
        forward, backward, *of_large = sizes
        require(of_large == [forward, backward], f"{name}: graphs of {sizes} nodes")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            script = torch.jit.trace(function, (inputs(),))
        x = inputs(2 * LARGE)
        require(torch.allclose(script(x), function(x), rtol=1e-6), f"{name} traced")


CHECKS = {"values": values, "layouts": layouts, "traced": traced}


def main():
    (folder,) = sys.argv[1:]
    for name, check in CHECKS.items():
        report.run("blocks", name, check, folder)


if __name__ == "__main__":
    main()
