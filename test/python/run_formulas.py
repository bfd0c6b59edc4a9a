"""Emitted PyTorch modules at given inputs: run_formulas.py FOLDER

Reads inputs.bin and every <id>.py in the folder; writes <id>.bin, columns of float32: value, derivative, second derivative,
the module's function by its public name, and its gradient by autograd.
"""

import pathlib
import sys

import numpy as np
import torch
from subjects import load


def main():
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    x = torch.from_numpy(np.fromfile(folder / "inputs.bin", dtype=np.float32))
    for path in sorted(folder.glob("*.py")):
        module = load(f"emitted_{path.stem}", path)
        leaf = x.clone().requires_grad_()
        y = getattr(module, path.stem)(leaf)
        (gradient,) = torch.autograd.grad(y, leaf, torch.ones_like(y))
        functions = (module.value, module.derivative, module.second_derivative)
        columns = [*(function(x) for function in functions), y.detach(), gradient]
        np.stack([column.numpy() for column in columns]).astype(np.float32).tofile(
            path.with_suffix(".bin")
        )


if __name__ == "__main__":
    main()
