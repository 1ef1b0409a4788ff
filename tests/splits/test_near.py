import numpy as np
import pytest

from pixelmill.splits.near import bands, near_pairs


@pytest.mark.parametrize("distance", [0, 1, 4, 8])
def test_finds_every_pair_on_two_sides_that_comparing_each_with_each_finds(rng, distance):
    hashes = rng.integers(0, 2**64, 200, np.uint64)
    for _ in range(distance):  # some are near to each other
        hashes[100:] ^= np.uint64(1) << rng.integers(0, 64, 100, np.uint64)
    hashes[150:] = hashes[:50] ^ (np.uint64(1) << np.uint64(3)) if distance else hashes[:50]
    sides = rng.integers(0, 3, 200).astype(np.uint8)
    pairs = [pair for some in near_pairs(hashes, sides, distance) for pair in some.tolist()]
    found = set(map(frozenset, pairs))
    expected = {
        frozenset((i, j))
        for i in range(200)
        for j in range(i)
        if (int(hashes[i]) ^ int(hashes[j])).bit_count() <= distance and sides[i] != sides[j]
    }
    assert found == expected
    assert found


@pytest.mark.parametrize("distance", range(17))
def test_bands_are_one_more_than_the_distance_and_cover_all_64_bits(distance):
    found = [*bands(distance)]
    assert len(found) == distance + 1
    assert [bit for start, width in found for bit in range(start, start + width)] == [*range(64)]
