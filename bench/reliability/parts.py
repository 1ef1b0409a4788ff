"""Parts: each runs tests or their tools in a process of their own, and reads what they counted."""

import json
import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
SHARDS = 10  # of the job on a bad store

Figures = dict[str, Any]


def kills(asked: Namespace) -> Figures:
    """Jobs killed at any instant and at every failpoint; it stops at the first wrong byte."""
    words = ["--kills", str(asked.kills), "--seed", str(asked.seed)]
    found = _counted(TESTS / "faults" / "torture.py", *words)
    return {**found, "survived": sum(found["kills"].values())}


def storage_faults(_: Namespace) -> Figures:
    """Faults that jobs met in a bucket, by kind; their bytes are those of an undisturbed run."""
    tests = _tested("tests/faults/test_storage_faults.py")
    injected = json.loads((ROOT / ".benchmarks" / "storage-faults.json").read_text("utf-8"))
    return {"injected": injected, "tests": tests}


def hostile(_: Namespace) -> Figures:
    """Files that were made to do harm, and the memory that they took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.json")
        tests = _tested("tests/hostile", PIXELMILL_FIGURES=str(path))
        return {**json.loads(path.read_text("utf-8")), "tests": tests}


def fuzz(asked: Namespace) -> Figures:
    """Executions of each target; it stops at the first find."""
    with tempfile.TemporaryDirectory() as folder:
        program = TESTS / "fuzz" / "every.py"
        executions = _counted(program, folder, "--seconds", str(asked.seconds))
    return {"seconds_each": asked.seconds, "executions": executions}


def throughput(asked: Namespace) -> Figures:
    """Images a second on a store that is slow, busy or broken, against one that is not."""
    from bench.storage.throughput import throughputs

    found = throughputs(asked.samples, SHARDS, asked.rounds)
    return {"samples": asked.samples, "rounds": asked.rounds, "places": found}


PARTS: dict[str, Callable[[Namespace], Figures]] = {
    "kills": kills,
    "storage_faults": storage_faults,
    "hostile": hostile,
    "fuzz": fuzz,
    "throughput": throughput,
}


def _counted(program: Path, *words: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts.json")
        command = [sys.executable, str(program), *words, "--counts", str(counts)]
        subprocess.run(command, check=True, env=_here())
        found: Figures = json.loads(counts.read_text("utf-8"))
        return found


def _tested(*words: str, **environment: str) -> dict[str, int]:
    """How many tests passed and were skipped; none failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "tests.xml")
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *words]
        subprocess.run(command, check=True, env=_here() | environment, cwd=ROOT)
        [suite] = ElementTree.parse(report).getroot()
    skipped = int(suite.attrib["skipped"])
    return {"passed": int(suite.attrib["tests"]) - skipped, "skipped": skipped}


def _here() -> dict[str, str]:
    """An environment in which this tree is the one that is tested."""
    roots = [str(ROOT / name) for name in ("engine", "kernels")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
