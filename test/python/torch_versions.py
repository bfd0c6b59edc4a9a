"""How run_versions.py computes with PyTorch, from 1.7 on."""

import io
import warnings

import numpy as np
import torch
from report import require

warnings.filterwarnings("ignore", message="CUDA initialization")


class At:
    # ULP that exp, tanh and erfc are off, and what is lost where a factor is subnormal.
    slack = 4
    anywhere = 2.0**-140
    flushes = False
    # Nearer to 0 the native style is not looked at.
    smallest = 0.0
    told_from_output = torch.__version__.startswith("1.7.")

    def __init__(self):
        torch.set_num_threads(1)

    def tensor(self, numbers, dtype):
        return torch.tensor(numbers, dtype=getattr(torch, dtype))

    def value_and_slope(self, function, numbers, dtype):
        x = (
            torch.from_numpy(np.asarray(numbers))
            .to(getattr(torch, dtype))
            .requires_grad_()
        )
        y = function(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        return y.detach().numpy(), slope.numpy()

    def check_gradients(self, subject, function, numbers):
        x = torch.from_numpy(numbers).requires_grad_()
        require(torch.autograd.gradcheck(function, x), "gradcheck")
        y = function(x)
        (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        if slope.requires_grad:
            require(torch.autograd.gradgradcheck(function, x), "gradgradcheck")

    def check_saving(self, subject, case, numbers):
        x = torch.linspace(-3, 3, 31)

        def made():
            return subject.layer(**numbers)

        layer, other = made().eval(), made().eval()
        learned = sum(held.numel() for held in layer.parameters())
        require(learned == len(subject.learnable), f"{learned} learned numbers")
        wanted = layer(x)
        for held in other.parameters():
            held.data.fill_(7.0)
        file = io.BytesIO()
        torch.save(layer.state_dict(), file)
        file.seek(0)
        other.load_state_dict(torch.load(file))
        require(torch.equal(other(x), wanted), "the state is that of another")
        file = io.BytesIO()
        torch.save(layer, file)
        file.seek(0)
        require(torch.equal(torch.load(file)(x), wanted), "what is loaded is another")
