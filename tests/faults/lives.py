"""Lives: a job that is killed again and again, looked at after each death and at its end."""

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import simplejpeg

from pixelmill.errors import PixelmillError
from pixelmill.shards.writer import TarWriter
from pixelmill.status import status
from pixelmill.storage.urls import TEMPORARY
from pixelmill.verify import verify

SHARDS, SAMPLES = 4, 6


def quick_folder():
    """Where to make folders: a disk in memory where there is one.

    A kill takes nothing from the kernel's cache, so that waiting for a real disk would test nothing
    more; and half of a small run is fsync.
    """
    memory = "/dev/shm"
    return memory if os.access(memory, os.W_OK) else None


def write_inputs(folder, shards=SHARDS, samples=SAMPLES, first=0):
    """Tars of small photographs, one of them no image."""
    rng = np.random.default_rng(seed=7)
    folder.mkdir(exist_ok=True)
    for shard in range(first, first + shards):
        with open(folder / f"in-{shard:03d}.tar", "wb") as file:
            tar = TarWriter(file.write)
            for number in range(samples):
                small = rng.integers(0, 256, (6, 8, 3), np.uint8)
                image = np.repeat(np.repeat(small, 12, 0), 12, 1)
                data = b"no image" if number == shard == 1 else simplejpeg.encode_jpeg(image)
                tar.add(f"s{shard}{number:03d}", {"jpg": data, "txt": b"%d" % number})
            tar.close()
    return sorted(map(str, folder.glob("*.tar")))


EXECUTOR = {"kind": "inline", "workers": 2}
STEPS = [{"random_resized_crop": 40}, {"flip": {"probability": 0.5}}]
JOBS = {
    # Several outputs, several shards a task, an index, quarantine.
    "plain": {
        "transforms": STEPS,
        "outputs": [
            {"name": "large", "index": True, "shards": {"samples": 4}},
            {"name": "small", "transforms": [{"resize": 16}], "image": "png"},
        ],
    },
    # Both stages of the exchange, with decoding.
    "shuffled": {
        "transforms": STEPS,
        "shuffle": True,
        "outputs": [{"shards": {"samples": 5, "equal": True}}],
    },
    # Copied from where they lie, cut before so many bytes.
    "surveyed": {"untouched": True, "outputs": [{"shards": {"bytes": 20480, "equal": True}}]},
}


def job_of(kind, source, out):
    facts = {"source": list(source), "output": str(out), "executor": EXECUTOR, "max_failures": 9}
    return {**facts, **JOBS[kind]}


@dataclass
class Counts:
    """What was done to jobs, and looked at."""

    kills: Counter = field(default_factory=Counter)
    lives: int = 0
    runs: int = 0
    bytes_compared: int = 0
    samples_checked: int = 0
    records_seen_once: int = 0

    def to_json(self):
        return {**self.__dict__, "kills": dict(sorted(self.kills.items()))}


class Damage(AssertionError):
    """What must never be seen."""


class Torture:
    """Lives of one job; `expected` is what an undisturbed run of it left."""

    def __init__(self, warm, kind, source, folder, counts=None):
        self.warm, self.kind, self.source, self.folder = warm, kind, source, Path(folder)
        self.counts = counts or Counts()
        whole = self.folder / f"{kind}-whole"
        ended = warm.run(self.job(whole))
        assert ended.code == 0, ended
        self.seconds = min(warm.run(self.job(self.folder / f"{kind}-{n}")).seconds for n in "ab")
        self.version, self.expected = ended.version, contents(whole)
        self._number = 0

    def job(self, out, source=None):
        return job_of(self.kind, source or self.source, out)

    def life(self, deaths, sabotage="", **how):
        """Die each of these deaths, then end; Damage where anything is not as it must be."""
        self._number += 1
        out = self.folder / f"{self.kind}-life-{self._number}"
        before = {}
        for death in deaths:
            ended = self.warm.run(self.job(out), sabotage=sabotage, **death, **how)
            self.counts.runs += 1
            if ended.killed:
                self.counts.kills[name_of(death)] += 1
            self._look(out, before)
            before = committed(out)
        last = self.warm.run(self.job(out), sabotage=sabotage, **how)
        self._look(out, before)
        self._whole(out, last)
        shutil.rmtree(out)
        return last

    def _look(self, out, before):
        """What is there is whole, what is recorded is there, what was committed was not touched."""
        for name, data in contents(out).items():
            self.counts.bytes_compared += len(data)
            expect(data == self.expected.get(name), f"{name} is there, and not as it must be")
        now = committed(out)
        for record, files in now.items():
            lost = [name for name, stamp in files.items() if stamp is None]
            expect(not lost, f"{record} is committed, and {lost} are not there")
        again = [record for record in before if before[record] != now.get(record)]
        expect(not again, f"{again} were committed, and done again")
        self.counts.records_seen_once += len(before)

    def _whole(self, out, last):
        expect(last.code == 0, f"the last run ended with {last}")
        expect(last.version == self.version, "the version is another one")
        found = contents(out)
        expect(found == self.expected, f"{found.keys() ^ self.expected.keys()} are too few or many")
        left = [path for path in out.rglob("*") if path.name.startswith(TEMPORARY)]
        left += [path for name in ("lease", "exchange") for path in out.glob(name)]
        expect(not left, f"{left} are left")
        self._told(out)
        verdict = verify(str(out))
        expect(not verdict.problems, f"verify: {verdict.problems}")
        expect(verdict.tally.balances, f"the sums disagree: {verdict.tally}")
        self.counts.lives += 1
        self.counts.samples_checked += verdict.tally.read

    def _told(self, out):
        try:
            found = status(str(out))
        except PixelmillError as error:
            raise Damage(f"status: {error}") from error
        expect(found.finished and found.done == found.tasks, f"status: {found}")
        expect(not found.running, f"status: {found.running}")


def expect(holds, otherwise):
    if not holds:
        raise Damage(otherwise)


def name_of(death):
    return death["failpoint"].partition(":")[0] if "failpoint" in death else "any instant"


def contents(out):
    """The bytes of all that is seen under its final name, but for times."""
    files = [path for kind in ("*.tar", "*.idx", "quarantine/*.tar") for path in out.glob(kind)]
    files += [out / "manifest.json"] if (out / "manifest.json").exists() else []
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in files
        if not path.name.startswith(TEMPORARY)
    }


def committed(out):
    """Each commit record: which file it is, and which files its shards are (None: not there)."""
    found = {}
    for path in out.glob("ledger/[0-9e]*.json"):
        facts = json.loads(path.read_text())
        shards = [*facts["shards"], *([facts["quarantine"]] if facts["quarantine"] else [])]
        found[path.name] = {name: stamp(out / name) for name in (s["name"] for s in shards)}
        found[path.name][path.name] = stamp(path)
    return found


def stamp(path):
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns
