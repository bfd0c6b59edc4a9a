"""Checks of the emitted PyTorch modules: run_pytorch.py REFERENCE MODULES STYLE [CHECK,...] [ID,...]"""

import importlib
import sys

import reference
import report
import torch
from subjects import subjects

GROUPS = {
    "explicit": (
        "torch_values",
        "torch_gradients",
        "torch_modules",
        "torch_compiled",
    ),
    "native": ("torch_native",),
}
GROUPS["kernel"] = (*GROUPS["explicit"], "torch_kernel")


def main():
    folder, modules, style, *rest = sys.argv[1:]
    names, only = (text.split(",") if text else [] for text in (rest + ["", ""])[:2])
    torch.set_num_threads(1)
    checks = {
        name: check
        for group in GROUPS[style]
        for name, check in importlib.import_module(group).CHECKS.items()
    }
    rows = reference.read(folder)
    for subject in subjects(modules, rows, only):
        for name, check in report.selected(checks, names).items():
            report.run(subject.id, name, check, subject)


if __name__ == "__main__":
    main()
