"""Affine, Projective, Deformation: where a pixel of the source image has gone.

One continuous convention: an image spans [0, width] x [0, height], pixel i covers [i, i + 1) and
its centre is i + 0.5.  Every geometric transform states its map in it, and the maps compose, so
that boxes, masks and keypoints can follow the pixels.
"""

import math
from typing import Any, NamedTuple, Protocol, overload

import numpy.typing as npt

Point = tuple[float, float]
Field = npt.NDArray[Any]


class Map(Protocol):
    """Where points go: `map(x, y)`; `map.then(after)` is first this map, then `after`."""

    def __call__(self, x: float, y: float) -> Point: ...

    def then(self, after: Any) -> "Map": ...


class Affine(NamedTuple):
    """x' = a x + b y + c and y' = d x + e y + f, in pixels of the image before and after."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0

    @classmethod
    def scale(cls, x: float, y: float) -> "Affine":
        return cls(x, 0.0, 0.0, 0.0, y, 0.0)

    @classmethod
    def shift(cls, x: float, y: float) -> "Affine":
        return cls(1.0, 0.0, x, 0.0, 1.0, y)

    @classmethod
    def flip_x(cls, width: float) -> "Affine":
        return cls(-1.0, 0.0, width, 0.0, 1.0, 0.0)

    @classmethod
    def flip_y(cls, height: float) -> "Affine":
        return cls(1.0, 0.0, 0.0, 0.0, -1.0, height)

    @classmethod
    def rotate(cls, degrees: float) -> "Affine":
        """Counter-clockwise about (0, 0) as an image is seen: y points down."""
        cos, sin = _cos_sin(degrees)
        return cls(cos, sin, 0.0, -sin, cos, 0.0)

    @classmethod
    def shear(cls, x: float, y: float) -> "Affine":
        """Lean upright lines by `x` degrees and level ones by `y`, each below 90."""
        (cos_x, sin_x), (cos_y, sin_y) = _cos_sin(x), _cos_sin(y)
        return cls(1.0, sin_x / cos_x, 0.0, sin_y / cos_y, 1.0, 0.0)

    def about(self, x: float, y: float) -> "Affine":
        """The same map with (x, y) in the place of (0, 0)."""
        return Affine.shift(-x, -y).then(self).then(Affine.shift(x, y))

    @property
    def inverse(self) -> "Affine":
        """The way back; ZeroDivisionError where there is none."""
        over = self.a * self.e - self.b * self.d
        a, b, d, e = self.e / over, -self.b / over, -self.d / over, self.a / over
        return Affine(a, b, -(a * self.c + b * self.f), d, e, -(d * self.c + e * self.f))

    @property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """As kernels take it."""
        return self[:3], self[3:]

    @overload
    def then(self, after: "Affine") -> "Affine": ...
    @overload
    def then(self, after: Map) -> Map: ...
    def then(self, after: Map) -> Map:
        """First this map, then `after`."""
        if type(after) is not Affine:
            return _joined(self, after)
        return Affine(
            after.a * self.a + after.b * self.d,
            after.a * self.b + after.b * self.e,
            after.a * self.c + after.b * self.f + after.c,
            after.d * self.a + after.e * self.d,
            after.d * self.b + after.e * self.e,
            after.d * self.c + after.e * self.f + after.f,
        )

    def __call__(self, x: float, y: float) -> Point:
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f


IDENTITY = Affine()


class Projective(NamedTuple):
    """x' = (a x + b y + c) / w and y' = (d x + e y + f) / w, with w = g x + h y + i."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    g: float
    h: float
    i: float

    @classmethod
    def of(
        cls, corners: tuple[Point, Point, Point, Point], width: float, height: float
    ) -> "Projective":
        """The map that takes an image's corners, clockwise from (0, 0), to these four points.

        Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.3.
        """
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
        far_x, far_y = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
        right, down = (x1 - x2, y1 - y2), (x3 - x2, y3 - y2)
        area = right[0] * down[1] - down[0] * right[1]
        g = (far_x * down[1] - down[0] * far_y) / area
        h = (right[0] * far_y - far_x * right[1]) / area
        unit = (
            *(x1 - x0 + g * x1, x3 - x0 + h * x3, x0),
            *(y1 - y0 + g * y1, y3 - y0 + h * y3, y0),
            *(g, h, 1.0),
        )
        shares = (1.0 / width, 1.0 / height, 1.0)
        return cls(*(number * shares[n % 3] for n, number in enumerate(unit)))

    @property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """As kernels take it."""
        return self[:3], self[3:6], self[6:]

    def then(self, after: Map) -> Map:
        """First this map, then `after`."""
        return _joined(self, after)

    def __call__(self, x: float, y: float) -> Point:
        w = self.g * x + self.h * y + self.i
        return (self.a * x + self.b * y + self.c) / w, (self.d * x + self.e * y + self.f) / w


class Deformation:
    """A map that says for each pixel where it came from: (dx, dy) away, float32 (height, width).

    Where a point goes is found by following the field backwards, again and again: exact to a
    hundredth of a pixel where the field's slope stays below one half, as it does unless the image
    folds over itself.
    """

    __slots__ = ("dx", "dy")

    def __init__(self, dx: Field, dy: Field) -> None:
        self.dx, self.dy = dx, dy

    def then(self, after: Map) -> Map:
        """First this map, then `after`."""
        return _joined(self, after)

    def __call__(self, x: float, y: float) -> Point:
        to_x, to_y = x, y
        for _ in range(50):
            shift_x, shift_y = self.shift(to_x, to_y)
            moved = abs(x - shift_x - to_x) + abs(y - shift_y - to_y)
            to_x, to_y = x - shift_x, y - shift_y
            if moved < 1e-3:
                break
        return to_x, to_y

    def shift(self, x: float, y: float) -> Point:
        """(dx, dy) at a place of the deformed image, between pixels and beyond its border too."""
        (left, right, u), (top, bottom, v) = (
            _around(place, count) for place, count in zip((x, y), self.dx.shape[::-1], strict=True)
        )
        upper, lower = (
            [field[row, left] * (1 - u) + field[row, right] * u for field in (self.dx, self.dy)]
            for row in (top, bottom)
        )
        one, other = (float(a * (1 - v) + b * v) for a, b in zip(upper, lower, strict=True))
        return one, other


class Path(NamedTuple):
    """Maps that no single one can stand for, one after the other."""

    maps: tuple[Map, ...]

    def then(self, after: Map) -> Map:
        """First this map, then `after`."""
        return _joined(self, after)

    def __call__(self, x: float, y: float) -> Point:
        for part in self.maps:
            x, y = part(x, y)
        return x, y


def _joined(first: Map, second: Map) -> Map:
    """One map where both are matrices, and else the shortest path of both."""
    before, after = _parts(first), _parts(second)
    one, other = before[-1], after[0]
    if isinstance(one, Affine | Projective) and isinstance(other, Affine | Projective):
        middle = _product(one, other)
        maps = (*before[:-1], middle, *after[1:])
    else:
        maps = (*before, *after)
    return maps[0] if len(maps) == 1 else Path(maps)


def _parts(of: Map) -> tuple[Map, ...]:
    return of.maps if isinstance(of, Path) else (of,)


def _product(first: Affine | Projective, second: Affine | Projective) -> Affine | Projective:
    if isinstance(first, Affine) and isinstance(second, Affine):
        return first.then(second)
    one, other = ((*of, 0.0, 0.0, 1.0)[:9] for of in (first, second))
    return Projective(
        *(
            sum(other[3 * row + k] * one[3 * k + column] for k in range(3))
            for row in range(3)
            for column in range(3)
        )
    )


def _around(place: float, count: int) -> tuple[int, int, float]:
    """The pixels before and after a place, and the fraction between their centres."""
    index = min(max(place - 0.5, 0.0), count - 1.0)
    before = int(index)
    return before, min(before + 1, count - 1), index - before


def _cos_sin(degrees: float) -> Point:
    """Cosine and sine by their own series: exact for quarter turns, the same on every machine.

    Those of the C library differ in their last bit between machines, and once in many images that
    would be another byte.
    """
    quarters = math.floor(degrees / 90 + 0.5)
    angle = math.radians(degrees - 90 * quarters)  # within 45 degrees
    terms = [1.0]
    for n in range(1, 20):  # the term after the last is below 1e-20
        terms.append(terms[-1] * angle / n)
    cos = sum(term if n % 2 == 0 else -term for n, term in enumerate(terms[::2]))
    sin = sum(term if n % 2 == 0 else -term for n, term in enumerate(terms[1::2]))
    return ((cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos))[quarters % 4]
