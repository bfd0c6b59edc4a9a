"""Emitted PyTorch modules where tensors are of another kind, and on several processes: torch_places.py MODULES"""

import datetime
import os
import sys
import tempfile

import report
import torch
import torch.distributed as dist
from report import require
from subjects import load
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

PROCESSES = 2
# A process that waits for one that failed.
PATIENCE = datetime.timedelta(minutes=5)

# Of nested tensors PyTorch itself has no leaky_relu_backward, and no choice between numbers.
NOT_NESTED = {"leaky_relu", "rrelu", "prelu", "poly_relu"}


class Elementwise:
    """An emitted activation: its function, and a model with its layer."""

    def __init__(self, identifier, module):
        self.id = identifier
        self.function = getattr(module, identifier)
        (name,) = (name for name in module.__all__ if name[0].isupper())
        self.layer = getattr(module, name)

    def model(self):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(6, 8), self.layer(), nn.Linear(8, 3))


def activations(folder):
    for file in sorted(os.listdir(folder)):
        identifier, end = os.path.splitext(file)
        if end == ".py" and not identifier.startswith("__") and identifier != "weights":
            module = load(f"places_{identifier}", os.path.join(folder, file))
            if hasattr(module, identifier) and hasattr(module, "second_derivative"):
                yield Elementwise(identifier, module)


def _learned(of):
    return [held.detach() for held in of.layer().parameters()]


def fake(of):
    """Shapes without values, of the result and of the gradient."""
    learned = [tuple(held.shape) for held in _learned(of)]
    with FakeTensorMode():
        x = torch.empty(3, 4, requires_grad=True)
        y = of.function(x, *(torch.empty(shape) for shape in learned))
        y.sum().backward()
        require(y.shape == x.grad.shape == (3, 4), f"shapes {y.shape}, {x.grad.shape}")


def nested(of):
    """Rows of different lengths in one tensor, forward and backward."""
    if of.id in NOT_NESTED:
        return "PyTorch has no such operation of nested tensors"
    torch.manual_seed(0)
    learned = _learned(of)
    rows = [torch.randn(count, 3) for count in (2, 4)]
    x = torch.nested.nested_tensor(rows, layout=torch.jagged, requires_grad=True)
    y = of.function(x, *learned)
    y.values().sum().backward()
    for row, value, slope in zip(rows, y.unbind(), x.grad.unbind()):
        leaf = row.clone().requires_grad_()
        expected = of.function(leaf, *learned)
        (gradient,) = torch.autograd.grad(expected.sum(), leaf)
        require(torch.allclose(value, expected), "other values than alone")
        require(torch.allclose(slope, gradient), "other gradients than alone")
    return ""


def _batch():
    torch.manual_seed(1)
    return torch.randn(8, 6), torch.randn(8, 3)


def _backward(model, x, wanted):
    nn.functional.mse_loss(model(x), wanted).backward()


def _share():
    rank = dist.get_rank()
    return [part.chunk(PROCESSES)[rank] for part in _batch()]


def _same_gradients(model, of, whole):
    alone = of.model()
    _backward(alone, *_batch())
    for (name, wanted), got in zip(alone.named_parameters(), model.parameters()):
        require(
            torch.allclose(whole(got.grad), wanted.grad, rtol=1e-5, atol=1e-7),
            f"the gradient of {name} is not that of one process",
        )


def replicated(of):
    """DistributedDataParallel: each process has a part of the batch."""
    model = DistributedDataParallel(of.model())
    _backward(model, *_share())
    _same_gradients(model, of, lambda gradient: gradient)


def sharded(of):
    """FSDP2: each process has a part of the parameters, too; and a step of training."""
    model = of.model()
    mesh = init_device_mesh("cpu", (PROCESSES,))
    fully_shard(model[0], mesh=mesh)
    fully_shard(model, mesh=mesh)
    _backward(model, *_share())
    _same_gradients(model, of, lambda gradient: gradient.full_tensor())
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    require(bool(model(_batch()[0]).isfinite().all()), "a step leaves no numbers")


def process(rank, folder, file):
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{file}", rank=rank, world_size=PROCESSES, timeout=PATIENCE
    )
    try:
        for of in activations(folder):
            for check in (replicated, sharded):
                if rank == 0:
                    report.run(of.id, check.__name__, check, of)
                else:
                    check(of)
    finally:
        dist.destroy_process_group()


def main():
    (folder,) = sys.argv[1:]
    torch.set_num_threads(1)
    for of in activations(folder):
        for check in (fake, nested):
            report.run(of.id, check.__name__, check, of)
    with tempfile.TemporaryDirectory() as place:
        torch.multiprocessing.spawn(process, (folder, os.path.join(place, "processes")), PROCESSES)


if __name__ == "__main__":
    main()
