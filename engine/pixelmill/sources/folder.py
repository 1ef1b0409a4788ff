"""Folder: image files as they lie, one sample an image; class subfolders become its label.

Where images lie in two or more folders right below the root, the sorted folder names are the
classes, and each sample gets its class index as field "cls" (a file of that name wins).  Images
right in the root get none.  With several roots, keys begin with the root's name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, ShardError
from pixelmill.sample import Failure, Sample
from pixelmill.shards.members import MAX_MEMBER
from pixelmill.sources.folder_reader import read_samples
from pixelmill.sources.part import Part
from pixelmill.sources.stems import Found, below, class_of, extension, gather, hidden
from pixelmill.storage import Entry, glob, is_glob, listing, masked, parent

SPLITS = frozenset(["dev", "test", "train", "val", "valid", "validation"])


class FolderSource:
    """Samples from image files in folders, found recursively, or by globs of files."""

    kind = "folder"

    def __init__(
        self, urls: Sequence[str], image: str = "auto", batch: int = 1000,
        max_sample: int = MAX_MEMBER, classes: bool = True, mask: str = "",
    ) -> None:  # fmt: skip
        self.urls, self.image, self.batch = tuple(urls), image, batch
        self.max_sample, self.classes, self.mask = max_sample, classes, mask
        self._about: dict[str, Any] | None = None

    def parts(self) -> list[Part]:
        trees = [Tree(root, files, self.image, self.mask) for root, files in self._files().items()]
        classes = _classes(trees) if self.classes else []
        _refuse_one_key_twice(trees, self._prefixes)
        self._about = _about(trees, classes)
        if not self._about["images"]:
            raise InputMissing(
                f"There are no images in {masked(', '.join(self.urls))}; found instead: "
                f"{_counted(self._about['ignored'])}."
            )
        labels = {name: index for index, name in enumerate(classes)}
        return [part for tree in trees for part in tree.parts(self.batch, labels)]

    def read(self, part: Part) -> Iterator[Sample | Failure]:
        return read_samples(part, self.image, self._prefixes[part.url], self.max_sample, self.mask)

    def about(self) -> dict[str, Any]:
        if self._about is None:
            self.parts()
        assert self._about is not None
        return self._about

    @property
    def _prefixes(self) -> dict[str, str]:
        """What the keys of each root begin with; JobError where two roots have one name."""
        roots = list(dict.fromkeys(root_of(url) for url in self.urls))
        if len(roots) == 1:
            return {roots[0]: ""}
        names = Counter(storage.name(root) for root in roots)
        mistakes = [
            f"source.urls: {count} folders are named {name!r}; their samples would get the same "
            "keys: rename one, or run a job for each."
            for name, count in names.items()
            if count > 1
        ]
        if mistakes:
            raise JobError(mistakes)
        return {root: storage.name(root) + "/" for root in roots}

    def _files(self) -> dict[str, dict[str, Entry]]:
        """The files by root, each by its name below it."""
        files: dict[str, dict[str, Entry]] = {}
        for url in self.urls:
            root = root_of(url)
            found = glob(url) if is_glob(url) else listing(root, recursive=True)
            files.setdefault(root, {}).update((below(entry.url, root), entry) for entry in found)
        return files


class Tree:
    """The files below one root."""

    def __init__(self, root: str, files: dict[str, Entry], image: str, mask: str = "") -> None:
        self.root, self.files = root, files
        visible = sorted(name for name in files if not hidden(name))
        self.hidden = len(files) - len(visible)
        self.groups, self.orphans = gather(visible, image, mask)

    @property
    def samples(self) -> Iterator[Found]:
        return (found for group in self.groups for found in group)

    def parts(self, batch: int, labels: dict[str, int]) -> Iterator[Part]:
        """Whole groups, at least `batch` samples together."""
        together: list[Found] = []
        start = 0
        for group in self.groups:
            together += group
            if len(together) >= batch:
                yield self._part(start, together, labels)
                start, together = start + len(together), []
        if together:
            yield self._part(start, together, labels)

    def _part(self, start: int, samples: list[Found], labels: dict[str, int]) -> Part:
        names = dict.fromkeys(name for found in samples for _, name in found.files)
        files = [self.files[name] for name in names]
        told = "\n".join(
            f"{name}\t{self.files[name].size}\t{self.files[name].stamp}" for name in names
        )
        stamp = blake2b(told.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
        classes = sorted({class_of(found.image) for found in samples} & labels.keys())
        return Part(
            self.root,
            sum(file.size for file in files),
            stamp,
            start,
            start + len(samples),
            tuple(names),
            tuple((name, labels[name]) for name in classes),
        )


def root_of(url: str) -> str:
    """The folder that names are relative to: `url`, or what comes before its first wildcard."""
    while is_glob(url):
        url = parent(url)
    return url if url.endswith("://") else url.rstrip("/") or "/"


def _classes(trees: Iterable[Tree]) -> list[str]:
    """The class folders over all roots; JobError where they are splits, no one's labels."""
    names = sorted({class_of(found.image) for tree in trees for found in tree.samples} - {""})
    if names and SPLITS.issuperset(names):
        roots = " ".join(f"{masked(tree.root)}/{name}" for tree in trees for name in names)
        raise JobError(
            [
                f"source.urls: the folder holds splits ({', '.join(names)}), not classes; "
                f"name them: {roots}"
            ]
        )
    return names if len(names) > 1 else []


def _refuse_one_key_twice(trees: Iterable[Tree], prefixes: dict[str, str]) -> None:
    seen: dict[str, str] = {}
    for tree in trees:
        for found in tree.samples:
            first = seen.setdefault(prefixes[tree.root] + found.key, found.image)
            if first is not found.image:
                raise ShardError(
                    f"{masked(tree.root)}: {first!r} and {found.image!r} would both get the key "
                    f"{found.key!r}; rename one of them."
                )


def _about(trees: list[Tree], classes: list[str]) -> dict[str, Any]:
    ignored = Counter(extension(name) for tree in trees for name in tree.orphans)
    known = set(classes)
    return {
        "kind": "folder",
        "images": sum(1 for tree in trees for _ in tree.samples),
        "classes": classes,
        "unlabelled": sum(
            1 for tree in trees for found in tree.samples if class_of(found.image) not in known
        ),
        "ignored": dict(sorted(ignored.items())),
        "hidden": sum(tree.hidden for tree in trees),
    }


def _counted(ignored: dict[str, int]) -> str:
    return ", ".join(f"{count} .{last}" for last, count in ignored.items()) or "nothing"
