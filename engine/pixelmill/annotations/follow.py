"""Follow: what a sample holds besides its image goes where the image's pixels went."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json  # the standard library's take three times as long

from pixelmill.annotations.masks import levels_along
from pixelmill.annotations.objects import BROKEN, Objects, expect_side
from pixelmill.annotations.options import Annotations
from pixelmill.annotations.schema import has_objects
from pixelmill.annotations.way import Size, Way
from pixelmill.codecs.header import Header
from pixelmill.codecs.labels import read_labels, write_labels
from pixelmill.codecs.options import Decode
from pixelmill.codecs.orient import map_of
from pixelmill.errors import SampleError
from pixelmill.geometry import IDENTITY, Affine
from pixelmill.sample import Leg, Sample

RECORD, MASK, PANOPTIC = "json", "seg.png", "panoptic.png"
# A text for a number, and such; numbers that are none of an image's.
WRONG = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
SIDES = ("height", "width")


@dataclass(frozen=True, slots=True)
class Follow:
    """How annotations follow an image of that header, decoded like that."""

    options: Annotations
    header: Header
    decode: Decode

    def __call__(self, sample: Sample) -> tuple[Sample, Sequence[str]]:
        """The sample with its annotations moved, and what was done to them, for the tally."""
        fields = {name: sample.fields[name] for name in _MOVES if name in sample.fields}
        if not fields or not self.options.move:
            return sample, ()
        notes: Counter[str] = Counter()
        for name, data in fields.items():
            fields[name] = _MOVES[name](self, sample, data, notes)
        return sample.with_fields(sample.fields | fields), tuple(notes.elements())

    def way(self, size: Size, sample: Sample, notes: Counter[str]) -> Way | None:
        """The way of what was drawn on an image of `size`; None where nothing moved."""
        height, width = stored = self.header.height, self.header.width
        turn = self.header.orientation if self.decode.orientation == "apply" else 1
        shown = (width, height) if turn >= 5 else stored
        first = [Leg(map_of(turn, height, width), shown)] if turn != 1 else []
        seen = stored
        if self.options.pixels == "displayed":
            first, seen = [], shown
        elif size == shown != stored:
            notes["annotations_as_displayed"] += 1
            first, seen = [], shown
        if size != seen:
            notes["annotations_rescaled"] += 1
            scale = Affine.scale(seen[1] / size[1], seen[0] / size[0])
            first = [Leg(scale, seen), *first]
        way = Way.of(size, (*first, *sample.trail))
        return None if way.legs == (Leg(IDENTITY, size),) else way

    def record(self, sample: Sample, data: bytes, notes: Counter[str]) -> bytes:
        """The `json` member; as it is where it holds other than our schema."""
        if b'"objects"' not in data:
            return data
        try:
            record = from_json(data)
        except ValueError:
            notes["json_unreadable"] += 1
            return data
        if not has_objects(record):
            notes["json_of_another_schema"] += 1
            return data
        try:
            moved = self._moved(record, sample, notes)
        except WRONG as error:
            said = f"the annotations in json cannot be read: {error}; mend them, or `move: false`"
            raise SampleError(said, BROKEN) from error
        return to_json(record, inf_nan_mode="constants") if moved else data

    def _moved(self, record: dict[str, Any], sample: Sample, notes: Counter[str]) -> bool:
        """Whether anything in the record had to be moved."""
        size = tuple(int(record.get(side) or getattr(self.header, side)) for side in SIDES)
        expect_side(*size)
        way = self.way((size[0], size[1]), sample, notes)
        if way is None:
            return False
        record["objects"] = Objects(record["objects"], way, notes).moved(self.options)
        _relations(record, notes)
        for name, given, side in zip(SIDES, size, way.size, strict=True):
            record[f"orig_{name}"] = record.get(f"orig_{name}") or given
            record[name] = side
        return True

    def mask(self, sample: Sample, data: bytes, notes: Counter[str]) -> bytes:
        return self._levels(sample, data, notes, MASK, self.options.outside)

    def panoptic(self, sample: Sample, data: bytes, notes: Counter[str]) -> bytes:
        return self._levels(sample, data, notes, PANOPTIC, 0)  # 0 is COCO's void

    def _levels(
        self, sample: Sample, data: bytes, notes: Counter[str], name: str, outside: int
    ) -> bytes:
        labels = read_labels(data, self.decode, name)
        height, width = labels.levels.shape[:2]
        way = self.way((height, width), sample, notes)
        if way is None:
            return data
        return write_labels(labels._replace(levels=levels_along(labels.levels, way, outside)))


_MOVES: dict[str, Callable[[Follow, Sample, bytes, Counter[str]], bytes]] = {
    RECORD: Follow.record,
    MASK: Follow.mask,
    PANOPTIC: Follow.panoptic,
}


def _relations(record: dict[str, Any], notes: Counter[str]) -> None:
    """Leave out relations, which name objects by their id, of what is no longer there."""
    relations = record.get("relations") or {}
    pairs = list(zip(relations.get("subj", ()), relations.get("obj", ()), strict=False))
    there = {*record["objects"].get("id", ())}
    kept = [subject in there and other in there for subject, other in pairs]
    if all(kept):
        return
    notes["relation_left_out"] += kept.count(False)
    for name, column in relations.items():
        relations[name] = [value for value, keep in zip(column, kept, strict=False) if keep]
