"""Steps made one give what they give one by one: bytes, map, size, and the draws of each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill.errors import TransformError
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.center_crop import CenterCrop
from pixelmill.transforms.denoise import Denoise
from pixelmill.transforms.flip import Flip
from pixelmill.transforms.fuse import Fused, fused
from pixelmill.transforms.normalize import Normalize
from pixelmill.transforms.random_resized_crop import RandomResizedCrop
from pixelmill.transforms.resize import Resize

FILTERS = ("nearest", "box", "bilinear", "bicubic", "lanczos")

filters = st.sampled_from(FILTERS)
steps = st.one_of(
    st.builds(Resize, st.integers(20, 40), filter=filters, antialias=st.booleans()),
    st.builds(Resize, st.just((20, 40)), st.sampled_from(["exact", "fit", "pad"])),
    st.builds(RandomResizedCrop, st.tuples(st.integers(9, 30), st.integers(9, 30)), filter=filters),
    st.builds(CenterCrop, st.tuples(st.integers(3, 9), st.integers(3, 9))),
    st.builds(Flip, st.sampled_from(["horizontal", "vertical"]), st.sampled_from([0.0, 0.5, 1.0])),
    st.just(Normalize("unit")),
    st.just(Normalize(mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.1))),
    st.just(Denoise()),
)
# most lists that are drawn at random hold no neighbours that can be made one
lists = st.one_of(
    st.lists(steps, max_size=6),
    st.tuples(
        st.one_of(st.builds(Resize, st.integers(20, 40), filter=filters),
                  st.builds(RandomResizedCrop, st.integers(9, 40))),
        st.builds(CenterCrop, st.integers(3, 9)),
        st.builds(Flip, st.just("horizontal"), st.sampled_from([0.0, 0.5, 1.0])),
        st.just(Normalize()),
    ).flatmap(lambda four: st.lists(st.booleans(), min_size=4, max_size=4).map(
        lambda kept: [step for step, keep in zip(four, kept, strict=True) if keep]
    )),
)  # fmt: skip


def photograph(height, width, key="a", dtype=np.uint8):
    rng = np.random.default_rng(height * 100 + width)
    image = rng.integers(0, np.iinfo(dtype).max + 1, (height, width, 3), dtype)
    return Sample(key, image=image, size=(height, width), random=Randomness(3, key))


def through(named, sample):
    """As a journey does it."""
    for name, step in named:
        sample.random.step(name)
        sample = step(sample)
    return sample


def outcome(named, height, width, key):
    """Whatever can be seen of what became of a sample, or the error's words."""
    try:
        sample = through(named, photograph(height, width, key))
    except TransformError as error:
        return str(error)
    sample.random.step("next")  # a step that comes after draws the same
    pixels = sample.pixels
    return (
        (pixels.dtype, pixels.shape, pixels.tobytes()),
        (sample.moved_by, sample.size, sample.touched),
        sample.random.uniform(),
    )


def runnable(found):
    """Normalize only ends a list, and nothing that takes levels alone comes after it."""
    floats = [isinstance(step, Normalize) for step in found]
    return sum(floats) <= 1 and not any(floats[:-1])


@settings(max_examples=150, deadline=None)
@given(lists.filter(runnable), st.integers(12, 45), st.integers(12, 45), st.sampled_from("abcd"))
def test_any_list_of_steps_gives_the_same_fused_and_one_by_one(found, height, width, key):
    named = [(f"transforms[{i}]", step) for i, step in enumerate(found)]
    assert outcome(fused(named), height, width, key) == outcome(named, height, width, key)


@pytest.mark.parametrize("layout", ["hwc", "chw"])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16], ids=lambda kind: kind.__name__)
def test_floats_are_made_as_the_output_writes_them(layout, dtype, kind):
    named = [("r", Resize(30)), ("c", CenterCrop(24)), ("f", Flip()), ("n", Normalize())]
    expected = through(named, photograph(61, 47, dtype=kind)).pixels.astype(dtype)
    (together,) = fused(named, layout, dtype)
    got = through([together], photograph(61, 47, dtype=kind)).pixels
    assert got.dtype == dtype
    assert got.tobytes() == expected.tobytes()  # in the order of (height, width, channels)
    laid_out = got.transpose(2, 0, 1) if layout == "chw" else got
    assert laid_out.flags.c_contiguous


def test_what_float16_cannot_hold_is_left_to_the_encoder():
    named = [("r", Resize(30)), ("n", Normalize(mean=(0.5,), std=(1e-6,)))]
    (together,) = fused(named, "chw", "float16")
    assert through([together], photograph(61, 47)).pixels.dtype == np.float32


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ([Resize(9), CenterCrop(4), Flip(), Normalize()], 1),
        ([Resize(9), Normalize()], 1),
        ([RandomResizedCrop(9), Flip(), Normalize()], 1),
        ([Denoise(), Resize(9), Flip(), Denoise()], 3),
        ([Resize(9), Resize(8), Flip()], 2),
        ([Resize((9, 9), "pad"), CenterCrop(4)], 2),
        ([Resize(9), Flip("vertical")], 2),
        ([Flip(), Normalize()], 2),
        ([Resize(9), Flip(), CenterCrop(4)], 2),
        ([], 0),
    ],
    ids=lambda value: (
        "+".join(type(step).__name__ for step in value) if isinstance(value, list) else str(value)
    ),
)
def test_only_neighbours_in_the_kernels_own_order_are_made_one(found, left):
    named = [(str(i), step) for i, step in enumerate(found)]
    after = fused(named)
    assert len(after) == left
    kept = [part for _, step in after for part in getattr(step, "parts", ((None, step),))]
    assert [step for _, step in kept] == found


def test_decoding_may_only_scale_for_a_resize():
    resize, crop = ("a", Resize(64)), ("b", CenterCrop(9))
    ((_, first),) = fused([resize, crop])
    assert first.least((200, 300)) == (64, 96)
    ((_, second),) = fused([("a", RandomResizedCrop(64)), crop])
    assert second.least is None


def test_a_wrong_number_of_means_is_told_as_ever():
    gray = Sample("a", image=np.zeros((9, 9, 1), np.uint8), size=(9, 9))
    ((_, together),) = fused([("r", Resize(4)), ("n", Normalize())])
    with pytest.raises(TransformError, match="3 means for an image of 1 channels"):
        together(gray)


def test_a_step_that_changes_nothing_leaves_the_sample_alone():
    sample = photograph(32, 40)
    together = Fused((("r", Resize(32)), ("f", Flip(probability=0.0))))
    assert together(sample) is sample
