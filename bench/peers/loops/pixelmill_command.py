"""pixelmill's command: the interpreter's start and all imports are in every figure."""

import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from bench.peers.loops.task import SIDE


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    command = [sys.executable, "-m", "pixelmill", "run", *tars, out, "--resize", str(SIDE)]
    command += ["--executor", "inline", "--workers", str(cores), "--quiet"]
    subprocess.run(command, check=True)
    return sum(map(_count, Path(out).glob("*.tar")))


def _count(tar: Path) -> int:
    with tarfile.open(tar) as shard:
        return sum(name.endswith(".jpg") for name in shard.getnames())
