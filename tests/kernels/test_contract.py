"""What every public kernel promises, asked of all of them.

The kernels are those that the modules name in `__all__`; one that has no line in the tables below
fails here.  What a kernel computes is tested in its own file.
"""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import pixelmill_kernels

BYTES, LEVELS = (np.uint8,), (np.uint8, np.uint16)
STORED, NUMBERS = (*LEVELS, np.int16), (*LEVELS, np.float32)
COLOURS, RGB, BANDS = (1, 3, 4), (3, 4), (1, 2, 3, 13, 16)
MATRIX = ((0.9, 0.2, -1.0), (-0.1, 1.1, 0.5))
STEPS = (("hue", 0.2), ("brightness", 1.2), ("contrast", 0.7), ("saturation", 1.6))
TABLE = np.arange(300, dtype=np.uint8)


class Promise(NamedTuple):
    """How to call a kernel, and what it takes."""

    call: Callable[..., object]  # (kernel, image, and out=)
    dtypes: tuple[type, ...] = NUMBERS
    channels: tuple[int, ...] = COLOURS


def plain(kernel, image, **out):
    return kernel(image, **out)


def half(image):
    return (0.5,) * image.shape[-1]


def field(image):
    height, width = image.shape[:2]
    return np.linspace(-2, 9, height * width, dtype=np.float32).reshape(height, width)


# fmt: off
# What follows a comma tells apart the ways to call one kernel.
IMAGES = {
    "artefacts.jpeg_artefacts": Promise(lambda f, i, **o: f(i, 40, **o), BYTES),
    "artefacts.jpeg_artefacts, 4:4:4": Promise(lambda f, i, **o: f(i, 40, False, **o), BYTES),
    "bands.select": Promise(lambda f, i, **o: f(i, (0, 0), **o), channels=BANDS),
    "bilateral.bilateral": Promise(lambda f, i, **o: f(i, 60, **o)),
    "blend.brightness": Promise(lambda f, i, **o: f(i, 1.4, **o), BYTES),
    "blend.contrast": Promise(lambda f, i, **o: f(i, 0.6, **o), BYTES),
    "blend.saturation": Promise(lambda f, i, **o: f(i, 1.7, **o), BYTES),
    "blur.motion_blur": Promise(lambda f, i, **o: f(i, 7, 30, **o)),
    "blur.motion_blur, long": Promise(lambda f, i, **o: f(i, 40, 100, **o)),
    "clahe.clahe": Promise(plain, LEVELS),
    "diffusion.diffusion": Promise(lambda f, i, **o: f(i, 40, **o)),
    "equalize.autocontrast": Promise(lambda f, i, **o: f(i, 2, **o), BYTES),
    "equalize.equalize": Promise(plain, BYTES),
    "erase.erase": Promise(lambda f, i, **o: f(i, [(0, 0, 1, 1)], "noise", **o), LEVELS),
    "erase.erase, mean": Promise(lambda f, i, **o: f(i, [(0, 0, 1, 1)], "mean", **o), LEVELS),
    "fused.resize_normalize": Promise(
        lambda f, i, **o: f(i, (7, 9), half(i), half(i), **o), channels=BANDS
    ),
    "fused.resize_normalize, float16": Promise(
        lambda f, i, **o: f(i, (7, 9), half(i), half(i), layout="hwc", dtype=np.float16, **o)
    ),
    "gaussian.gaussian": Promise(lambda f, i, **o: f(i, 0.8, **o)),
    "geometry.crop": Promise(lambda f, i, **o: f(i, 0, 0, *i.shape[:2], **o), channels=BANDS),
    "geometry.flip": Promise(plain, channels=BANDS),
    "geometry.pad": Promise(lambda f, i, **o: f(i, 1, 2, 3, 4, "reflect", **o), channels=BANDS),
    "geometry.rotate90": Promise(plain, channels=BANDS),
    "grayscale.grayscale": Promise(lambda f, i, **o: f(i, 3, **o), LEVELS),
    "grayscale.grayscale, one channel": Promise(plain, LEVELS),
    "hsv.hsv_to_rgb": Promise(plain, BYTES, RGB),
    "hsv.hue": Promise(lambda f, i, **o: f(i, 0.2, **o), BYTES),
    "hsv.rgb_to_hsv": Promise(plain, BYTES, RGB),
    "jitter.jitter": Promise(lambda f, i, **o: f(i, STEPS, **o), BYTES),
    "levels.gamma": Promise(lambda f, i, **o: f(i, 0.7, **o), BYTES),
    "levels.invert": Promise(plain, LEVELS),
    "levels.posterize": Promise(lambda f, i, **o: f(i, 3, **o), LEVELS),
    "levels.solarize": Promise(lambda f, i, **o: f(i, 100, **o), LEVELS),
    "lookup.lookup": Promise(lambda f, i, **o: f(i, TABLE, 9, **o), STORED, BANDS),
    "median.median": Promise(plain, LEVELS),
    "median.median, 5 x 5": Promise(lambda f, i, **o: f(i, 5, **o), LEVELS),
    "mix.cutmix": Promise(lambda f, i, **o: f(i, i, (0, 0, 1, 1), **o)),
    "mix.mixup": Promise(lambda f, i, **o: f(i, i, 0.4, **o)),
    "noise.gaussian": Promise(lambda f, i, **o: f(i, 9, 1, **o), LEVELS),
    "noise.gaussian, shared": Promise(lambda f, i, **o: f(i, 9, 1, True, **o), LEVELS),
    "noise.speckle": Promise(lambda f, i, **o: f(i, 0.1, 1, **o), LEVELS),
    "nonlocal_means.nonlocal_means": Promise(lambda f, i, **o: f(i, 9, search=9, **o)),
    "normalize.normalize": Promise(lambda f, i, **o: f(i, half(i), half(i), **o), channels=BANDS),
    "normalize.normalize, hwc": Promise(
        lambda f, i, **o: f(i, half(i), half(i), "hwc", **o), channels=BANDS
    ),
    "poisson.poisson": Promise(lambda f, i, **o: f(i, 90, 1, **o), LEVELS),
    "remap.displace": Promise(lambda f, i, **o: f(i, field(i), field(i), **o)),
    "remap.remap": Promise(lambda f, i, **o: f(i, field(i), field(i), **o)),
    "resize.resize": Promise(lambda f, i, **o: f(i, (5, 40), **o), channels=BANDS),
    "resize.resize, lanczos": Promise(lambda f, i, **o: f(i, (2, 3), "lanczos", **o)),
    "salt_and_pepper.salt_and_pepper": Promise(lambda f, i, **o: f(i, 0.3, 1, **o), LEVELS),
    "salt_and_pepper.salt_and_pepper, coloured": Promise(
        lambda f, i, **o: f(i, 0.3, 1, 0.5, False, **o), LEVELS
    ),
    "sharpness.sharpness": Promise(lambda f, i, **o: f(i, 1.8, **o), BYTES),
    "standardize.min_max": Promise(plain, channels=BANDS),
    "standardize.standardize": Promise(plain, channels=BANDS),
    "stretch.stretch": Promise(plain, LEVELS, BANDS),
    "stretch.stretch, by channel": Promise(
        lambda f, i, **o: f(i, per="channel", **o), LEVELS, BANDS
    ),
    "total_variation.total_variation": Promise(lambda f, i, **o: f(i, 10, **o)),
    "warp.affine": Promise(lambda f, i, **o: f(i, MATRIX, **o)),
    "warp.affine, bicubic": Promise(lambda f, i, **o: f(i, MATRIX, None, "bicubic", **o)),
    "warp.perspective": Promise(lambda f, i, **o: f(i, (*MATRIX, (1e-3, 0.0, 1.0)), **o)),
    "wavelet.wavelet": Promise(lambda f, i, **o: f(i, 15, **o)),
    "weigh.weigh": Promise(lambda f, i, **o: f([i, i], (0.3, 0.6), **o), BYTES),
    "window.window": Promise(lambda f, i, **o: f(i, 99, 60, **o), STORED, BANDS),
    "ycbcr.rgb_to_ycbcr": Promise(plain, BYTES, RGB),
    "ycbcr.ycbcr_to_rgb": Promise(plain, BYTES, RGB),
}
MEASURES = {
    "digest.pixel_digest": Promise(plain, channels=BANDS),
    "exposure.brightness_histogram": Promise(plain, LEVELS),
    "hashing.average_hash": Promise(plain, BYTES),
    "hashing.difference_hash": Promise(plain, BYTES),
    "hashing.perceptual_hash": Promise(plain, BYTES),
    "histogram.histogram": Promise(plain, LEVELS, BANDS),
    "laplacian.laplacian_variance": Promise(plain, LEVELS),
    "noise_level.noise_level": Promise(plain),
    "statistics.channel_sums": Promise(plain, LEVELS, BANDS),
}
# fmt: on
KERNELS = IMAGES | MEASURES
# They take no image: their own tests say what they promise.
OTHERS = {
    *("blur.line", "elastic.elastic_field", "filters.Table", "filters.nearest", "filters.table"),
    *("hashing.hamming", "histogram.entropy", "histogram.percentiles", "mix.cutmix_part"),
    *("compiling.compiling_of_this_thread", "compiling.seconds_compiling"),
    *("compiling.tell_of_compiling", "rng.bits", "rng.normal", "rng.uniform"),
    *("overlap.box_iou", "polygon.clip", "polygon.fill", "polygon.measure"),
    *("rle.area", "rle.box", "rle.decode", "rle.encode", "rle.expect_counts"),
    *("rle.from_text", "rle.pick", "rle.to_text", "rle.union", "warmup.Warmed", "warmup.warmup"),
}
# What `resize` and `fused` share, and nobody else is promised.
INNER = {f"resize.{name}" for name in ("Sink", "checked", "scale", "shrink", "whole_factor")}
SIZES = [(1, 1), (1, 2), (1, 17), (19, 1), (2, 3), (13, 31), (16, 16), (33, 67)]

every_kernel = pytest.mark.parametrize("name", KERNELS)
every_image = pytest.mark.parametrize("name", IMAGES)


def modules(*, private=False):
    """Every module but `simd`, whose functions are parts of kernels, by its last name."""
    names = [found.name for found in pkgutil.iter_modules(pixelmill_kernels.__path__)]
    chosen = (name for name in names if name != "simd" and (private or name[0] != "_"))
    return {name: importlib.import_module(f"pixelmill_kernels.{name}") for name in chosen}


def kernel_of(name):
    module, _, function = name.partition(",")[0].partition(".")
    return getattr(importlib.import_module(f"pixelmill_kernels.{module}"), function)


def cases(name, sizes=SIZES):
    """An image of every dtype, number of channels and size that a kernel takes."""
    rng = np.random.default_rng(7)
    for dtype in KERNELS[name].dtypes:
        for channels in KERNELS[name].channels:
            for size in sizes:
                yield rng.integers(0, 256, (*size, channels)).astype(dtype)


def ran(name, image, **out):
    return KERNELS[name].call(kernel_of(name), image, **out)


def content(result):
    return repr(result) if not isinstance(result, np.ndarray) else result.tobytes()


# The tables are whole


def test_every_public_module_names_its_kernels_in_order():
    for name, module in modules().items():
        assert module.__all__ == sorted(module.__all__), name
        own = {
            f"{name}.{key}"
            for key, value in vars(module).items()
            if key[0] != "_" and getattr(value, "__module__", "") == module.__name__
            if inspect.isroutine(value) or inspect.isclass(value) or hasattr(value, "cache_info")
        }
        told = {f"{name}.{key}" for key in module.__all__}
        assert own - INNER <= told, "name it in __all__, or begin it with _"


def test_every_public_kernel_has_a_line_here():
    """Under the module it is written in, where another gathers it, as `denoise` does."""
    told = set()
    for name, module in modules().items():
        for key in module.__all__:
            home = getattr(getattr(module, key), "__module__", "").rpartition(".")[2]
            if callable(getattr(module, key)):
                told.add(f"{home if home in modules() else name}.{key}")
    assert told == {name.partition(",")[0] for name in KERNELS} | OTHERS


# What is checked at the door


@every_kernel
def test_what_cannot_be_taken_is_refused_with_the_mend(name):
    image = next(cases(name, [(8, 12)]))
    with pytest.raises(ValueError, match=r"not C-contiguous .*pass np\.ascontiguousarray\("):
        ran(name, image[:, ::2])
    with pytest.raises(ValueError, match=r"must have shape \(height, width, channels\)"):
        ran(name, np.zeros((4, 4), image.dtype))
    with pytest.raises(ValueError, match="channels and not be empty"):
        ran(name, np.zeros((4, 4, 17), image.dtype))
    with pytest.raises(TypeError, match="got float64; decode first, convert last"):
        ran(name, image.astype(np.float64))


@every_image
def test_out_of_another_kind_is_refused(name):
    image = next(cases(name, [(8, 12)]))
    right = ran(name, image)
    fixed = right.copy()
    fixed.flags.writeable = False
    wrong = {
        "of another shape": np.empty((*right.shape, 2), right.dtype),
        "of another dtype": np.empty(right.shape, np.complex128),
        "strided": np.empty((*right.shape[:-1], 2 * right.shape[-1]), right.dtype)[..., ::2],
        "read-only": fixed,
    }
    for kind, out in wrong.items():
        print(kind)  # for whom this test fails
        with pytest.raises(ValueError, match="out must be a C-contiguous, writeable"):
            ran(name, image, out=out)
    with pytest.raises(TypeError, match="out must be a NumPy array, got list"):
        ran(name, image, out=right.tolist())


@every_image
def test_out_may_not_lie_over_the_image(name):
    image = next(cases(name, [(8, 12)]))
    right = ran(name, image)
    room = np.zeros(image.nbytes + right.nbytes, np.uint8)
    source = room[: image.nbytes].view(image.dtype).reshape(image.shape)
    start = image.nbytes - image.itemsize
    start -= start % right.itemsize
    out = room[start : start + right.nbytes].view(right.dtype).reshape(right.shape)
    with pytest.raises(ValueError, match="out shares memory with"):
        ran(name, source, out=out)


# What is read, written and returned


@every_image
def test_out_is_written_in_full_and_returned(name):
    for image in cases(name, [(1, 1), (13, 31)]):
        before = image.copy()
        right = ran(name, image)
        for level in (0x00, 0xA5):
            out = np.full(right.nbytes, level, np.uint8).view(right.dtype).reshape(right.shape)
            assert ran(name, image, out=out) is out
            assert out.tobytes() == right.tobytes()
        assert image.tobytes() == before.tobytes()


@every_kernel
def test_an_image_that_is_read_only_is_taken(name):
    image = next(cases(name, [(13, 31)]))
    right = content(ran(name, image))
    image.flags.writeable = False
    assert content(ran(name, image)) == right


def between_guards(array, *, at_end, read_only=False):
    """The array against a page that cannot be read or written, behind it or before it."""
    import ctypes
    import mmap

    page = mmap.PAGESIZE
    size = -(-array.nbytes // page) * page
    room = mmap.mmap(-1, size + 2 * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(room))
    bytes_ = np.frombuffer(room, np.uint8, size, page)
    inside = bytes_[size - array.nbytes :] if at_end else bytes_[: array.nbytes]
    inside = inside.view(array.dtype).reshape(array.shape)
    inside[:] = array
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protected = [(start, page, 0), (start + page + size, page, 0)]
    protected += [(start + page, size, mmap.PROT_READ)] if read_only else []
    for address, length, how in protected:
        assert protect(ctypes.c_void_p(address), ctypes.c_size_t(length), how) == 0
    return inside


def run_between_guards():
    """Every kernel, told before it starts: the last one told is the one that went astray."""
    for name in KERNELS:
        print(name, flush=True)
        for image in cases(name):
            right = ran(name, image)
            for at_end in (True, False):
                source = between_guards(image, at_end=at_end, read_only=True)
                if name in MEASURES:
                    assert content(ran(name, source)) == content(right)
                    continue
                out = between_guards(np.zeros_like(right), at_end=at_end)
                ran(name, source, out=out)
                assert out.tobytes() == right.tobytes()
    print("all of them")


@pytest.mark.slow
@pytest.mark.timeout(300)  # alone, on an empty cache, it compiles every kernel
@pytest.mark.skipif(sys.platform == "win32", reason="pages are guarded otherwise there")
def test_nothing_outside_is_read_or_written_and_the_image_stays():
    done = in_another_process("run_between_guards()")
    assert done.stdout.splitlines()[-1:] == ["all of them"], (done.stdout[-60:], done.stderr)


def in_another_process(call):
    """A page that is touched ends the process, not the tests."""
    here = Path(__file__)
    paths = [str(here.parent), str(Path(pixelmill_kernels.__file__).parents[1])]
    code = f"import sys; sys.path[:0] = {paths}; import {here.stem} as here; here.{call}"
    command = [sys.executable, "-X", "faulthandler", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# What is compiled


def dispatchers():
    found = {}
    for name, module in modules(private=True).items():
        for key, value in vars(module).items():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module.__name__:
                found[f"{name}.{key}"] = value
    return found


def test_kernels_run_without_the_interpreters_lock_and_never_reorder_a_sum():
    options = {name: found.targetoptions for name, found in dispatchers().items()}
    assert len(options) > 100
    for name, told in options.items():
        assert told["nogil"], name
        assert not told.get("fastmath"), name
        assert not told.get("parallel"), name
        assert told["error_model"] == "numpy", name


def test_what_was_compiled_can_be_called_from_other_jitted_code():
    for name in KERNELS:
        ran(name, next(cases(name, [(13, 31)])))
    asked = 0
    for name, found in dispatchers().items():
        for signature in found.nopython_signatures:
            template, _, args, _ = found.get_call_template(signature.args, {})
            assert template, name
            assert tuple(args) == signature.args, name
            asked += 1
    assert asked > 50


@every_kernel
def test_threads_side_by_side_get_the_same_bytes(name):
    image = next(cases(name, [(33, 67)]))
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: content(ran(name, image)), range(8)))
    assert set(results) == {content(ran(name, image))}
