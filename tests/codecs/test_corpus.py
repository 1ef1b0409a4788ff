import time

import numpy as np
import pytest

from pixelmill.codecs import decode, peek
from pixelmill.codecs.options import Decode
from pixelmill.errors import SampleError
from pixelmill_kernels.lookup import lookup
from pixelmill_kernels.window import window

# Low, so that the test is about odd files and not about large ones.
SMALL = 4_000_000


@pytest.mark.corpus
@pytest.mark.parametrize(
    "options",
    [
        Decode(max_pixels=SMALL),
        Decode(color="gray", orientation="ignore", animation="refuse", max_pixels=SMALL),
        Decode(color="keep", icc="srgb", max_pixels=SMALL),
    ],
    ids=["rgb", "gray", "keep"],
)
def test_every_odd_file_is_decoded_or_refused_in_a_sentence(corpus, options):
    # Warnings are errors in this suite, so one that leaked would fail here too.
    # What the first DICOM waits for, kernels that are compiled, is no fault of that file.
    lookup(window(np.zeros((4, 4, 1), np.uint16), 1, 2), np.arange(4, dtype=np.uint8))
    decoded, said = 0, set()
    for path in corpus:
        data, start = path.read_bytes(), time.perf_counter()
        try:
            image = decode(data, options).image
        except SampleError as error:
            said.add(str(error))
        else:
            decoded += 1
            header = peek(data)
            channels = {"rgb": 3, "gray": 1, "keep": header.channels}[options.color]
            assert image.shape == (*header.displayed(options), channels), path
            assert image.dtype == np.uint8 or (image.dtype == np.uint16 and header.bits == 16), path
            assert image.flags.c_contiguous, path
        assert time.perf_counter() - start < 5, path  # seconds; the slowest takes about 0.1
    assert decoded > 500
    assert all(len(sentence) > 20 and "\n" not in sentence for sentence in said)
