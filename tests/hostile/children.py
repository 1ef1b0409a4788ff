"""Children: jobs done in processes of their own, with a limit on memory."""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMORY = 3 << 30  # address space: the engine's libraries alone map 1.5 GB


class Children:
    """`run(job)` answers what became of the job, and its peak of resident memory."""

    def __enter__(self):
        paths = f"{ROOT / 'engine'}{os.pathsep}{ROOT / 'kernels'}"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", Path(__file__).with_name("forking.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where libtiff tells of every tag that it does not know
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)

    def run(self, memory=MEMORY, **job):
        self.process.stdin.write(json.dumps({"job": job, "memory": memory}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def write_tar(path, members):
    """A tar of (name or TarInfo, bytes) pairs."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return str(path)
