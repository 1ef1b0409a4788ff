"""Compiling: what it has cost so far, so that whoever times kernels can leave it out."""

from pixelmill_kernels._jit import (
    compiling_of_this_thread,
    seconds_compiling,
    tell_of_compiling,
)

__all__ = ["compiling_of_this_thread", "seconds_compiling", "tell_of_compiling"]
