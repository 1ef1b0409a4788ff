"""Whatever a kernel is given: it answers, or says what is wrong by ValueError or TypeError."""

import importlib
import inspect
import pkgutil
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pixelmill_kernels

# What other modules are made of: decorators, generators and pieces that jitted code alone calls.
NOT_FOR_USERS = {"compiling", "filters", "networks", "operators", "rng", "simd", "warmup"}
# Called by other modules of the package, with what these have checked.
INNER = {
    *("equalize.histograms", "grayscale.mean_gray", "lookup.looked_up"),
    *("resize.checked", "resize.scale", "resize.shrink", "resize.whole_factor"),
}
ARRAYS = {"a", "image", "images"}


def public_kernels():
    for module in pkgutil.iter_modules(pixelmill_kernels.__path__):
        if module.name.startswith("_") or module.name in NOT_FOR_USERS:
            continue
        loaded = importlib.import_module(f"pixelmill_kernels.{module.name}")
        for name, function in vars(loaded).items():
            own = inspect.isfunction(function) and function.__module__ == loaded.__name__
            for_users = not name.startswith("_") and f"{module.name}.{name}" not in INNER
            if own and for_users and first_of(function) in ARRAYS:
                yield pytest.param(function, id=f"{module.name}.{name}")


def first_of(function):
    return next(iter(inspect.signature(function).parameters), "")


KERNELS = [*public_kernels()]
RIGHT = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)

wrong_images = st.sampled_from(
    [
        None,
        "image",
        b"bytes",
        [[1, 2], [3, 4]],
        7,
        np.uint8(7),
        np.zeros((), np.uint8),
        np.zeros(0, np.uint8),
        np.zeros((0, 3, 3), np.uint8),
        np.zeros((3, 0, 3), np.uint8),
        np.zeros((2, 3, 0), np.uint8),
        np.zeros((2, 3, 99), np.uint8),
        np.zeros((2, 2, 3, 3), np.uint8),
        np.zeros((2, 3, 3), np.complex64),
        np.zeros((2, 3, 3), object),
        np.zeros((2, 3, 3), "U1"),
        np.zeros((2, 3, 3), "M8[s]"),
        np.zeros((2, 3, 3), np.float16),
        np.zeros((2, 3, 3), ">u2"),
        np.zeros((2, 3, 3), bool),
        np.zeros((2, 3, 3), np.int64),
        np.zeros((2, 3), "u1,u1,u1"),
        np.zeros((2, 6, 3), np.uint8)[:, ::2],
        np.zeros((2, 3, 3), np.uint8, "F"),
    ]
)
senseless = st.sampled_from(
    [
        *(None, "", "nonsense", b"x", [], {}, (), (1, 2), (1, 2, 3, 4), object()),
        *(True, -1, 0, 1, 2, 3, 7.5, 1 << 40, -(1 << 70), float("nan"), float("inf"), 1j),
        *(np.zeros((2, 3, 3), np.uint8), np.zeros(3), np.float32(0.5), np.int8(-3)),
    ]
)


def called(data, function, first):
    arguments = {}
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        if not position:
            arguments[parameter.name] = first
        elif parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        elif parameter.default is parameter.empty or data.draw(st.booleans()):
            arguments[parameter.name] = data.draw(senseless, label=parameter.name)
    with suppress(ValueError, TypeError):
        function(**arguments)


SETTINGS = {"deadline": None, "derandomize": True, "database": None}


@pytest.mark.parametrize("function", KERNELS)
@settings(max_examples=25, **SETTINGS)
@given(data=st.data())
def test_a_wrong_image_is_a_type_error_or_a_value_error(function, data):
    called(data, function, data.draw(wrong_images, label="image"))


@pytest.mark.slow
@pytest.mark.parametrize("function", KERNELS)
@settings(max_examples=20, **SETTINGS)
@given(data=st.data())
def test_a_senseless_option_is_a_type_error_or_a_value_error(function, data):
    called(data, function, RIGHT.copy())
