"""RandAugment, TrivialAugment and AugMix: the papers' tables, draws that are the key's, maps."""

from collections import Counter

import numpy as np
import pytest

from pixelmill.errors import TransformError
from pixelmill.geometry import Affine
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms import aug_mix, operations, rand_augment, trivial_augment
from pixelmill.transforms.aug_mix import AugMix, shares
from pixelmill.transforms.operations import operate
from pixelmill.transforms.rand_augment import RandAugment
from pixelmill.transforms.trivial_augment import TrivialAugment

POLICIES = [RandAugment(), RandAugment(3, 30), TrivialAugment(), AugMix(), AugMix(10, 2, 4)]


def sample(key="a", seed=0, dtype=np.uint8):
    image = np.random.default_rng(3).integers(0, 256, (40, 56, 3)).astype(dtype)
    return Sample(key, image=image, size=(40, 56), random=Randomness(seed, key))


def test_every_operation_of_a_table_is_there_and_none_is_left_out():
    used = set()
    for policy in (rand_augment, trivial_augment, aug_mix):
        assert set(policy.TABLE) <= set(operations.NAMES)
        used |= set(policy.TABLE)
    assert used == set(operations.NAMES)
    assert len(rand_augment.TABLE) == len(trivial_augment.TABLE) == 14


@pytest.mark.parametrize(
    ("table", "name", "level", "amount"),
    [
        (rand_augment.TABLE, "rotate", 1, 30),
        (rand_augment.TABLE, "shear_x", 9 / 30, 0.09),
        (rand_augment.TABLE, "translate_y", 1, 0.4532),
        (rand_augment.TABLE, "posterize", 1, 4),
        (rand_augment.TABLE, "solarize", 0, 256),
        (rand_augment.TABLE, "brightness", 1, 0.9),
        (trivial_augment.TABLE, "rotate", 1, 135),
        (trivial_augment.TABLE, "shear_y", 1, 0.99),
        (trivial_augment.TABLE, "posterize", 1, 2),
        (trivial_augment.TABLE, "translate_x", 1, 0.1429),
        (aug_mix.TABLE, "rotate", 0.3, 9),
        (aug_mix.TABLE, "posterize", 0.5, 2),
    ],
)
def test_magnitudes_are_those_of_the_papers(table, name, level, amount):
    assert table[name].at(level, 1) == pytest.approx(amount, abs=1e-4)
    assert table[name].at(level, -1) == pytest.approx(
        -amount if table[name].signed else amount, abs=1e-4
    )


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_what_is_done_depends_on_the_key_and_the_seed_alone(policy):
    first, again = (policy(sample()).pixels for _ in range(2))
    np.testing.assert_array_equal(first, again)
    seen = {policy(sample(key, seed)).pixels.tobytes() for key in "abcdef" for seed in (0, 1)}
    assert len(seen) >= 7  # identity, autocontrast and the like may coincide


def test_operations_are_drawn_evenly(monkeypatch):
    drawn = Counter()

    def noted(sample, name, *_):
        drawn[name] += 1
        return sample

    monkeypatch.setattr(trivial_augment, "operate", noted)
    for number in range(2800):
        TrivialAugment()(sample(str(number)))
    assert drawn.keys() == trivial_augment.TABLE.keys()
    # chi-squared of 13 degrees of freedom: above 34.5 once in a thousand; the keys are fixed
    assert sum((count - 200) ** 2 / 200 for count in drawn.values()) < 34.5


@pytest.mark.parametrize(
    ("name", "amount"),
    [("rotate", 20.0), ("shear_x", 0.2), ("shear_y", -0.2), ("translate_x", 0.1),
     ("translate_y", -0.2)],
)  # fmt: skip
def test_what_moves_pixels_says_where_they_went(name, amount):
    image = np.zeros((60, 84, 3), np.uint8)
    image[24:32, 36:44] = 255
    there = operate(
        Sample("a", image=image, size=(60, 84)), name, amount, fill=0, filter="bilinear"
    )
    weight = there.pixels[..., 0].astype(float)
    ys, xs = np.mgrid[:60, :84] + 0.5
    centre = (xs * weight).sum() / weight.sum(), (ys * weight).sum() / weight.sum()
    assert centre == pytest.approx(there.moved_by(40.0, 28.0), abs=0.1)
    assert there.moved_by != Affine()


def test_aug_mix_mixes_its_chains_with_the_image(monkeypatch):
    """With every operation turned into white, each pixel is a mean of the image and of white."""

    def white(sample, *_):
        return sample.with_image(np.full_like(sample.pixels, 255))

    monkeypatch.setattr(aug_mix, "operate", white)
    before = sample()
    share = Randomness(0, "a").uniform()
    expected = (1 - share) * before.pixels.astype(float) + share * 255
    after = AugMix()(before)
    assert np.abs(after.pixels - expected).max() <= 0.5 + 1e-3
    assert after.moved_by == before.moved_by


def test_shares_are_uniform_splits_of_one():
    many = np.array([shares(3, Randomness(0, str(n))) for n in range(3000)])
    np.testing.assert_allclose(many.sum(axis=1), 1)
    assert many.min() >= 0
    # Dirichlet(1, 1, 1): mean 1/3, variance 1/18; three standard errors
    np.testing.assert_allclose(many.mean(axis=0), 1 / 3, atol=0.013)
    np.testing.assert_allclose(many.var(axis=0), 1 / 18, atol=0.005)


@pytest.mark.parametrize("policy", [RandAugment(8, 9), AugMix()], ids=repr)
def test_sixteen_bits_are_refused_with_the_mend(policy):
    with pytest.raises(TransformError, match="takes 8"):
        policy(sample("b", dtype=np.uint16))


@pytest.mark.parametrize(
    "make",
    [
        lambda: RandAugment(0),
        lambda: RandAugment(magnitude=31),
        lambda: AugMix(severity=0),
        lambda: AugMix(severity=11),
        lambda: AugMix(width=0),
        lambda: AugMix(depth=0),
    ],
)
def test_options_that_make_no_sense_are_refused(make):
    with pytest.raises(ValueError, match="must be"):
        make()
