"""How many kills jobs survived, by the step at which they died, and what was compared after them.

    python -m bench.reliability --kills 5000

It runs tests/faults/torture.py, which stops at the first byte that is not as it must be, and puts
what it counted under "kills" into bench/results/reliability.json; other parts of it stay.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench.pipeline.facts import RESULTS, measured

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts.json")
        start = perf_counter()
        _torture(asked.kills, asked.seed, counts)
        figures = json.loads(counts.read_text()) | {"seconds": round(perf_counter() - start, 1)}
    figures |= {"survived": sum(figures["kills"].values()), "lost_or_repeated": 0}
    _put("kills", measured(figures))


def _torture(kills: int, seed: int, counts: Path) -> None:
    told = ["--kills", str(kills), "--seed", str(seed), "--counts", str(counts)]
    roots = [str(ROOT / name) for name in ("engine", "kernels")]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
    program = str(ROOT / "tests" / "faults" / "torture.py")
    subprocess.run([sys.executable, program, *told], check=True, env=here)


def _put(part: str, figures: dict[str, object]) -> None:
    path = RESULTS / "reliability.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**found, part: figures}, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
