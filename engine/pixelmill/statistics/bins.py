"""Bins: where a number belongs in a histogram that has room for any number, without logarithms.

The edges are 0, and 1 and 1.5 times every power of two: 1, 1.5, 2, 3, 4, 6, 8, 12 ...  They are
found from the number's own bits, so that no rounding moves it from one bin to the next.
"""

from functools import lru_cache
from math import frexp, ldexp


@lru_cache(4096)  # sizes and counts come again and again
def whole_bin(number: int) -> str:
    """The lower edge of the bin of a whole number: exact up to 4, then 4, 6, 8, 12 ..."""
    if number < 2:
        return str(max(number, 0))
    half = 1 << (number.bit_length() - 2)
    return str(half * 3 if number & half else half * 2)


def share_bin(number: float, least: float = 2.0**-20) -> str:
    """The lower edge of the bin of a share or a ratio; "0" for what is below `least`."""
    if not number >= least:  # nor for what is no number
        return "0"
    mantissa, exponent = frexp(min(number, 2.0**20))  # 0.5 <= mantissa < 1
    return f"{ldexp(0.75 if mantissa >= 0.75 else 0.5, exponent):.7g}"
