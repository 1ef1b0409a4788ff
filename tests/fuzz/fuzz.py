"""Fuzzes one target for some time, guided by coverage: fuzz.py tar 600 FOLDER

The corpus grows in FOLDER, and what breaks the target is left there as crash-..., timeout-...; it
prints how many executions there were.  `every.py` runs each target so.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pixelmill"]):
    import targets

import seeds

HANG = 10  # seconds after which one input is told as a hang
MEMORY = 2048  # MB of resident memory that end it


def main() -> None:
    target, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.of(target):
        (folder / f"seed-{name}").write_bytes(data)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={HANG}",
        f"-rss_limit_mb={MEMORY}",
        "-max_len=65536",
        "-print_final_stats=1",
        "-seed=1",
        f"-artifact_prefix={folder}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder)], targets.TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
