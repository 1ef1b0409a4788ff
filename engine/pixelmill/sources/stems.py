"""Stems: which files of a folder make one sample, and under which key.

Every image file is one sample; the other files that share its stem are its fields, as in
WebDataset.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pixelmill.sources.keys import safe_key

IMAGES = frozenset(
    (
        *("apng", "avif", "bmp", "dcm", "dib", "dicom", "gif", "heic", "heif", "jfif"),
        *("jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp"),
    )
)
# An image of one of these names beside another is its annotation, no image of its own: a.seg.png.
DENSE = frozenset(["depth", "mask", "panoptic", "seg"])
MASK = "seg.png"


@dataclass(frozen=True, slots=True)
class Found:
    """One sample of a folder: its key, its image, and every file by its field, the image's too."""

    key: str
    image: str
    files: tuple[tuple[str, str], ...]

    @property
    def image_field(self) -> str:
        return extension(self.image)


def extension(name: str) -> str:
    """What follows the last dot of the basename, in lower case; "" where there is none."""
    stem, dot, last = name.rpartition("/")[2].rpartition(".")
    return last.lower() if dot and stem else ""


def class_of(name: str) -> str:
    """The folder right below the root; "" for a file right in it."""
    return name.partition("/")[0] if "/" in name else ""


def below(url: str, root: str) -> str:
    """The name of a listed file below the folder that was listed."""
    return url.removeprefix(root.rstrip("/")).lstrip("/") if root != "." else url.removeprefix("./")


def hidden(name: str) -> bool:
    return name.startswith(".") or "/." in name


def gather(
    names: Iterable[str], image: str = "auto", mask: str = ""
) -> tuple[list[list[Found]], list[str]]:
    """The samples among `names`, and the files that belong to none.

    The samples come in groups, sorted, and each group by itself gathers to the same samples again:
    a reader that is given whole groups needs no other names.  In a group are the images whose keys
    would be the same ("a.jpg" and "a.png", "a.b.jpg" and "a_b.jpg"); each gets its extension added
    to the key ("a_jpg", "a_png"), and a number where that does not tell them apart.

    `mask` ends the names of masks beside images: with "_mask.png" a_mask.png is seg.png of a.jpg.
    """
    accepted = IMAGES if image == "auto" else frozenset(image.lower().split(";"))
    stems, rest = _images(names, accepted)
    masks = _masks(stems, mask) if mask else {}
    beside, orphans = _attach(rest, stems)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for stem, images in stems.items():
        groups[safe_key(stem)] += images
    found = [list(_keyed(key, sorted(groups[key]), beside, masks)) for key in sorted(groups)]
    return found, orphans


def _images(
    names: Iterable[str], accepted: frozenset[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """The images by their stem, and all other files."""
    stems: dict[str, list[str]] = {}
    rest = []
    for name in names:
        if extension(name) in accepted:
            stems.setdefault(_stem(name), []).append(name)
        else:
            rest.append(name)
    for stem in [stem for stem in stems if extension(stem) in DENSE and _stem(stem) in stems]:
        rest += stems.pop(stem)
    return stems, rest


def _masks(stems: dict[str, list[str]], mask: str) -> dict[str, str]:
    """The mask of each image that has one, by its stem; they are taken out of `stems`."""
    end, last = mask.rpartition(".")[0], extension(f"x{mask}")
    masks = {}
    for stem in [stem for stem in stems if end and stem.endswith(end)]:
        own = next((name for name in stems[stem] if extension(name) == last), None)
        if own and stem.removesuffix(end) in stems:
            masks[stem.removesuffix(end)] = own
            stems[stem].remove(own)
            if not stems[stem]:
                del stems[stem]
    return masks


def _attach(
    rest: Iterable[str], stems: dict[str, list[str]]
) -> tuple[dict[str, list[str]], list[str]]:
    """Each other file to the longest stem that it continues after a dot; what is left over."""
    beside: defaultdict[str, list[str]] = defaultdict(list)
    orphans = []
    for name in rest:
        stem = _stem(name)
        while stem not in stems and extension(stem):
            stem = _stem(stem)
        if stem in stems:
            beside[stem].append(name)
        else:
            orphans.append(name)
    return beside, orphans


def _keyed(
    key: str, images: list[str], beside: dict[str, list[str]], masks: dict[str, str]
) -> Iterator[Found]:
    extensions = [extension(image) for image in images]
    for position, (image, last) in enumerate(zip(images, extensions, strict=True)):
        own = key if len(images) == 1 else f"{key}_{last}"
        if extensions.count(last) > 1:
            own = f"{own}_{position}"
        stem = _stem(image)
        files = [(last, image)] + [(name[len(stem) + 1 :].lower(), name) for name in beside[stem]]
        if stem in masks:
            files.append((MASK, masks[stem]))
        yield Found(own, image, tuple(sorted(files)))


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
