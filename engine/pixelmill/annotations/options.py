"""What a job may ask of annotations on their way."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

Pair = tuple[Annotated[int, Ge(0)], Annotated[int, Ge(0)]]


@dataclass(frozen=True, slots=True)
class Annotations:
    """Boxes, polygons, masks and keypoints, moved with the pixels of their image.

    They are those of a sample's `json` in pixelmill's schema, and the masks `seg.png` and
    `panoptic.png`.
    `move`: false leaves them as they are.
    `pixels`: what they were drawn on where EXIF turns the image: the pixels as "stored" (COCO, Open
    Images) or as "displayed".
    `min_size`: an object whose box is less wide or high afterwards is left out.
    `min_visibility`: so is one of whose box a smaller share than this is still in the image.
    `pairs`: keypoints that change names in a mirror, counted from 0; COCO's if left out.
    `outside`: the level of `seg.png` where an image was padded or turned.
    """

    move: bool = True
    pixels: Literal["stored", "displayed"] = "stored"
    min_size: Annotated[float, Ge(0)] = 1.0
    min_visibility: Annotated[float, Ge(0), Le(1)] = 0.0
    pairs: tuple[Pair, ...] | None = None
    outside: Annotated[int, Ge(0), Le(65535)] = 0
