"""Relations: which object is at, on or under which other; and of what it is made."""

from collections.abc import Mapping, Sequence

from pixelmill.labels.openimages.boxes import Boxes
from pixelmill.labels.table import Row

RELATIONS = (
    *("ImageID", "LabelName1", "LabelName2", "XMin1", "XMax1", "YMin1", "YMax1"),
    *("XMin2", "XMax2", "YMin2", "YMax2", "RelationshipLabel"),
)
_ATTRIBUTE = "is"
Relation = tuple[int, int, str]  # the id of the one, of the other, what is between them


def related(rows: Sequence[Row], boxes: Boxes, names: Mapping[str, str]) -> list[Relation]:
    """What the rows tell; "is Wooden" is of an object with itself."""
    found = []
    for mid, other, *corners, label in rows:
        one = boxes.place(mid, corners[:4])
        if label == _ATTRIBUTE:
            found.append((one, one, f"{label} {names.get(other, other)}"))
        else:
            found.append((one, boxes.place(other, corners[4:]), label))
    return found


def columns(found: Sequence[Relation], there: Sequence[int]) -> dict[str, list[int] | list[str]]:
    """The columns of a record; of objects that were left out nothing is told."""
    kept = [one for one in found if one[0] in there and one[1] in there]
    return {
        "subj": [one[0] for one in kept],
        "obj": [one[1] for one in kept],
        "label": [one[2] for one in kept],
    }
