"""Target: what kernels are compiled for, and how wide its vectors are."""

from typing import NamedTuple

from pixelmill_kernels._jit import compiled_for


class Target(NamedTuple):
    """What kernels are compiled for: the processor, its vectors, and whether fma is one step."""

    cpu: str
    bits: int
    fma: bool


def target() -> Target:
    """The machine as LLVM sees it; NUMBA_CPU_NAME and NUMBA_CPU_FEATURES change it."""
    cpu, text = compiled_for()
    features = set(text.split(","))
    widths = (("+avx512bw", 512), ("+avx2", 256), ("+avx", 256))
    bits = next((bits for name, bits in widths if name in features), 128)
    return Target(cpu, bits, "+fma" in features or "+neon" in features)


def describe() -> str:
    """The same in words: "256-bit vectors, fma, znver3"."""
    cpu, bits, fma_ = target()
    return f"{bits}-bit vectors, {'fma' if fma_ else 'no fma (slow)'}, {cpu}"


def width() -> int:
    """Bits of the widest vector that kernels use here."""
    return target().bits
