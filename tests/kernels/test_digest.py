import numpy as np
import pytest
import xxhash

from pixelmill_kernels.digest import _digests, pixel_digest


@pytest.mark.parametrize("seeds", [(0, 1), (2**64 - 1, 0x123456789ABCDEF0)])
def test_is_xxh64_for_every_length(rng, seeds):
    for length in (*range(100), 1000, 4097):
        data = rng.integers(0, 256, length, np.uint8)
        found = _digests(data, *map(np.uint64, seeds))
        assert found == tuple(xxhash.xxh64_intdigest(data.tobytes(), seed) for seed in seeds)


def by_the_definition(image):
    header = np.array([*image.shape, 8 * image.itemsize], "<u8").tobytes()
    seeds = (xxhash.xxh64_intdigest(header, seed) for seed in (0, 1))
    return "".join(xxhash.xxh64_hexdigest(image.tobytes(), seed) for seed in seeds)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32], ids=lambda d: d.__name__)
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 3), (17, 31, 4), (9, 8, 13)], ids=str)
def test_is_what_its_docstring_says(rng, shape, dtype):
    image = (rng.random(shape) * 250).astype(dtype)
    assert pixel_digest(image) == by_the_definition(image)


def test_digests_stay_what_they_were():
    image = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    found = [pixel_digest(image.astype(dtype)) for dtype in (np.uint8, np.uint16, np.float32)]
    assert found == [
        "d8bc956f5ea34a703b55d30609898e8c",
        "849683255ed77f58638487782f759dfe",
        "95b10376986303c19fed356cb765e7c0",
    ]


def test_size_dtype_and_every_pixel_count(rng):
    image = rng.integers(0, 256, (6, 8, 3), np.uint8)
    changed = image.copy()
    changed[5, 7, 2] ^= 1
    others = [
        image,
        changed,
        image.reshape(8, 6, 3),
        image.reshape(6, 24, 1),
        image.reshape(-1).view(np.uint16).reshape(6, 4, 3),
        np.ascontiguousarray(image[:, ::-1]),
    ]
    assert len({pixel_digest(other) for other in others}) == len(others)


def test_where_the_bytes_begin_does_not_matter(rng):
    room = rng.integers(0, 256, 3 * 5 * 7 + 8, np.uint8)
    image = room[3 : 3 + 3 * 5 * 7].reshape(5, 7, 3)
    assert pixel_digest(image) == pixel_digest(image.copy())
