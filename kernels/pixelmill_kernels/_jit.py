"""The place where this package talks to Numba and LLVM; `_cache` says where their code is kept.

Numba's decorators and all of llvmlite carry no types.  They are given types here, once, so that
every other file of the package is checked in full.
"""

import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeAlias, TypeVar, cast

import llvmlite.ir  # type: ignore[import-untyped]  # llvmlite ships no types
import numba
import numba.extending
from numba.core import cgutils as _cgutils
from numba.core import event as _events
from numba.core.typing import templates as _typing_templates

from pixelmill_kernels._cache import kept

F = TypeVar("F", bound=Callable[..., Any])

Untyped: TypeAlias = Any  # a value that lives inside Numba or LLVM: a register, a type, a builder
ir: Untyped = llvmlite.ir
cgutils: Untyped = _cgutils
types: Untyped = numba.types
models: Untyped = numba.extending.models
events: Untyped = _events
_templates: Untyped = _typing_templates


# nogil: a worker's threads run kernels side by side.  error_model="numpy": a division costs no
# branch.  fastmath stays off: it would let the order of a sum depend on the machine.
_OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": False}


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
    # In the place of cache=True: a second process loads instead of compiling.
    if (cache := kept(function)) is not None:
        dispatcher._cache = cache
    return cast(F, dispatcher)


def intrinsic(function: Callable[..., Any]) -> Untyped:
    """Make a function that writes LLVM instructions callable from kernels."""
    make: Untyped = numba.extending.intrinsic
    return make(function)


def operator_on(kind: Untyped, symbol: Callable[..., Any], write: Callable[..., Any]) -> None:
    """Give an operator with a `kind` on either side its instruction.

    On the other side may be any number, which comes to `write` as a float32.
    """

    class Meaning(_templates.AbstractTemplate):  # type: ignore[misc]  # Numba's carry no types
        def generic(self, args: Untyped, kws: Untyped) -> Untyped:  # noqa: ARG002
            others = [arg for arg in args if arg != kind]
            if len(others) == len(args) or not all(isinstance(arg, types.Number) for arg in others):
                return None
            return _templates.signature(kind, *(arg if arg == kind else number for arg in args))

    number = types.float32
    _templates.infer_global(symbol)(Meaning)
    lower_builtin: Untyped = numba.extending.lower_builtin
    for sides in ((kind, kind), (kind, number), (number, kind)):
        lower_builtin(symbol, *sides)(write)


def register_model(kind: type) -> Untyped:
    """Say how values of a Numba type lie in memory."""
    register: Untyped = numba.extending.register_model
    return register(kind)


def times_compiled(function: Callable[..., Any]) -> int:
    """How many signatures of a kernel this process compiled because the cache did not hold them."""
    return sum(cast(Untyped, function).stats.cache_misses.values())


class _Spent:
    """What a thread has spent within Numba's compiler lock, waiting for it included."""

    def __init__(self) -> None:
        self.depth, self.since, self.seconds = 0, 0.0, 0.0

    def __call__(self) -> float:
        """Seconds so far, those of what goes on now among them; any thread may ask."""
        since, depth = self.since, self.depth
        return self.seconds + (perf_counter() - since if depth else 0.0)


class _Compiling(threading.local):
    def __init__(self) -> None:
        self.spent = _Spent()


_compiling = _Compiling()
_told: list[Callable[[bool], object]] = []


class _Lock(events.Listener):  # type: ignore[misc]  # Numba carries no types
    """Numba takes this lock to compile and to load what was compiled, again while it holds it."""

    def on_start(self, event: Untyped) -> None:  # noqa: ARG002
        spent = _compiling.spent
        if not spent.depth:
            spent.since = perf_counter()
            for tell in _told:
                tell(True)
        spent.depth += 1

    def on_end(self, event: Untyped) -> None:  # noqa: ARG002
        spent = _compiling.spent
        if spent.depth == 1:  # counted twice for an instant rather than not at all
            spent.seconds += perf_counter() - spent.since
        spent.depth -= 1
        if not spent.depth:
            for tell in _told:
                tell(False)


class _Count(events.Listener):  # type: ignore[misc]
    """Counts what is compiled; what is loaded from disk is not."""

    def __init__(self) -> None:
        self.compiled = 0

    def on_start(self, event: Untyped) -> None:  # noqa: ARG002
        self.compiled += 1

    def on_end(self, event: Untyped) -> None: ...


_count = _Count()
events.register("numba:compiler_lock", _Lock())
events.register("numba:compile", _count)


def kernels_compiled() -> int:
    """How many kernels this process has compiled so far, signature by signature."""
    return _count.compiled


def seconds_compiling() -> float:
    """How long this thread has spent so far in compiling kernels, or in loading them."""
    return _compiling.spent()


def compiling_of_this_thread() -> Callable[[], float]:
    """What `seconds_compiling` tells of the thread that asks for it; any thread may ask that."""
    return _compiling.spent


def tell_of_compiling(tell: Callable[[bool], object]) -> None:
    """Have `tell` called, for ever, by a thread that begins (True) and ends (False) to do so."""
    _told.append(tell)


def compiled_for() -> tuple[str, str]:
    """The processor and its features that kernels of this process are compiled for."""
    from numba.core.registry import cpu_target  # here: it loads all of Numba's type inference

    target: Untyped = cpu_target
    _, cpu, features = target.target_context.codegen().magic_tuple()
    return str(cpu), str(features)
