"""Compiling: what it has cost so far, so that whoever times kernels can leave it out."""

from pixelmill_kernels._jit import seconds_compiling

__all__ = ["seconds_compiling"]
