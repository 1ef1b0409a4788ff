"""Torture: jobs killed at random instants, and at every failpoint, as often as asked.

python tests/faults/torture.py --kills 5000 --seed 1 --counts kills.json
"""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from lives import JOBS, Counts, Torture, job_of, quick_folder, write_inputs
from places import PLACES, deaths_at
from warm import Warm

MOST_DEATHS = 6  # of one job in a row


def torture(warm, inputs, folder, kills, seed, points=0.0):
    """Lives of every kind of job until so many were killed; a share of them at failpoints."""
    counts = Counts()
    draw = random.Random(seed)
    jobs = [Torture(warm, kind, inputs, folder, counts) for kind in JOBS]
    while counts.kills.total() < kills:
        job, deaths = draw.choice(jobs), []
        for _ in range(draw.randint(1, MOST_DEATHS)):
            if draw.random() < points:
                deaths += deaths_at(draw.choice(PLACES[job.kind]), "kill")
            else:
                deaths.append(death(draw, job.seconds))
        try:
            job.life(deaths)
        except AssertionError as error:
            error.add_note(f"{job.kind}, seed {seed}, deaths {deaths}")
            raise
    return counts


def death(draw, seconds):
    """At any instant of a run that was let alone; it takes less where much is done already."""
    return {"after": draw.uniform(0, seconds) * draw.choice((1, 1, 0.5))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--counts", type=Path, help="where to write what was done, as JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=quick_folder()) as name:
        folder = Path(name)
        inputs = write_inputs(folder / "in")
        warm = Warm(*(job_of(kind, inputs, folder / "warm" / kind) for kind in JOBS))
        counts = torture(warm, inputs, folder, asked.kills, asked.seed, points=0.3)
        warm.close()
    text = json.dumps(counts.to_json(), indent=1)
    if asked.counts:
        asked.counts.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    sys.exit(main())
