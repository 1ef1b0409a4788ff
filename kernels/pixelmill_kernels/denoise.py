"""Denoise: the family that takes noise away, gathered; each kernel has a file of its own.

`median` against salt and pepper, `gaussian` against all that is fine, `bilateral` and `diffusion`
within edges, `nonlocal_means` where much repeats, `total_variation` for flat parts, `wavelet` for
the most in its time; `noise_level` tells how strong the noise is.
"""

from pixelmill_kernels.bilateral import bilateral
from pixelmill_kernels.diffusion import diffusion
from pixelmill_kernels.gaussian import gaussian
from pixelmill_kernels.median import median
from pixelmill_kernels.noise_level import noise_level
from pixelmill_kernels.nonlocal_means import nonlocal_means
from pixelmill_kernels.total_variation import total_variation
from pixelmill_kernels.wavelet import wavelet

__all__ = [
    "bilateral",
    "diffusion",
    "gaussian",
    "median",
    "noise_level",
    "nonlocal_means",
    "total_variation",
    "wavelet",
]
