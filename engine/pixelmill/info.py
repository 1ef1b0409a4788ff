"""Info: versions, processor, SIMD width and libraries, as benchmarks and bug reports want them."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pixelmill

PACKAGES = (
    "numpy", "numba", "llvmlite", "simplejpeg", "pyarrow", "fsspec", "webdataset", "ray",
    "pydantic", "s3fs", "gcsfs", "adlfs", "aiohttp", "pi-heif",
)  # fmt: skip


def info() -> dict[str, Any]:
    """Plain facts, by name; an optional package that is missing is "not installed"."""
    import PIL
    from PIL import features

    from pixelmill.executors import cores
    from pixelmill_kernels import simd

    return {
        "pixelmill": pixelmill.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": cores(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "simd": simd.describe(),
        "pillow": f"{'Pillow-SIMD' if is_pillow_simd() else 'Pillow'} {PIL.__version__}",
        "libjpeg_turbo_in_pillow": features.version_feature("libjpeg_turbo") or "no",
        "webp": features.version_module("webp") or "no",
        "avif": _feature("avif"),
        **{name: _version(name) for name in PACKAGES},
    }


def is_pillow_simd() -> bool:
    """Pillow-SIMD names its releases X.Y.Z.postN, as Pillow never did."""
    import PIL

    return ".post" in PIL.__version__


def _feature(name: str) -> str:
    from PIL import features

    return (features.version(name) or "no") if name in features.get_supported() else "no"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
