"""Which wheel decodes JPEG: simplejpeg against imagecodecs, on the same photographs, on one core.

    python -m bench.pipeline.decoders          (pip install imagecodecs, or it measures one alone)

Both bundle libjpeg-turbo and release the GIL.  The choice is simplejpeg's: it also decodes at 1/2,
1/4 and 1/8 scale, which is worth far more on large photographs, in a wheel of a tenth of the size.
"""

import os
import tempfile
from importlib import import_module
from statistics import median
from time import perf_counter

import numpy as np
import simplejpeg

from bench.pipeline.facts import save
from bench.pipeline.rivals import jpegs
from pixelmill.demo.samples import write_samples

ROUNDS = 7


def main() -> None:
    os.sched_setaffinity(0, {0})
    decoders = {"simplejpeg": simplejpeg.decode_jpeg}
    try:
        decoders["imagecodecs"] = import_module("imagecodecs").jpeg8_decode
    except ImportError:
        print("imagecodecs is not installed: pip install imagecodecs")
    with tempfile.TemporaryDirectory() as folder:
        images = list(jpegs(write_samples(folder, 500, 1)))
    for decode in decoders.values():
        for data in images[:50]:
            np.testing.assert_array_equal(
                np.squeeze(decode(data)), np.squeeze(simplejpeg.decode_jpeg(data))
            )
    times: dict[str, list[float]] = {name: [] for name in decoders}
    for _ in range(ROUNDS):
        for name, decode in decoders.items():
            start = perf_counter()
            for data in images:
                decode(data)
            times[name].append((perf_counter() - start) / len(images) * 1e3)
    figures = {name: round(median(found), 4) for name, found in times.items()}
    print(figures)
    save("pipeline-decoders", {"milliseconds_an_image": figures, "rounds": times})


if __name__ == "__main__":
    main()
