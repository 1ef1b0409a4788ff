import pytest

from pixelmill_kernels.warmup import KERNELS, USUAL, warmup


@pytest.mark.slow
def test_every_kernel_is_reported_once_as_it_is_done():
    told = []
    done = warmup(KERNELS, tell=told.append)
    assert [warmed.kernel for warmed in done] == list(KERNELS)
    assert told == done


def test_a_second_time_compiles_nothing():
    warmup()
    assert [(w.kernel, w.compiled) for w in warmup()] == [(name, False) for name in USUAL]


def test_an_unknown_kernel_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"kernel must be one of resize, .*got 'sharpen'"):
        warmup(["sharpen"])
