"""Checks of the emitted Keras modules: run_keras.py REFERENCE MODULES STYLE [CHECK,...] [ID,...]

KERAS_BACKEND says what Keras 3 computes with; modules for tf.keras 2 run on tf_keras where NONLIN_KERAS names that.
"""

import importlib
import sys

import keras_layers
import reference
import report
from keras_backends import backend
from subjects import subjects

GROUPS = {
    "explicit": ("keras_values", "keras_layers"),
    "native": ("keras_native",),
}


def main():
    folder, modules, style, *rest = sys.argv[1:]
    names, only = (text.split(",") if text else [] for text in (rest + ["", ""])[:2])
    at = backend()
    checks = {
        name: check
        for group in GROUPS[style]
        for name, check in importlib.import_module(group).CHECKS.items()
    }
    rows = reference.read(folder)
    loaded = subjects(modules, rows, only)
    chosen = report.selected({**checks, **keras_layers.TOGETHER}, names)
    for name, check in chosen.items():
        if name in keras_layers.TOGETHER:
            keras_layers.together(loaded, name, check)
            continue
        for subject in loaded:
            report.run(subject.id, name, check, at, subject)


if __name__ == "__main__":
    main()
