"""The one place where this package talks to Numba and LLVM.

Numba's decorators and all of llvmlite carry no types.  They are given types here, once, so that
every other file of the package is checked in full.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import llvmlite.ir  # type: ignore[import-untyped]  # llvmlite ships no types
import numba
import numba.extending
from numba.core import cgutils as _cgutils

F = TypeVar("F", bound=Callable[..., Any])

Untyped: TypeAlias = Any  # a value that lives inside Numba or LLVM: a register, a type, a builder
ir: Untyped = llvmlite.ir
cgutils: Untyped = _cgutils
types: Untyped = numba.types
models: Untyped = numba.extending.models


def kernel(function: F) -> F:
    """Compile `function` at its first call, or load it from the cache on disk.

    nogil: a worker's threads run kernels side by side.  cache: a second process loads instead of
    compiling; the cache of a kernel is renewed when its own file changes, so touch the kernels
    after a change in simd.py.  error_model="numpy": a division costs no branch.  fastmath stays
    off: it would let the order of a sum depend on the machine.
    """
    compiled: Untyped = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=False)
    return cast(F, compiled(function))


def intrinsic(function: Callable[..., Any]) -> Untyped:
    """Make a function that writes LLVM instructions callable from kernels."""
    make: Untyped = numba.extending.intrinsic
    return make(function)


def register_model(kind: type) -> Untyped:
    """Say how values of a Numba type lie in memory."""
    register: Untyped = numba.extending.register_model
    return register(kind)


def compiled_here(function: Callable[..., Any]) -> tuple[int, int]:
    """How many signatures of a kernel this process has (loaded from the cache, compiled)."""
    stats = cast(Untyped, function).stats
    return sum(stats.cache_hits.values()), sum(stats.cache_misses.values())
