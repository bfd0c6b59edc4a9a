"""A plugin of pytest: each derivative that `nonlin verify` finds in a file is a test.

What is proved passes, and so does a declared surrogate; what is wrong fails, with an input at which it is; what is unknown or
cannot be read is skipped, with the reason. Settings in pytest's configuration:

- nonlin_files: patterns of the files to verify, below the root, such as `models/**/*.py`; none by default
- nonlin_command: how nonlin is called, `npx nonlin` by default
- nonlin_tolerance: the largest difference that does not count as wrong, 0 by default
"""

import json
import shutil
import subprocess

import pytest

CHOSEN = pytest.StashKey[set]()


def pytest_addoption(parser):
    parser.addini("nonlin_files", "patterns of the files whose derivatives are verified", type="args", default=[])
    parser.addini("nonlin_command", "how nonlin is called", type="args", default=["npx", "nonlin"])
    parser.addini("nonlin_tolerance", "the largest difference that does not count as wrong", default="0")


def pytest_collect_file(file_path, parent):
    config = parent.config
    if CHOSEN not in config.stash:
        patterns = config.getini("nonlin_files")
        config.stash[CHOSEN] = {path for pattern in patterns for path in config.rootpath.glob(pattern)}
    return VerifiedFile.from_parent(parent, path=file_path) if file_path in config.stash[CHOSEN] else None


class VerifiedFile(pytest.File):
    def collect(self):
        report = self.verify()
        for claim in report["claims"]:
            conditions = [*([claim["by"]] if "by" in claim else []), *claim.get("with", [])]
            name = claim["derivative"] + (f"[{', '.join(conditions)}]" if conditions else "")
            yield Derivative.from_parent(self, name=name, claim=claim)
        for problem in report["problems"]:
            verdict = "surrogate" if problem.get("surrogate", {}).get("declared") else "unknown"
            claim = {**problem, "verdict": verdict, "reason": problem["message"]}
            yield Derivative.from_parent(self, name=problem.get("function", self.path.name), claim=claim)

    def verify(self):
        command, *words = self.config.getini("nonlin_command")
        options = ["--json", "--allow-unknown", "--tolerance", self.config.getini("nonlin_tolerance")]
        program = shutil.which(command)
        if program is None:
            raise self.CollectError(f"{command} is not installed: nonlin_command says how nonlin is called")
        ran = subprocess.run(
            [program, *words, "verify", *options, "--", str(self.path)],
            cwd=self.config.rootpath,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        try:
            report = json.loads(ran.stdout)
        except ValueError:
            raise self.CollectError(f"nonlin could not be run:\n{ran.stderr or ran.stdout}") from None
        if "error" in report:
            raise self.CollectError(f"nonlin: {report['error']['message']}")
        return report


class WrongDerivative(Exception):
    pass


class Derivative(pytest.Item):
    def __init__(self, *, claim, **rest):
        super().__init__(**rest)
        self.claim = claim
        if claim["verdict"] == "unknown":
            self.add_marker(pytest.mark.skip(reason=claim["reason"]))

    def runtest(self):
        is_fine = self.claim["verdict"] in ("proved", "surrogate") or self.claim.get("accepted", False)
        if not is_fine:
            raise WrongDerivative("\n".join(self.complaint()))

    def complaint(self):
        claim = self.claim
        yield f"{claim['derivative']} is not the derivative of {claim['function']}"
        if claim["verdict"] == "refuted":
            witness = claim["witness"]
            inputs = {"x": witness["x"], **witness["params"]}
            yield f"  at {', '.join(f'{name} = {value}' for name, value in inputs.items())}: {outcome(witness)}"
        else:
            yield from (f"  only at x = {exception['at']}: {outcome(exception)}" for exception in claim["exceptions"])
        if "right" in claim:
            yield "  right derivative:"
            yield from (f"    {line}" for line in claim["right"].splitlines())

    def repr_failure(self, excinfo):
        return str(excinfo.value) if isinstance(excinfo.value, WrongDerivative) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, self.claim.get("line", 1) - 1, self.name


def outcome(case):
    return f"it gives {case['actual']}, right is {case['expected']}"
