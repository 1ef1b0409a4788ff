"""The one place where this package talks to Numba and LLVM.

Numba's decorators and all of llvmlite carry no types.  They are given types here, once, so that
every other file of the package is checked in full.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import llvmlite.ir  # type: ignore[import-untyped]  # llvmlite ships no types
import numba
import numba.extending
from numba.core import cgutils as _cgutils
from numba.core.typing import templates as _typing_templates

F = TypeVar("F", bound=Callable[..., Any])

Untyped: TypeAlias = Any  # a value that lives inside Numba or LLVM: a register, a type, a builder
ir: Untyped = llvmlite.ir
cgutils: Untyped = _cgutils
types: Untyped = numba.types
models: Untyped = numba.extending.models
_templates: Untyped = _typing_templates


# nogil: a worker's threads run kernels side by side.  cache: a second process loads instead of
# compiling.  error_model="numpy": a division costs no branch.  fastmath stays off: it would let
# the order of a sum depend on the machine.
_OPTIONS = {"nogil": True, "cache": True, "error_model": "numpy", "fastmath": False}


def kernel(function: F) -> F:
    """Compile `function` at its first call, or load it from the cache on disk."""
    return _compiled(function)


def piece(function: F) -> F:
    """Compile `function` into the kernels that call it.

    Left to LLVM, the loops of the resize were called with fifty values on the stack each time, a
    tenth of its time.
    """
    return _compiled(function, forceinline=True)


def _compiled(function: F, **more: bool) -> F:
    njit: Untyped = numba.njit
    dispatcher = njit(**_OPTIONS, **more)(function)
    # Numba takes code from the cache as long as the kernel's own file is the same.  What a kernel
    # calls lies in other files: after an upgrade, old code would go on giving old bytes.
    with suppress(AttributeError):  # a Numba that keeps it elsewhere is found by the tests
        dispatcher._cache._cache_file._source_stamp = _stamp()
    return cast(F, dispatcher)


@lru_cache(maxsize=1)
def _stamp() -> str:
    """One hash for all source files of this package: a millisecond."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def intrinsic(function: Callable[..., Any]) -> Untyped:
    """Make a function that writes LLVM instructions callable from kernels."""
    make: Untyped = numba.extending.intrinsic
    return make(function)


def operator_on(kind: type, symbol: Callable[..., Any], write: Callable[..., Any]) -> None:
    """Give an operator between two of a Numba type its instruction, `write(builder, a, b)`."""

    class Meaning(_templates.AbstractTemplate):  # type: ignore[misc]  # Numba's carry no types
        def generic(self, args: Untyped, kws: Untyped) -> Untyped:  # noqa: ARG002
            alike = len(args) == 2 and isinstance(args[0], kind) and args[0] == args[1]
            return _templates.signature(args[0], *args) if alike else None

    def lower(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:  # noqa: ARG001
        return write(builder, *args)

    _templates.infer_global(symbol)(Meaning)
    lower_builtin: Untyped = numba.extending.lower_builtin
    lower_builtin(symbol, kind, kind)(lower)


def register_model(kind: type) -> Untyped:
    """Say how values of a Numba type lie in memory."""
    register: Untyped = numba.extending.register_model
    return register(kind)


def times_compiled(function: Callable[..., Any]) -> int:
    """How many signatures of a kernel this process compiled because the cache did not hold them."""
    return sum(cast(Untyped, function).stats.cache_misses.values())


def compiled_for() -> tuple[str, str]:
    """The processor and its features that kernels of this process are compiled for."""
    from numba.core.registry import cpu_target  # here: it loads all of Numba's type inference

    target: Untyped = cpu_target
    _, cpu, features = target.target_context.codegen().magic_tuple()
    return str(cpu), str(features)
