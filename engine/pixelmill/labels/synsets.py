"""Synsets: ImageNet's classes and the truth of its validation images, from what it is sold with.

Both come from the devkit, packed as it is published or unpacked.  Without it the classes are lines
of text, "n01440764 tench, Tinca tinca", or the names of the tars in the train tar.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pixelmill import storage
from pixelmill.errors import JobError, ShardError
from pixelmill.labels.matlab import read_mat
from pixelmill.shards.compression import decompressed
from pixelmill.shards.members import Cut, read_members
from pixelmill.shards.nested import inner_files, is_nested

META, TRUTH = "data/meta.mat", "data/ILSVRC2012_validation_ground_truth.txt"
_TARS = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
# The devkit has 2.5 MB.  What is larger is read by its headers or not at all.
_MOST = 64 << 20


class Synset(NamedTuple):
    """A class: `number` is its ILSVRC2012_ID, 0 where only the devkit would say it."""

    wnid: str
    words: str = ""
    number: int = 0


def synsets_in(url: str) -> list[Synset]:
    """The classes, sorted by wnid; JobError where the file names none, or one twice."""
    size = storage.stat(url).size
    if is_nested(url, size):
        found = [Synset(one.label) for one in inner_files(url, size) if one.is_tar]
    else:
        data = _member(url, META)
        found = _leaves(read_mat(data, url)) if data[:6] == b"MATLAB" else list(_lines(data))
    return in_order(found, storage.masked(url))


def in_order(found: Iterable[Synset], where: str) -> list[Synset]:
    """The classes sorted by wnid, which is the order that nearly everybody counts them in."""
    synsets = sorted(found)
    wnids = {one.wnid for one in synsets}
    if not synsets or len(wnids) < len(synsets):
        wrong = "names a synset twice" if synsets else "names no synset"
        raise JobError([f"source.labels: {where} {wrong}; give the devkit, or a synset a line"])
    return synsets


def truth_in(url: str) -> Iterator[tuple[str, int]]:
    """(image, ILSVRC2012_ID) of each validation image: a line each, in the order of their names."""
    for place, line in enumerate(_member(url, TRUTH).decode("ascii", "replace").split(), 1):
        if not line.isdecimal():
            raise JobError(
                [
                    f"source.labels.devkit: line {place} of the ground truth in "
                    f"{storage.masked(url)} is {line[:40]!r}, not a class's number"
                ]
            )
        yield f"ILSVRC2012_val_{place:08d}", int(line)


def _leaves(variables: dict[str, Any]) -> list[Synset]:
    """The classes among all synsets of meta.mat: those that have no others below them."""
    return [
        Synset(one["WNID"], one["words"], int(one["ILSVRC2012_ID"][0]))
        for one in variables.get("synsets", [])
        if not int(one["num_children"][0])
    ]


def _lines(data: bytes) -> Iterator[Synset]:
    for line in data.decode("utf-8-sig", "replace").splitlines():
        wnid, _, words = line.strip().partition(" ")
        if wnid and not wnid.startswith("#"):
            yield Synset(wnid, words.strip())


def _member(url: str, name: str) -> bytes:
    """The file of that name in a tar, wherever its folder; of another file, all of it."""
    where, size = storage.masked(url), storage.stat(url).size
    if size > _MOST:
        raise JobError([f"source.labels: {where} has {size:,} bytes; that is no devkit"])
    data = storage.read(url)
    if not data.startswith(_TARS) and data[257:262] != b"ustar":
        return data
    for member in read_members(decompressed([data], where), where, _MOST):
        if isinstance(member, Cut):
            raise member.error
        if member.name.endswith(name):
            return member.data
    raise ShardError(f"{where} holds no {name}; give ILSVRC2012_devkit_t12.tar.gz")
