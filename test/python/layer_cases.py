"""The cases of test/fixtures/layers, run through emitted modules: `layer_cases.py FRAMEWORK FOLDER [kind ...]`.

FOLDER has, for each kind and activation of the cases, `<kind>_<activation>.py` (`<kind>.py` without one), and `weights.py`.
Prints one line of JSON for each case: kind, case, and what is wrong, if anything is.
"""

import importlib
import json
import pathlib
import sys

import numpy as np

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures" / "layers"


def array(entry):
    dtype = {"int32": np.int32, "uint8": np.uint8}.get(entry.get("type"), np.float64)
    return (
        np.array([float(v) for v in entry["data"]])
        .astype(dtype)
        .reshape(entry["shape"])
    )


class Case:
    def __init__(self, kind, entry):
        self.kind = kind
        self.name = entry["name"]
        self.options = entry["options"]
        for part in ("inputs", "outputs", "upstream", "gradients"):
            setattr(
                self, part, {name: array(value) for name, value in entry[part].items()}
            )
        self.activation = self.options.get("activation", "linear")

    @property
    def module(self):
        alone = self.activation == "linear" or "activation" not in self.options
        return importlib.import_module(
            self.kind if alone else f"{self.kind}_{self.activation}"
        )

    @property
    def parameters(self):
        """The activation's parameters, but for learnable ones."""
        return {
            name: self.options[name]
            for name in ("alpha", "beta", "negative_slope")
            if name in self.options
        }

    def shaped(self, name="x"):
        """An input in the shape that it originally had."""
        value = self.inputs[name]
        return (
            value.reshape(self.options["shape"]) if "shape" in self.options else value
        )


def close(got, wanted, name, relative):
    """What is wrong with a result, if anything is; sums may cancel, so also compared with the largest element."""
    got = np.asarray(got, dtype=np.float64).reshape(wanted.shape)
    finite = np.isfinite(wanted)
    if not np.array_equal(np.isnan(got), np.isnan(wanted)):
        return f"{name}: NaN differs: {got.ravel()[:6]} for {wanted.ravel()[:6]}"
    if not np.array_equal(
        got[~finite & ~np.isnan(wanted)], wanted[~finite & ~np.isnan(wanted)]
    ):
        return f"{name}: infinities differ"
    if not finite.any():
        return None
    largest = np.abs(wanted[finite]).max(initial=0.0)
    error = np.abs(got[finite] - wanted[finite])
    allowed = relative * (np.abs(wanted[finite]) + largest) + 1e-12
    if (error > allowed).any():
        worst = int(np.argmax(error / allowed))
        return f"{name}: {got[finite][worst]} for {wanted[finite][worst]}"
    return None


def run(framework, kinds):
    failed = 0
    for path in sorted(FIXTURES.glob("*.json")):
        kind = path.stem
        if kinds and kind not in kinds:
            continue
        for entry in json.loads(path.read_text())["cases"]:
            case = Case(kind, entry)
            reason = framework.skips(case)
            if reason is not None:
                print(json.dumps({"kind": kind, "case": case.name, "skipped": reason}))
                continue
            try:
                results = framework.compute(case)
                wrong = [
                    text
                    for name, value in results.items()
                    if (
                        text := close(
                            value, wanted(case, name), name, framework.tolerance(case)
                        )
                    )
                    is not None
                ]
            except Exception as error:  # a broken module is a result like any other
                wrong = [f"{type(error).__name__}: {error}"]
            failed += len(wrong) > 0
            print(json.dumps({"kind": kind, "case": case.name, "wrong": wrong}))
    return failed


def wanted(case, name):
    return (
        case.gradients[name[1:]]
        if name.startswith("d") and name[1:] in case.gradients
        else case.outputs[name]
    )


if __name__ == "__main__":
    which, folder, *rest = sys.argv[1:]
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    run(importlib.import_module(f"layers_in_{which}"), rest)
