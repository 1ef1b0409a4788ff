"""Sample: the members that share one key, and the image among them; the thing that travels."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy.typing as npt

from pixelmill.geometry import IDENTITY, Affine, Map
from pixelmill.random import Randomness

Image = npt.NDArray[Any]


class Leg(NamedTuple):
    """One step of an image's way: where its pixels went, and the (height, width) that it then had,
    beyond which nothing is left."""

    by: Map
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample on its way.

    `key` is the members' common stem.  `fields` maps each member's extension ("jpg", "cls",
    "seg.png") to its bytes exactly as read, in the order read, the encoded image among them.
    `where` is the URL of the shard it came from, for messages.

    Once the image is found: `image_field` is the extension that holds it, `size` its (height,
    width) as displayed.  Once it is decoded: `image` is uint8 or uint16, shape (height, width,
    channels) with 1, 3 or 4 channels (gray, RGB, RGBA), of an array up to 16 channels and float32
    too, or what the last transform made of it; decoding may have scaled it down for the transform
    that comes next, while `size` stays that of full scale.
    `trail` is the way of its pixels from the full-scale source image, as displayed, to `image`.
    `touched` is true once the pixels are no longer those of the encoded bytes in `fields`.
    """

    key: str
    fields: dict[str, bytes] = field(default_factory=dict)
    where: str = ""
    image_field: str = ""
    size: tuple[int, int] = (0, 0)
    image: Image | None = None
    trail: tuple[Leg, ...] = ()
    touched: bool = False
    random: Randomness = field(default_factory=Randomness, compare=False)

    @property
    def pixels(self) -> Image:
        """The decoded image; ValueError where it has not been decoded."""
        if self.image is None:
            raise ValueError(f"sample {self.key!r} has not been decoded")
        return self.image

    @property
    def moved_by(self) -> Map:
        """The whole trail as one map: of the full-scale source image onto `image`."""
        by: Map = IDENTITY
        for leg in self.trail:
            by = by.then(leg.by)
        return by

    # Spelled out: dataclasses.replace takes four times as long, and every sample pays for it.

    def with_image(self, image: Image) -> "Sample":
        """The same sample with other levels in the same places."""
        return self._as(image, self.size, self.trail)

    def moved(self, image: Image, by: Map) -> "Sample":
        """The same sample with its pixels moved: `by` maps the present image onto `image`."""
        height, width = image.shape[:2]
        return self.along(image, (Leg(by, (height, width)),))

    def along(self, image: Image, legs: tuple[Leg, ...]) -> "Sample":
        """The same sample with its pixels moved by several steps, of which `image` came."""
        return self._as(image, legs[-1].size, (*self.trail, *legs))

    def peeked(self, field: str, size: tuple[int, int], random: Randomness) -> "Sample":
        """The same sample with its image found, and its draws."""
        return Sample(self.key, self.fields, self.where, field, size, random=random)

    def with_fields(self, fields: dict[str, bytes]) -> "Sample":
        """The same sample with other members beside its image."""
        return Sample(
            self.key, fields, self.where, self.image_field, self.size, self.image, self.trail,
            self.touched, self.random,
        )  # fmt: skip

    def encoded(self, fields: dict[str, bytes], image_field: str) -> "Sample":
        """The same sample as an output writes it: bytes, no pixels."""
        return Sample(
            self.key, fields, self.where, image_field, self.size, None, self.trail,
            self.touched, self.random,
        )  # fmt: skip

    def decoded(self, image: Image) -> "Sample":
        """The same sample with its pixels, decoded at full scale or less."""
        height, width = image.shape[:2]
        scaled = (height, width) != self.size
        by = Affine.scale(width / self.size[1], height / self.size[0])
        trail = (Leg(by, (height, width)),) if scaled else ()
        return self._as(image, self.size, trail, self.touched)

    def _as(
        self, image: Image, size: tuple[int, int], trail: tuple[Leg, ...], touched: bool = True
    ) -> "Sample":
        return Sample(
            self.key, self.fields, self.where, self.image_field, size, image, trail, touched,
            self.random,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drop:
    """A transform's answer for a sample that is left out on purpose: counted by `reason`."""

    reason: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A sample that cannot be processed, with its original members: counted by `reason`, kept."""

    key: str
    fields: dict[str, bytes]
    reason: str
    message: str
    where: str = ""
