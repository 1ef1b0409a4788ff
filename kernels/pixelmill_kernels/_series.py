"""Series: logarithm and exponential from additions, multiplications and divisions alone.

Those of the C library and of NumPy differ in their last bit between machines, and a measure that
decides whether a sample is kept must not.
"""

import math

from pixelmill_kernels._jit import kernel


@kernel
def _log2(x: float) -> float:
    """The binary logarithm of x > 0, within 4e-16 of one unit or of its own size.

    x = m 2**e with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh(s), s = (m - 1) / (m + 1).  As
    |s| < 0.172, the term after the last is below 3e-18.
    """
    mantissa, exponent = math.frexp(x)
    if mantissa < math.sqrt(0.5):
        mantissa, exponent = 2.0 * mantissa, exponent - 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    power, total = s, 0.0
    for n in range(1, 23, 2):
        total += power / n
        power *= s * s
    return exponent + total * (2.0 / math.log(2.0))


@kernel
def _exp(x: float) -> float:
    """e**x, within 1e-15 of its size; 0 and infinity where float64 ends.

    x = n ln 2 + r with |r| < 0.35: the term after the last is below 1e-18.
    """
    if x < -745.0:
        return 0.0
    if x > 709.0:
        return math.inf
    n = math.floor(x / math.log(2.0) + 0.5)
    # ln 2 in two parts, of which the first has 32 bits: n times it is exact.
    rest = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10
    term, total = 1.0, 1.0
    for k in range(1, 18):
        term *= rest / k
        total += term
    return math.ldexp(total, int(n))
