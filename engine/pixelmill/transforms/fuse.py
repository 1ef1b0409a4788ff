"""Fuse: neighbours in a job that one kernel does in one go, with the same bytes and the same map.

Resize or RandomResizedCrop, then CenterCrop, Flip and Normalize, as many of them as follow in that
order: only the pixels that are kept are computed, once, and no image lies in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pixelmill.geometry import Affine
from pixelmill.sample import Drop, Image, Leg, Sample
from pixelmill.transforms.center_crop import CenterCrop
from pixelmill.transforms.flip import Flip
from pixelmill.transforms.normalize import Normalize
from pixelmill.transforms.random_resized_crop import RandomResizedCrop
from pixelmill.transforms.resize import Resize
from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.resize import resize

Transform = Callable[[Sample], Sample | Drop]
Named = tuple[str, Transform]
Canvas = Callable[[tuple[int, ...], str], Image | None]
"""Makes the array of a shape and dtype that an image is to be written into, or none."""
Size = tuple[int, int]
Rectangle = tuple[int, int, int, int]


def _no_canvas(_: tuple[int, ...], __: str) -> None:
    """The kernel makes an array of its own."""


@dataclass(slots=True)
class View:
    """What is to become of an image: `crop` of it scaled to `size`, of that `window`, mirrored."""

    size: Size
    filter: str = "bicubic"
    antialias: bool = True
    crop: Rectangle | None = None
    window: Rectangle | None = None
    mirror: bool = False
    legs: list[Leg] = field(default_factory=list)  # of the steps that move pixels

    @property
    def kept(self) -> Size:
        return self.size if self.window is None else self.window[2:]


@dataclass(frozen=True, slots=True)
class Fused:
    """Neighbours made one; each still draws under its own name.

    Floats are made as an array is written, in `layout` and `dtype`, so that nothing is left to do;
    what is returned has the shape (height, width, channels) in any case.  They are written into
    what `canvas` makes, where it makes something.
    """

    parts: tuple[Named, ...]
    layout: str = "hwc"
    dtype: str = "float32"
    canvas: Canvas = field(default=_no_canvas, compare=False, repr=False)

    @property
    def least(self) -> Callable[[Size], Size] | None:
        """What decoding may scale down to; a random crop may be of any part, so it says nothing."""
        scaling = self.parts[0][1]
        return scaling.target if isinstance(scaling, Resize) else None

    def __call__(self, sample: Sample) -> Sample:
        view = View(sample.pixels.shape[:2])
        for name, step in self.parts:
            sample.random.step(name)
            look = _LOOKS.get(type(step))
            if look:
                look(step, sample, view)
        last = self.parts[-1][1]
        if not view.legs:
            return last(sample) if isinstance(last, Normalize) else sample
        if isinstance(last, Normalize):
            image = self._floats(sample.pixels, view, last)
        else:
            image = self._levels(sample.pixels, view)
        return sample.along(image, tuple(view.legs))

    def _levels(self, image: Image, view: View) -> Image:
        return resize(
            image, view.size, view.filter, crop=view.crop, window=view.window, mirror=view.mirror,
            antialias=view.antialias,
            out=self.canvas((*view.kept, image.shape[2]), image.dtype.name),
        )  # fmt: skip

    def _floats(self, image: Image, view: View, normalize: Normalize) -> Image:
        mean, std = normalize.spread(image.shape[2])
        # what float16 cannot hold is left to the encoder, which refuses it in words
        half = self.dtype == "float16" and image.dtype.kind == "u" and normalize.reach < 65504
        dtype, bands = "float16" if half else "float32", image.shape[2]
        shape = (bands, *view.kept) if self.layout == "chw" else (*view.kept, bands)
        floats = resize_normalize(
            image, view.size, mean, std, view.filter, crop=view.crop, window=view.window,
            mirror=view.mirror, antialias=view.antialias, layout=self.layout, dtype=dtype,
            out=self.canvas(shape, dtype),
        )  # fmt: skip
        return floats.transpose(1, 2, 0) if self.layout == "chw" else floats


def _scaled(step: Resize, sample: Sample, view: View) -> None:
    height, width = sample.pixels.shape[:2]
    view.size, view.filter, view.antialias = step.target(sample.size), step.filter, step.antialias
    if view.size != (height, width):
        by = Affine.scale(view.size[1] / width, view.size[0] / height)
        view.legs.append(Leg(by, view.size))


def _scaled_part(step: RandomResizedCrop, sample: Sample, view: View) -> None:
    height, width = sample.pixels.shape[:2]
    view.crop = step.rectangle(height, width, sample.random)
    view.size, view.filter = step.goal, step.filter
    view.legs.append(Leg(step.map(view.crop), view.size))


def _cropped(step: CenterCrop, _: Sample, view: View) -> None:
    window = step.window(*view.size)
    if window[2:] != view.size:
        view.window = window
        view.legs.append(Leg(Affine.shift(-window[1], -window[0]), view.kept))


def _flipped(step: Flip, sample: Sample, view: View) -> None:
    if step.drawn(sample.random):
        view.mirror = True
        view.legs.append(Leg(Affine.flip_x(view.kept[1]), view.kept))


_LOOKS: dict[type, Callable[[Any, Sample, View], None]] = {
    Resize: _scaled,
    RandomResizedCrop: _scaled_part,
    CenterCrop: _cropped,
    Flip: _flipped,
}
_ORDER = {Resize: 0, RandomResizedCrop: 0, CenterCrop: 1, Flip: 2, Normalize: 3}


def fused(steps: Sequence[Named], layout: str = "hwc", dtype: str = "float32") -> list[Named]:
    """The same transforms, each under its name, with such neighbours made one.

    `layout` and `dtype` are those in which an output writes the floats of the last.
    """
    found: list[Named] = []
    parts: list[Named] = []
    for name, step in steps:
        if not (parts and _follows(parts[-1][1], step)):
            found += _joined(parts)
            parts = []
        parts.append((name, step))
    found += _joined(parts)
    name, last = found[-1] if found else ("", None)
    if isinstance(last, Fused):
        found[-1] = name, replace(last, layout=layout, dtype=dtype)
    return found


def onto(canvas: Canvas, steps: Sequence[Named]) -> Sequence[Named]:
    """The same transforms; the last of them writes into what `canvas` makes, where it can."""
    name, last = steps[-1] if steps else ("", None)
    if not isinstance(last, Fused):
        return steps
    return [*steps[:-1], (name, Fused(last.parts, last.layout, last.dtype, canvas))]


def _follows(before: Transform, step: Transform) -> bool:
    """Whether one kernel can do both, where it does `before` already."""
    first, second = _ORDER.get(type(before)), _ORDER.get(type(step))
    if first is None or second is None or first >= second:
        return False
    if isinstance(before, Resize) and before.mode == "pad":
        return False
    if isinstance(step, Normalize) and step.mode != "mean_std":  # it looks at the image first
        return False
    return not (isinstance(step, Flip) and step.axis == "vertical")


def _joined(parts: list[Named]) -> list[Named]:
    if len(parts) < 2 or _ORDER.get(type(parts[0][1])) != 0:
        return parts
    return [(" + ".join(name for name, _ in parts), Fused(tuple(parts)))]
