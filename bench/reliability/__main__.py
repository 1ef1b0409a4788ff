"""What was done to jobs, and survived: kills, faults of storage, hostile files, fuzzing, bad nets.

    python -m bench.reliability                          all of it, for as long as `make torture`
    python -m bench.reliability kills fuzz --kills 1000 --seconds 60

Each part runs the tests' own tools and takes their counts; one that fails leaves the figures as
they were.  They go into bench/results/reliability.json, and from there into tests/README.md.
"""

import argparse
import json
from time import perf_counter

from bench.marked import place
from bench.pipeline.facts import RESULTS, measured
from bench.reliability.page import PAGE, figures
from bench.reliability.parts import PARTS

PATH = RESULTS / "reliability.json"


def main() -> None:
    asked = _asked()
    for part in asked.parts or PARTS:
        start = perf_counter()
        found = PARTS[part](asked)
        _put(part, measured(found | {"seconds": round(perf_counter() - start, 1)}))
    place(PAGE, figures(json.loads(PATH.read_text(encoding="utf-8"))))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--kills", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0, help="of the kills")
    parser.add_argument("--seconds", type=int, default=600, help="to fuzz each target")
    parser.add_argument("--samples", type=int, default=1000, help="of the job on a bad store")
    parser.add_argument("--rounds", type=int, default=3, help="of the job on a bad store")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}")
    return asked


def _put(part: str, found: dict[str, object]) -> None:
    before = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    PATH.write_text(json.dumps({**before, part: found}, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {part} into {PATH}", flush=True)


if __name__ == "__main__":
    main()
