"""Every target fuzzed for so long, one after the other; the log of one that breaks is shown.

python tests/fuzz/every.py .fuzz --seconds 600 --counts fuzz.json
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import targets

TOLD = 3000  # letters of a log, from its end: libFuzzer's stack, and the input that did it


def fuzzed(target, seconds, folder):
    """How many executions there were; the end of this process where one of them broke."""
    words = [Path(__file__).with_name("fuzz.py"), target, str(seconds), folder / target]
    command = [sys.executable, "-W", "ignore", *words]
    done = subprocess.run(command, capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace")
    (folder / f"{target}.log").write_text(said, "utf-8")
    if done.returncode:
        sys.exit(f"{target}: fuzzing ended with {done.returncode}\n{said[-TOLD:]}")
    return int(re.search(r"number_of_executed_units:\s*(\d+)", said)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the corpus grows, and finds are left")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--counts", type=Path, help="where to write the executions, as JSON")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for target in targets.TARGETS:
        counts[target] = fuzzed(target, asked.seconds, asked.folder)
        print(f"{target}: {counts[target]:,} executions", flush=True)
    if asked.counts:
        asked.counts.write_text(json.dumps(counts, indent=1) + "\n")


if __name__ == "__main__":
    main()
