"""Outcomes of checks, one JSON line each."""

import json
import sys
import traceback


class Failed(Exception):
    """What a check found wrong."""


def require(condition, message):
    if not condition:
        raise Failed(message)


def say(identifier, check, ok, detail):
    line = {"id": identifier, "check": check, "ok": ok, "detail": str(detail)[:1000]}
    print(json.dumps(line), flush=True)
    return ok


def run(identifier, check, function, *arguments):
    """Runs one check and prints its outcome; what it returns is what it measured."""
    try:
        return say(identifier, check, True, function(*arguments) or "")
    except Failed as error:
        return say(identifier, check, False, error)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        places = " < ".join(
            f"{frame.name}:{frame.lineno}" for frame in reversed(frames)
        )
        (*_, last) = [line for line in str(error).splitlines() if line.strip()] or [""]
        text = f"{type(error).__name__}: {str(error)[:400]} ... {last} ({places})"
        return say(identifier, check, False, text)


def selected(checks, names):
    """The checks with these names, or all; a name that is none is refused."""
    unknown = set(names) - set(checks)
    if unknown:
        sys.exit(f"unknown checks: {', '.join(sorted(unknown))}")
    return {name: checks[name] for name in checks if not names or name in names}
