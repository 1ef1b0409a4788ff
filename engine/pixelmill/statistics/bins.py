"""Bins: where a number belongs in a histogram that has room for any number, without logarithms.

The edges are 0, and 1 and 1.5 times every power of two: 1, 1.5, 2, 3, 4, 6, 8, 12 ...  They are
found from the number's own bits, so that no rounding moves it from one bin to the next.
"""

from functools import lru_cache
from math import frexp, ldexp

_LEAST = 2.0**-20  # of an image of a megapixel, one pixel
_MOST = 2.0**20


@lru_cache(4096)  # sizes and counts come again and again
def whole_bin(number: int) -> str:
    """The lower edge of the bin of a whole number: exact up to 4, then 4, 6, 8, 12 ..."""
    if number < 2:
        return str(max(number, 0))
    half = 1 << (number.bit_length() - 2)
    return str(half * 3 if number & half else half * 2)


def share_bin(number: float) -> str:
    """The lower edge of the bin of a share or a ratio; "0" below 2^-20, and for NaN."""
    if not number >= _LEAST:
        return "0"
    mantissa, exponent = frexp(min(number, _MOST))  # 0.5 <= mantissa < 1
    return _edge(exponent, mantissa >= 0.75)


@lru_cache(128)
def _edge(exponent: int, upper: bool) -> str:
    """Spelled once: a float's text takes longer than its bin."""
    return f"{ldexp(0.75 if upper else 0.5, exponent):.7g}"
